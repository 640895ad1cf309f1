// The studio's form: counts, offers the languages of the model, follows the voice with one, speaks on Ctrl/Cmd-Enter.

function count() {
  const text = document.getElementById("id_text");
  if (!text) return;
  const line = document.querySelector(".counter");
  const length = text.value.trim().length;
  line.querySelector("[data-count]").textContent = length.toLocaleString("en");
  line.classList.toggle("over", length > Number(text.dataset.limit));
}
function speed() {
  const range = document.getElementById("id_speed");
  if (range) document.querySelector("[data-speed]").textContent = `${Number(range.value).toFixed(2)}×`;
}
// The list holds every language that is spoken here until a script narrows it to what the chosen model speaks.
let languages;
function model() {
  const chosen = document.querySelector("[name=model]:checked");
  const list = document.getElementById("id_language");
  if (!chosen || !list) return;
  for (const place of document.querySelectorAll("[data-model]")) place.textContent = chosen.dataset.title;
  document.querySelector("[data-fidelity-words]").textContent =
    chosen.dataset.fidelity === "approximate" ? "Approximate voice" : "Copies the voice";
  languages ??= [...list.options].map((option) => new Option(option.text, option.value));
  const spoken = chosen.dataset.languages.split(" ");
  const before = list.value;
  list.replaceChildren(...languages.filter((option) => spoken.includes(option.value)));
  if (spoken.includes(before)) list.value = before;
  else language();
}
function language() {
  const voice = document.getElementById("id_voice")?.selectedOptions[0]?.dataset.language;
  if (!voice) return;
  const list = document.getElementById("id_language");
  const codes = [...list.options].map((option) => option.value);
  const base = (code) => code.split("-")[0];
  list.value = [voice, ...codes.filter((code) => base(code) === base(voice)), codes[0]].find((code) => codes.includes(code));
}
function sample() {
  const link = document.querySelector("[data-of-voice]");
  const source = document.getElementById("id_voice")?.selectedOptions[0]?.dataset.sample;
  if (!link) return;
  link.hidden = !source;
  if (source) link.href = source;
}
function show() {
  sample();
  count();
  speed();
  model();
  if (/Mac|iPhone|iPad/.test(navigator.platform)) document.querySelectorAll("[data-mod]").forEach((key) => (key.textContent = "⌘"));
}

document.addEventListener("DOMContentLoaded", () => {
  show();
  if (!document.querySelector("#speak[data-has-language]")) language();
});
document.addEventListener("htmx:afterSettle", show);
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
  if (event.target.id === "id_voice") {
    language();
    sample();
  }
  if (event.target.name === "model") model();
});
document.addEventListener("keydown", (event) => {
  const form = document.getElementById("speak");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && form?.contains(event.target)) {
    event.preventDefault();
    form.requestSubmit();
  }
});
