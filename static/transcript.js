// The transcript in its editor: put there when it comes, never over what a person wrote; and its doubtful words, marked
// behind the text for as long as nobody changes them. Each is played, and found in the text, when it is pressed.

document.addEventListener("htmx:load", () => {
  const editor = document.querySelector("[data-transcript-editor]:not([data-begun])");
  if (!editor) return;
  editor.dataset.begun = "";
  const shown = new AbortController();
  const { signal } = shown;
  document.addEventListener("page-left", () => shown.abort(), { signal });
  const layer = document.querySelector(".marked-text [data-marks]");
  const clipOf = () => document.querySelector("[data-transcript]");
  const doubtful = () => [...document.querySelectorAll("#words-to-check [data-place]")];
  const written = new Map(); // what a person wrote, by clip
  let clip = clipOf()?.dataset.clip;
  let given = clipOf()?.dataset.transcript ?? editor.value;
  if (editor.value === "") given = "";

  // ---- the marks: places in `marked`, in order, each of a word to check
  let marked = "";
  let places = [];

  // What is before the first change of a text stays, and what is behind the last one moves along.
  const follow = (text) => {
    const shorter = Math.min(marked.length, text.length);
    let head = 0;
    while (head < shorter && marked[head] === text[head]) head += 1;
    let tail = 0;
    while (tail < shorter - head && marked.at(-1 - tail) === text.at(-1 - tail)) tail += 1;
    const end = marked.length - tail;
    const by = text.length - marked.length;
    places = places
      .filter(({ from, to }) => to <= head || from >= end)
      .map(({ from, to, word }) => (from >= end ? { from: from + by, to: to + by, word } : { from, to, word }));
    marked = text;
  };
  const draw = () => {
    follow(editor.value);
    const parts = [];
    let at = 0;
    for (const { from, to } of places) {
      const mark = document.createElement("mark");
      mark.textContent = marked.slice(from, to);
      parts.push(marked.slice(at, from), mark);
      at = to;
    }
    layer.replaceChildren(...parts, `${marked.slice(at)}\n`); // a last line end would be left out
    layer.scrollTop = editor.scrollTop;
    for (const word of doubtful()) word.classList.toggle("checked", !places.some((place) => place.word === word));
  };
  const mark = () => {
    marked = clipOf()?.dataset.transcript ?? "";
    places = doubtful().map((word) => {
      const [from, to] = word.dataset.place.split("-").map(Number);
      word.setAttribute("role", "button");
      word.tabIndex = 0;
      word.setAttribute("aria-label", fill(word.parentElement.dataset.listen, { word: word.textContent.trim() }));
      return { from, to, word };
    });
    draw();
  };
  editor.addEventListener("input", draw);
  editor.addEventListener("scroll", () => (layer.scrollTop = editor.scrollTop));

  const check = (event) => {
    const word = event.target.closest?.("#words-to-check [data-place]");
    if (!word || (event.type === "keydown" && !["Enter", " "].includes(event.key))) return;
    event.preventDefault();
    const from = Math.max(Number(word.dataset.from) - 0.15, 0);
    document.querySelector("[data-excerpt]")?.dispatchEvent(new CustomEvent("play-from", { detail: from }));
    const place = places.find((one) => one.word === word);
    const folded = editor.closest("details");
    if (folded) folded.open = true;
    if (!place || event.pointerType === "touch") return; // where a keyboard would come up in front of the page
    editor.focus();
    editor.setSelectionRange(place.from, place.to);
  };
  document.addEventListener("click", check, { signal });
  document.addEventListener("keydown", check, { signal });

  // The buttons “It is …” choose the language, as its list would.
  document.addEventListener("click", ({ target }) => {
    const language = document.getElementById("id_language");
    if (target.closest?.("[data-chooses-language]")) language.focus();
    const act = target.closest?.("button[name=act]")?.value ?? "";
    if (!act.startsWith("language:")) return;
    language.value = act.slice("language:".length);
    language.dispatchEvent(new Event("input"));
  }, { signal });

  // ---- the text
  const put = (text) => {
    editor.value = given = text;
    editor.dispatchEvent(new Event("input"));
  };
  // Words that were saved come back, by a press, when a new transcript has taken their place.
  const note = editor.closest("form").querySelector("[data-replaced]");
  let before = "";
  const replace = (text) => {
    if (text && editor.value && text !== editor.value) {
      before = editor.value;
      note.hidden = false;
    }
    put(text);
  };
  note.querySelector("button").addEventListener("click", () => {
    note.hidden = true;
    editor.value = before; // as if it were written, so that nothing takes its place again
    editor.dispatchEvent(new Event("input", { bubbles: true }));
    editor.focus();
  });
  document.addEventListener("htmx:load", () => {
    const source = clipOf();
    if (!source) return;
    const isWritten = editor.value !== given;
    if (clip === source.dataset.clip) {
      if (!isWritten) replace(source.dataset.transcript);
    } else {
      if (clip && isWritten) written.set(clip, editor.value);
      const first = !clip;
      clip = source.dataset.clip;
      if (written.has(clip)) {
        given = source.dataset.transcript;
        editor.value = written.get(clip);
      } else if (!(first && isWritten)) put(source.dataset.transcript);
    }
    mark();
  }, { signal });

  // Who writes has chosen the stretch: the search for a better one does not take it away.
  editor.addEventListener("input", () => {
    const part = document.getElementById("clip");
    if (editor.value === given || !clip || !part || part.querySelector("[name=chosen]")) return;
    part.append(Object.assign(document.createElement("input"), { type: "hidden", name: "chosen", value: "1" }));
  });
  mark();
});
