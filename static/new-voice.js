// The page of a new voice: the text to read in the chosen language, a name from the recording's file, and buttons beside
// advice that lead to another place of the page.

const passages = () => [...document.querySelectorAll("[data-passage]")];
const language = () => document.getElementById("id_language");

function showPassage(next = 0) {
  const all = passages();
  const own = all.filter(({ lang }) => lang === language().value);
  const at = own.findIndex((one) => !one.hidden);
  for (const passage of all) passage.hidden = passage !== own[next ? (at + next) % own.length : Math.max(at, 0)];
}
document.addEventListener("input", ({ target }) => passages().length && target === language() && showPassage());
document.addEventListener("click", ({ target }) => {
  if (!target.closest("[data-another-text]")) return;
  showPassage(1);
  document.getElementById("announcer").textContent = passages().find((one) => !one.hidden)?.textContent ?? "";
});

// Without a recording there is nothing yet to be said of its language, and no part of the page to show it in.
document.addEventListener(
  "change",
  (event) => passages().length && event.target === language() && !document.querySelector("[data-clip]") && event.stopPropagation(),
  true,
);

// A name that somebody wrote stays; one that came of a recording goes with it.
let suggested = "";
function begin() {
  if (passages().length) showPassage(); // a browser that goes back keeps the choice
  const name = document.getElementById("id_name");
  const taken = document.querySelector("[data-name]");
  if (!name || !taken || taken.dataset.name === suggested) return;
  if (["", suggested].includes(name.value.trim())) name.value = taken.dataset.name;
  suggested = taken.dataset.name;
}
begin();
htmx.onLoad(begin);
document.addEventListener("page-left", () => (suggested = ""));

document.addEventListener("click", ({ target }) => {
  if (!target.closest("[data-record-again]")) return;
  const record = document.querySelector("[data-record]");
  const one = record.checkVisibility() ? record : document.getElementById("id_recording");
  one.focus({ preventScroll: true });
  document.querySelector("[data-drop]").scrollIntoView({ block: "nearest" });
});
