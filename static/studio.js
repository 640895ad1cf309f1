// The studio's form: counts, follows the voice with the language, and speaks on Ctrl/Cmd-Enter.

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
function language() {
  const voice = document.getElementById("id_voice");
  const spoken = voice?.selectedOptions[0]?.dataset.language;
  if (spoken) document.getElementById("id_language").value = spoken;
}
function show() {
  count();
  speed();
  if (/Mac|iPhone|iPad/.test(navigator.platform)) document.querySelectorAll("[data-mod]").forEach((key) => (key.textContent = "⌘"));
}

document.addEventListener("DOMContentLoaded", () => {
  show();
  if (!new URLSearchParams(location.search).has("again")) language();
});
document.addEventListener("htmx:afterSettle", show);
document.addEventListener("input", (event) => {
  if (event.target.id === "id_text") count();
  if (event.target.id === "id_speed") speed();
});
document.addEventListener("change", (event) => {
  if (event.target.id === "id_voice") language();
});
document.addEventListener("keydown", (event) => {
  const form = document.getElementById("speak");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && form?.contains(event.target)) {
    event.preventDefault();
    form.requestSubmit();
  }
});
