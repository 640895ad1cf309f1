// The text on the page of a generation: one tab stop, in which keys move, and a click or Enter plays from a sentence.
(() => {
  let root;
  let along; // the ReadAlong
  let current = 0; // the sentence in the tab order
  let asked = false; // for the text anew

  const sound = () => Sound.all.get(root?.dataset.sound);

  function setUp() {
    const found = document.getElementById("text");
    if (!found || found === root) return;
    const hadFocus = asked === "focused";
    [root, asked] = [found, false];
    along?.end();
    along = new ReadAlong(root, Timeline.of(root.dataset.timeline), sound, askAnew);
    const { sentences } = along;
    if (!sentences.length) return;
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", root.dataset.keys);
    current = Math.min(current, sentences.length - 1);
    sentences[current].tabIndex = 0;
    if (hadFocus) sentences[current].focus({ preventScroll: true });
  }

  function askAnew() {
    if (asked || !along.isOutdated) return;
    asked = root.contains(document.activeElement) ? "focused" : "asked";
    htmx.ajax("GET", root.dataset.text, { target: "#text", swap: "outerHTML" }).catch(() => (asked = false));
  }

  document.addEventListener("page-left", () => {
    along?.end();
    root = along = undefined;
    [current, asked] = [0, false];
  });

  function choose(index, focus) {
    const { sentences } = along;
    if (!sentences[index]) return;
    sentences[current]?.removeAttribute("tabindex");
    current = index;
    sentences[index].tabIndex = 0;
    if (focus) sentences[index].focus();
    root.dispatchEvent(new CustomEvent("sentence-chosen", { bubbles: true, detail: { index } }));
  }

  const indexOf = ({ target }) => (root?.contains(target) ? along.sentences.indexOf(target.closest?.("[data-s]")) : -1);

  document.addEventListener("click", (event) => {
    const index = indexOf(event);
    if (index < 0 || !getSelection().isCollapsed) return;
    choose(index, true);
    along.playFrom(index);
  });

  document.addEventListener("keydown", (event) => {
    const index = indexOf(event);
    if (index < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const last = along.sentences.length - 1;
    const to = {
      ArrowLeft: index - 1, ArrowUp: index - 1, ArrowRight: index + 1, ArrowDown: index + 1, Home: 0, End: last,
    }[event.key];
    if (to !== undefined) choose(to, true);
    else if (event.key === "Enter") along.playFrom(index);
    else if (event.key === " ") sound()?.paused ? sound().play() : sound()?.pause();
    else return;
    event.preventDefault();
  });

  document.addEventListener("sentence-left", ({ detail }) => choose(Math.min(detail.index, along.sentences.length - 1), true));
  for (const event of ["segments-changed", "segments-heard"]) {
    document.addEventListener(event, () => along?.timeline.refresh());
  }
  document.addEventListener("htmx:load", setUp);
  document.addEventListener("htmx:afterSettle", (event) => {
    setUp();
    // Somebody has listened: words have times, some are marked.
    if (event.target.id?.startsWith("check-")) along?.timeline.refresh();
  });
})();
