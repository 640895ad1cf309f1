// The transcript in its editor: put there when it was written down, never over what a person wrote; and its words,
// each played when it is pressed.

document.addEventListener("DOMContentLoaded", () => {
  const editor = document.querySelector("[data-transcript-editor]");
  const language = document.getElementById("id_language");
  const clipOf = () => document.querySelector("[data-transcript]");
  const written = new Map(); // what a person wrote, by clip
  let clip = clipOf()?.dataset.clip;
  let given = clipOf()?.dataset.transcript ?? editor.value;
  let isChosen = false; // the language, by a person
  if (editor.value === "") given = "";

  const put = (text) => {
    editor.value = given = text;
    editor.dispatchEvent(new Event("input"));
  };

  document.addEventListener("htmx:load", () => {
    const source = clipOf();
    if (!source) return;
    const isWritten = editor.value !== given;
    if (clip === source.dataset.clip) {
      if (!isWritten) put(source.dataset.transcript);
    } else {
      if (clip && isWritten) written.set(clip, editor.value);
      const first = !clip;
      clip = source.dataset.clip;
      if (written.has(clip)) {
        given = source.dataset.transcript;
        editor.value = written.get(clip);
      } else if (!(first && isWritten)) put(source.dataset.transcript);
    }
    const heard = source.dataset.language;
    if (heard && !isChosen && [...language.options].some((option) => option.value === heard)) language.value = heard;
    words();
  });

  // Without a recording there is nothing yet to be said of its language.
  language.addEventListener("change", () => (isChosen = true));
  document.addEventListener("htmx:confirm", (event) => {
    if (event.detail.elt.contains(language) && event.detail.verb === "post" && !clipOf()) event.preventDefault();
  });

  // Who writes has chosen the stretch: the search for a better one does not take it away.
  editor.addEventListener("input", () => {
    const part = document.getElementById("clip");
    if (editor.value === given || !clip || !part || part.querySelector("[name=chosen]")) return;
    part.append(Object.assign(document.createElement("input"), { type: "hidden", name: "chosen", value: "1" }));
  });

  const words = () => {
    for (const word of document.querySelectorAll("[data-words] mark:not([role])")) {
      word.setAttribute("role", "button");
      word.tabIndex = 0;
      word.setAttribute("aria-label", `Listen to “${word.textContent.trim()}”`);
    }
  };
  const listen = (event) => {
    const word = event.target.closest?.("[data-words] [data-from]");
    if (!word || (event.type === "keydown" && !["Enter", " "].includes(event.key))) return;
    event.preventDefault();
    const from = Math.max(Number(word.dataset.from) - 0.15, 0);
    document.querySelector("[data-excerpt]")?.dispatchEvent(new CustomEvent("play-from", { detail: from }));
  };
  document.addEventListener("click", listen);
  document.addEventListener("keydown", listen);
  words();
});
