// The studio's form: counts, offers the languages of the model, follows the voice with one, and has keys of its own.

const byId = (id) => document.getElementById(id);
const isApple = /Mac|iPhone|iPad/.test(navigator.platform);

function count() {
  const text = byId("id_text");
  const line = document.querySelector("#speak .counter");
  if (!text || !line) return;
  const length = text.value.trim().length;
  line.querySelector("[data-count]").textContent = inWords(length);
  line.classList.toggle("over", length > Number(text.dataset.limit));
  document.querySelector("[name=example]").hidden = Boolean(length);
}
function speed() {
  document.querySelector("[data-speed]").textContent = `${decimal(Number(byId("id_speed").value), 2)}×`;
}
// The list holds every language that is spoken here until this narrows it to what the chosen model speaks.
const languages = new WeakMap(); // by list
function model() {
  const chosen = document.querySelector("[name=model]:checked");
  const list = byId("id_language");
  if (!chosen || !list) return;
  for (const place of document.querySelectorAll("[data-model]")) place.textContent = chosen.dataset.title;
  if (!languages.has(list)) languages.set(list, [...list.options].map((option) => new Option(option.text, option.value)));
  const spoken = chosen.dataset.languages.split(" ");
  const before = list.value;
  list.replaceChildren(...languages.get(list).filter((option) => spoken.includes(option.value)));
  if (spoken.includes(before)) list.value = before;
  else language();
}
const voice = () => byId("id_voice")?.selectedOptions[0];
function language() {
  const spoken = voice()?.dataset.language;
  const list = byId("id_language");
  if (!spoken || !list) return;
  const codes = [...list.options].map((option) => option.value);
  const base = (code) => code.split("-")[0];
  list.value = [spoken, ...codes.filter((code) => base(code) === base(spoken)), codes[0]].find((code) => codes.includes(code));
}
function fidelity() {
  const place = document.querySelector("[data-fidelity-words]");
  const model = document.querySelector("[name=model]:checked") ?? place;
  if (!place) return;
  const isBuiltin = voice() && "builtin" in voice().dataset;
  place.textContent = isBuiltin ? place.dataset.builtin : place.dataset.copies;
  place.hidden = !isBuiltin && model.dataset.fidelity === "approximate";
  place.nextElementSibling.hidden = !place.hidden;
}
function sample() {
  const link = document.querySelector("[data-of-voice]");
  const source = voice()?.dataset.sample;
  link.hidden = !source;
  if (source) link.href = source;
}
function show() {
  if (!byId("speak")) return;
  sample();
  count();
  speed();
  model();
  fidelity();
  if (isApple) document.querySelectorAll("[data-mod]").forEach((key) => (key.textContent = "⌘"));
}

function begin() {
  const form = document.querySelector("#speak:not([data-begun])");
  if (!form) return;
  form.dataset.begun = "";
  show();
  if (!("hasLanguage" in form.dataset)) language();
}
for (const name of ["filled", "htmx:afterSettle"]) document.addEventListener(name, show);
document.addEventListener("htmx:load", begin);
begin();

// A preview that comes after the form was shown anew would take the voices of a dialogue along, out of the page.
document.addEventListener("htmx:beforeSwap", ({ target }) => {
  if (target.id !== "speak") return;
  for (const asks of target.querySelectorAll("#reading, #reading [hx-post]")) htmx.trigger(asks, "htmx:abort");
});
document.addEventListener("input", (event) => {
  if (event.target.id === "id_text") count();
  if (event.target.id === "id_speed") speed();
});
document.addEventListener("change", (event) => {
  if (!byId("speak")) return;
  if (event.target.id === "id_voice") {
    language();
    sample();
  }
  if (event.target.name === "model") model();
  fidelity();
});

// ---- keys: with Ctrl or ⌘ from anywhere in the studio; single ones while nothing is being written

const openPicker = () => byId("pick-voice").click(); // see picker.js
const openKeys = () => byId("keys").showModal();
function openSettings() {
  const folds = [...document.querySelectorAll(".folds > details")];
  const isOpen = folds.every((fold) => fold.open);
  for (const fold of folds) fold.open = !isOpen;
  folds[0].querySelector("summary").focus();
}
const WITH_MOD = { Enter: () => byId("speak").requestSubmit(byId("speak-it")), k: openPicker };
const SINGLE = { "/": openPicker, "?": openKeys, t: () => byId("id_text").focus(), s: openSettings };
document.addEventListener("keydown", (event) => {
  if (!byId("speak") || event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
  const isWriting = event.target.matches("input:not([type=checkbox], [type=radio], [type=range]), select, textarea, [contenteditable]");
  const mod = event.ctrlKey || event.metaKey;
  const act = mod ? WITH_MOD[event.key] : !isWriting && !event.altKey && SINGLE[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-keys]")) openKeys();
  else if (target.closest("[data-close-keys]") || target === byId("keys")) byId("keys").close();
});
