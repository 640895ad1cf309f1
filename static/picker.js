// The voice picker: buttons in place of the studio's lists of voices, which stay behind them and hold what is chosen.

const buttons = () => [...document.querySelectorAll(".pick-voice")];
const listOf = (button) => button.parentElement.querySelector("select");
const dialog = () => document.getElementById("picker");
const search = () => document.getElementById("picker-search");
const rows = () => [...dialog().querySelectorAll("[role=row]")];
const KEY = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/; // of a voice, in the address of its face
const NO_SPEAKER = "-"; // chosen for a name that is read aloud
let opener; // the button whose voice is being chosen
let asked, shown; // words that voices were last asked for by, and those whose voices are shown
let isChosen = false; // Enter was pressed before the voices for what is typed were there: the first of them

// ---- the buttons

function dress(button) {
  const list = listOf(button);
  for (const [name, value] of [["tabindex", "-1"], ["aria-hidden", "true"]]) list.setAttribute(name, value);
  const option = list.selectedOptions[0];
  if (!option || button.dataset.shown === option.value) return;
  const face = button.querySelector(".face");
  button.dataset.shown = option.value;
  button.querySelector("[data-name]").textContent = option.text.trim();
  button.classList.toggle("unchosen", !option.value);
  face.hidden = !KEY.test(option.value); // nothing is chosen yet, or no speaker
  if (!face.hidden) face.src = face.src.replace(KEY, option.value);
}
const dressAll = () => buttons().forEach(dress);

// ---- the dialog

function openDialog(button) {
  opener = button;
  isChosen = false;
  shown = null;
  search().value = "";
  dialog().querySelector("[data-no-speaker]").hidden = ![...listOf(button).options].some(({ value }) => value === NO_SPEAKER);
  dialog().showModal();
  if (matchMedia("(pointer: coarse)").matches) dialog().querySelector("[data-close-picker]").focus(); // no keyboard comes up
  button.setAttribute("aria-expanded", "true");
  htmx.trigger(search(), "fetch");
}
function choose(voice, name) {
  const list = listOf(opener);
  if (![...list.options].some((option) => option.value === voice)) list.add(new Option(name, voice)); // made since
  list.value = voice;
  dialog().close();
  list.dispatchEvent(new Event("change", { bubbles: true }));
}
const chooseRow = (row) => choose(row.dataset.voice, row.dataset.name);

// The focus stays in the field; what it is on in the grid is its active descendant, one of the three cells of a row.
const active = () => document.getElementById(search().getAttribute("aria-activedescendant"));
function activate(cell) {
  active()?.classList.remove("active");
  for (const row of rows()) row.classList.toggle("active", row.contains(cell ?? null));
  search().setAttribute("aria-activedescendant", cell?.id ?? "");
  cell?.classList.add("active");
  cell?.closest("[role=row]").scrollIntoView({ block: "nearest" });
}
function move(steps) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(active()?.closest("[role=row]"));
  const to = Number.isFinite(steps) ? (at + steps + all.length) % all.length : steps > 0 ? all.length - 1 : 0;
  const column = active() ? [...active().parentElement.children].indexOf(active()) : 0;
  activate(all[to].children[column]);
}
function aside(next) {
  const to = next ? active()?.nextElementSibling : active()?.previousElementSibling;
  if (to) activate(to);
  return Boolean(to);
}
function press(cell) {
  const control = cell.querySelector("a, button");
  if (control) control.click();
  else chooseRow(cell.parentElement);
}
const KEYS = {
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  Home: (event) => event.ctrlKey || !search().value ? move(-Infinity) : false,
  End: (event) => event.ctrlKey || !search().value ? move(Infinity) : false,
  ArrowRight: () => search().selectionEnd === search().value.length && aside(true),
  ArrowLeft: () => aside(false),
  Enter: () => (search().value !== shown ? (isChosen = true) : active() && press(active())),
};
document.addEventListener("keydown", (event) => {
  if (event.target === search()) {
    const act = event.isComposing ? undefined : KEYS[event.key];
    if (act && act(event) !== false) event.preventDefault();
  } else if (event.target.matches(".pick-voice") && ["ArrowDown", "ArrowUp"].includes(event.key)) {
    event.preventDefault();
    openDialog(event.target);
  }
});

document.addEventListener("htmx:configRequest", ({ target }) => {
  if (target === search()) asked = target.value;
});
document.addEventListener("click", (event) => {
  const on = (selector) => event.target.closest(selector);
  if (on(".pick-voice")) openDialog(on(".pick-voice"));
  else if (on("[data-close-picker]") || event.target === dialog()) dialog().close();
  else if (on("[data-pick]")) chooseRow(on("[role=row]"));
  else if (on("[data-no-speaker]")) choose(NO_SPEAKER);
});
document.addEventListener("mousedown", (event) => {
  if (event.target.closest("#picker-voices")) event.preventDefault(); // which would take the focus from the field
});
document.addEventListener("close", ({ target }) => target === dialog() && opener.setAttribute("aria-expanded", "false"), true);
document.addEventListener("htmx:afterSwap", ({ target }) => {
  if (target.id !== "picker-voices") return;
  const chosen = rows().find((row) => row.dataset.voice === listOf(opener).value);
  for (const row of rows()) row.setAttribute("aria-selected", row === chosen);
  const first = search().value ? rows()[0] : (chosen ?? rows()[0]);
  activate(first?.children[0]);
  shown = asked;
  if (isChosen && first && shown === search().value) return chooseRow(first);
  const found = dialog().querySelector("[data-found]");
  const { one, words: several } = found.dataset;
  found.textContent = rows().length === 1 ? one : fill(several, { n: inWords(rows().length) });
});

// The label and the keys of a browser lead to the list, which nobody sees.
const buttonOf = (target) => target.matches("select") && target.parentElement.querySelector(".pick-voice");
document.addEventListener("focusin", ({ target }) => buttonOf(target) && buttonOf(target).focus());
document.addEventListener("change", ({ target }) => buttonOf(target) && dress(buttonOf(target)));
for (const name of ["filled", "htmx:load"]) document.addEventListener(name, dressAll);
dressAll();
