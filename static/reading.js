// How a text will be read: a marked part, or a word that is selected, is said differently; one button switches the language.

const written = () => document.getElementById("id_text");
const dialog = () => document.getElementById("say");

function askHowToSay(word, said) {
  document.getElementById("say-word").value = word;
  document.getElementById("say-said").value = said;
  document.querySelector("[data-ipa]").hidden = !document.querySelector("[data-takes-ipa]");
  dialog().returnValue = "";
  dialog().showModal();
  document.getElementById("say-said").select();
}

// What is selected in the text, if it is a word or a few.
function selected() {
  const text = written();
  if (!text || document.activeElement !== text) return "";
  const part = text.value.slice(text.selectionStart, text.selectionEnd).trim();
  return part.length <= 60 && !/[\n{}|]/.test(part) ? part : "";
}

// Writes {word|said} wherever the word stands in the text, unless it does there already. Returns whether it stood anywhere.
function sayInThisText(word, said) {
  const text = written();
  const literal = word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const places = new RegExp(`\\{[^{}]*\\}|(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])`, "gu");
  const mark = `{${word}|${said.replace(/[{}|]/g, " ").trim()}}`;
  const changed = text.value.replace(places, (place) => (place === word ? mark : place));
  if (changed === text.value) return false;
  text.setRangeText(changed, 0, text.value.length, "end");
  text.dispatchEvent(new Event("input", { bubbles: true }));
  return true;
}

document.addEventListener("click", (event) => {
  const language = event.target.closest("[data-switch]")?.dataset.switch;
  const mark = event.target.closest("mark[role=button]");
  if (language) {
    const list = document.getElementById("id_language");
    list.value = language;
    list.dispatchEvent(new Event("change", { bubbles: true }));
    list.focus(); // the button goes away
  } else if (mark) askHowToSay(mark.dataset.word, mark.dataset.said);
  else if (event.target.closest("[data-say]")) askHowToSay(event.target.closest("[data-say]").dataset.say, "");
});
document.addEventListener("keydown", (event) => {
  if (!event.target.matches("mark[role=button]") || !["Enter", " "].includes(event.key)) return;
  event.preventDefault();
  event.target.click();
});

// A selected word stays offered while the button itself has the focus.
document.addEventListener("selectionchange", () => {
  const button = document.querySelector("[data-say]");
  if (!button || document.activeElement === button) return;
  const word = selected();
  button.hidden = !word;
  button.dataset.say = button.querySelector("span").textContent = word;
});

document.addEventListener("submit", (event) => {
  if (event.target.parentElement !== dialog()) return;
  const word = document.getElementById("say-word");
  const said = document.getElementById("say-said").value.trim();
  if (event.submitter.value !== "here" || sayInThisText(word.value.trim(), said)) return;
  event.preventDefault();
  word.setCustomValidity("The text does not have this word.");
  word.reportValidity();
});
document.addEventListener("input", (event) => {
  if (event.target.id === "say-word") event.target.setCustomValidity("");
});
