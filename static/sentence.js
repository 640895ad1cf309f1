// The panel of a sentence under its text: opened by a button or with E, closed by a button or with Escape. What somebody
// wrote there and did not save is not lost by another click.
(() => {
  const panel = () => document.getElementById("sentence");
  const opener = () => document.getElementById("edit");
  const sentenceAt = (index) => document.querySelectorAll("#text [data-s]")[index];
  const isOpen = () => panel()?.dataset.index !== undefined;
  let opening = false;
  let left = false; // Escape was pressed once, though something was not saved
  let before; // which one was open, before what is shown now
  let rejected = false; // what was posted of it
  let inside = false; // the focus was in the panel, or in what stands around it, before these were shown anew

  const fields = () => ["text", "pause", "voice"].map((name) => panel().querySelector("form").elements[name]);
  function saved({ options, defaultValue }) {
    return options ? [...options].find((option) => option.defaultSelected)?.value : defaultValue;
  }
  // The fields of the panel that somebody wrote in, by name.
  function unsaved() {
    if (!isOpen()) return {};
    const isAny = "unsaved" in panel().dataset;
    const written = fields().filter((field) => isAny || field.value !== saved(field));
    return Object.fromEntries(written.map(({ name, value }) => [name, value]));
  }
  const isUnsaved = () => Object.keys(unsaved()).length > 0;

  function open(index) {
    if (isUnsaved() && Number(panel().dataset.index) !== index) {
      say(panel().dataset.saveFirst);
      document.getElementById("sentence_text").focus();
      return;
    }
    if (Number(panel().dataset.index) === index) return document.getElementById("sentence_text").focus();
    opening = true;
    const address = opener().getAttribute("href").replace(/\d+\/$/, `${index}/`);
    htmx.ajax("GET", address, { target: "#sentence", swap: "outerHTML" }).catch(() => (opening = false));
  }

  // The sentence stays in sight above the panel.
  function bringIntoSight(sentence) {
    const place = sentence?.getBoundingClientRect();
    const isSeen = place && place.top >= 0 && place.bottom <= document.getElementById("editor").getBoundingClientRect().top;
    if (!isSeen) sentence?.scrollIntoView({ block: "start" });
  }

  function close() {
    const index = panel().dataset.index;
    panel().replaceWith(Object.assign(document.createElement("div"), { id: "sentence" }));
    show();
    leave(index);
  }

  // The text takes the focus, and keeps it when it is shown anew.
  function leave(index) {
    document.dispatchEvent(new CustomEvent("sentence-left", { detail: { index: Number(index) || 0 } }));
  }

  // Which sentence is open, and which could be.
  function show() {
    for (const element of document.querySelectorAll("#text [aria-current]")) element.removeAttribute("aria-current");
    if (!opener()) return;
    if (isOpen()) sentenceAt(panel().dataset.index)?.setAttribute("aria-current", "true");
    const index = opener().dataset.index;
    opener().hidden = index === undefined || index === panel().dataset.index || !sentenceAt(index);
    opener().textContent = fill(opener().dataset.label, { number: Number(index) + 1 });
    opener().previousElementSibling.hidden = index !== undefined || isOpen();
  }

  document.addEventListener("sentence-chosen", ({ detail }) => {
    if (!opener()) return;
    opener().dataset.index = detail.index;
    show();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("#edit")) {
      event.preventDefault();
      open(Number(opener().dataset.index));
    } else if (event.target.closest("#editor [data-close]")) close();
  });
  // Links to a sentence, which htmx follows.
  document.addEventListener("htmx:confirm", (event) => {
    const link = event.target.closest?.("[data-open]");
    if (!link || !opener()) return;
    event.preventDefault();
    opener().dataset.index = link.dataset.open;
    open(Number(link.dataset.open));
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const sentence = event.target.closest?.("#text [data-s]");
    if (sentence && event.key.toLowerCase() === "e" && opener()) {
      event.preventDefault();
      open([...document.querySelectorAll("#text [data-s]")].indexOf(sentence));
    } else if (event.key === "Escape" && isOpen() && event.target.closest("#editor")) {
      if (isUnsaved() && !left) {
        left = true;
        say(panel().dataset.unsavedOnce);
      } else close();
    } else left = false;
  });

  // Where the cursor is in the words, they would be split.
  document.addEventListener("selectionchange", () => {
    const text = document.getElementById("sentence_text");
    const places = document.getElementById("sentence_at");
    if (!text || !places || document.activeElement !== text) return;
    const distance = (option) => Math.abs(option.value - text.selectionStart);
    places.value = [...places.options].reduce((near, option) => (distance(option) < distance(near) ? option : near)).value;
  });

  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    rejected ||= detail.xhr.status === 422 && detail.requestConfig?.elt.id === "sentence-form";
    inside ||= Boolean(document.activeElement.closest("#editor, #marked"));
    before = panel()?.dataset.index ?? before;
  });
  // What was written stays when the panel is shown anew: what came after Save was pressed, or what is not saved while
  // something else is done with the text. If another sentence would be shown, or none, the panel stays as it is.
  let sent = {}; // the fields of the panel, by name
  let kept = {};
  const values = () => Object.fromEntries(isOpen() ? fields().map(({ name, value }) => [name, value]) : []);
  document.addEventListener("htmx:beforeRequest", ({ target }) => {
    if (target.id === "sentence-form") sent = values();
  });
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const isOfPanel = detail.requestConfig?.elt.id === "sentence-form";
    kept = isOfPanel ? values() : unsaved();
    if (isOfPanel) for (const name in kept) if (kept[name] === sent[name]) delete kept[name];
  });
  document.addEventListener("htmx:oobBeforeSwap", ({ target, detail }) => {
    if (target.id !== "sentence" || !Object.keys(kept).length) return;
    const segmentOf = (place) => place.querySelector("[name=segment]")?.value;
    if (segmentOf(detail.fragment) !== segmentOf(target)) detail.shouldSwap = false;
  });
  document.addEventListener("htmx:oobAfterSwap", ({ target }) => {
    if (target.id !== "sentence" || !isOpen()) return;
    for (const field of fields()) field.value = kept[field.name] ?? field.value;
    kept = {};
  });
  window.addEventListener("beforeunload", (event) => isUnsaved() && event.preventDefault());
  document.addEventListener("page-leaving", (event) => {
    if (!isUnsaved()) return;
    event.preventDefault();
    panel().querySelector("[data-leaves]").hidden = false;
    document.getElementById("save").focus();
  });
  document.addEventListener("page-left", () => {
    opening = left = rejected = inside = false;
    before = undefined;
    sent = kept = {};
  });

  document.addEventListener("htmx:afterSettle", () => {
    show();
    const heading = document.getElementById("sentence-heading");
    if (opening && isOpen()) {
      document.getElementById("sentence_text").focus({ preventScroll: true });
      bringIntoSight(sentenceAt(panel().dataset.index));
      opening = false;
    } else if (inside && document.activeElement === document.body) {
      if (heading) heading.focus({ preventScroll: true });
      else leave(before);
    }
    const wrong = panel()?.querySelector(".has-error :is(textarea, input, select)");
    if (rejected) wrong?.focus();
    rejected = inside = false;
  });
})();
