// How a text will be read: a marked part, or a word that is selected, is said differently; one button switches the language.

const written = () => document.getElementById("id_text");
const dialog = () => document.getElementById("say");
const field = (name) => document.getElementById(`say_${name}`);

function askHowToSay(word, said) {
  for (const error of dialog().querySelectorAll(".error")) error.remove();
  for (const marked of dialog().querySelectorAll(".has-error")) marked.classList.remove("has-error");
  field("word").value = word;
  field("said").value = said;
  field("language").value = document.getElementById("id_language").value.split("-")[0]; // whatever the accent
  dialog().querySelector("[data-no-ipa]").hidden = !document.querySelector("[data-no-phonemes]");
  dialog().showModal();
  field("said").select();
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

function close() {
  dialog().close();
  written().focus(); // the mark that was pressed goes away
}

function onlyInThisText() {
  const [word, said] = [field("word"), field("said")];
  word.setCustomValidity("");
  if (!word.form.reportValidity()) return;
  if (sayInThisText(word.value.trim(), said.value)) close();
  else {
    word.setCustomValidity(dialog().dataset.absent);
    word.reportValidity();
  }
}

document.addEventListener("click", (event) => {
  const on = (selector) => event.target.closest(selector);
  if (on("[data-switch]")) {
    const list = document.getElementById("id_language");
    list.value = on("[data-switch]").dataset.switch;
    list.dispatchEvent(new Event("change", { bubbles: true }));
    list.focus(); // the button goes away
  } else if (on("#reading mark[role=button]")) askHowToSay(on("mark").dataset.word, on("mark").dataset.said);
  else if (on("[data-say]")) askHowToSay(on("[data-say]").dataset.say, "");
  else if (on("[data-here]")) onlyInThisText();
  else if (on("#say [data-close]")) dialog().close();
});
document.addEventListener("keydown", (event) => {
  if (!event.target.matches("#reading mark[role=button]") || !["Enter", " "].includes(event.key)) return;
  event.preventDefault();
  event.target.click();
});
document.addEventListener("input", (event) => {
  if (event.target.id === "say_word") event.target.setCustomValidity("");
});
document.addEventListener("pronounced", () => {
  close();
  htmx.trigger("#reading", "refresh");
});

// A selected word stays offered while the button itself has the focus.
document.addEventListener("selectionchange", () => {
  const button = document.querySelector("[data-say]");
  if (!button || document.activeElement === button) return;
  const word = selected();
  button.hidden = !word;
  button.dataset.say = button.querySelector("span").textContent = word;
});
