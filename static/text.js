// The text of a generation as it is spoken: what is ready, what is being spoken, what is heard; a click plays from there.
(() => {
  const words = new Map(); // by address of a take's words: a promise of them
  const word = window.Highlight && CSS.highlights ? new Highlight() : null;
  if (word) CSS.highlights.set("word", word);

  let root;
  let sentences = []; // their elements
  let timeline;
  let current = 0; // the one in the tab order
  let heard = -1;
  let following = false;
  let asked = false; // for the text anew

  const sound = () => Sound.all.get(root.dataset.sound);

  function setUp() {
    const found = document.getElementById("text");
    if (!found || found === root) return;
    const hadFocus = asked === "focused";
    [root, asked, heard] = [found, false, -1];
    sentences = [...root.querySelectorAll("[data-s]")];
    if (!timeline) {
      timeline = Timeline.of(root.dataset.timeline);
      timeline.addEventListener("change", (event) => changed(event.detail));
      timeline.follow();
    }
    if (!sentences.length) return;
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", "Text, sentence by sentence. Arrow keys move, Enter plays from there, Space pauses, E changes it.");
    current = Math.min(current, sentences.length - 1);
    sentences[current].tabIndex = 0;
    sentences.forEach((_, index) => paint(index));
    if (hadFocus) sentences[current].focus({ preventScroll: true });
    follow();
  }

  function changed(indexes) {
    const isOther = timeline.total && (timeline.total !== sentences.length || String(timeline.revision) !== root.dataset.revision);
    if (isOther && !asked) {
      asked = root.contains(document.activeElement) ? "focused" : "asked";
      const source = root.dataset.text;
      htmx.ajax("GET", source, { target: "#text", swap: "outerHTML" }).catch(() => (asked = false));
      return;
    }
    if (timeline.ended) sentences.forEach((_, index) => paint(index));
    else indexes.forEach(paint);
  }

  function paint(index) {
    const element = sentences[index];
    const segment = timeline.segments[index];
    if (!element || !segment) return;
    const isSpoken = segment.state === "generating" && !timeline.ended;
    const classes = [];
    if (isSpoken) classes.push("speaking");
    else if (segment.state !== "completed") classes.push("waiting");
    if (segment.marked) classes.push("marked");
    if (index === heard) classes.push("heard");
    const names = classes.join(" ");
    if (element.className !== names) element.className = names;
    if (segment.marked) element.title = "What was heard differs";
    else element.removeAttribute("title");
  }

  // What is heard

  function follow() {
    if (following || !root) return;
    following = true;
    const step = () => {
      const playing = sound();
      show(playing);
      following = Boolean(playing && !playing.paused);
      if (following) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  function show(playing) {
    const time = playing && (!playing.paused || playing.time) ? playing.time : -1;
    const at = Math.floor(time * RATE);
    const index = time < 0 ? -1 : (timeline.at(at)?.index ?? (playing.paused ? -1 : heard));
    if (index !== heard) {
      const before = heard;
      heard = index;
      paint(before);
      paint(heard);
      if (!playing?.paused) scrollOn(sentences[before], sentences[heard]);
    }
    showWord(at);
  }

  // Only from a sentence that is seen: somebody who has scrolled away stays there.
  function scrollOn(before, now) {
    if (!now || !before) return;
    const isSeen = ({ top, bottom }) => bottom > 0 && top < innerHeight;
    const place = now.getBoundingClientRect();
    if (!isSeen(before.getBoundingClientRect()) || (place.top > 0 && place.bottom < innerHeight)) return;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    now.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
  }

  let shown = null; // the times of the words of the sentence that is heard
  async function showWord(at) {
    if (!word) return;
    const segment = timeline.segments[heard];
    if (!segment?.words) return word.clear();
    if (!words.has(segment.words)) {
      if (words.size > 20) words.clear();
      const asks = fetch(new URL(segment.words, timeline.address)).then((response) => (response.ok ? response.json() : { words: [] }));
      words.set(segment.words, asks.catch(() => ({ words: [] })));
    }
    const { words: times } = await words.get(segment.words);
    const seconds = (at - segment.start) / RATE;
    const now = times.find(([start, end]) => start <= seconds && seconds < end);
    const node = sentences[heard]?.firstChild;
    const key = now && node && `${heard} ${now[2]}`;
    if (key === shown) return;
    shown = key;
    word.clear();
    if (!key || now[2] + now[3] > node.length) return;
    const range = new Range();
    range.setStart(node, now[2]);
    range.setEnd(node, now[2] + now[3]);
    word.add(range);
  }

  // Mouse and keys

  async function playFrom(index) {
    if (!timeline.segments[index]) await timeline.refresh();
    const segment = timeline.segments[index];
    if (!sound()) return say("Nothing can be heard yet.");
    if (segment?.start === undefined) return say("This sentence is not there yet.");
    sound().seek((segment.begin + 1) / RATE);
    sound().play();
  }

  function choose(index, focus) {
    if (!sentences[index]) return;
    sentences[current]?.removeAttribute("tabindex");
    current = index;
    sentences[index].tabIndex = 0;
    if (focus) sentences[index].focus();
    root.dispatchEvent(new CustomEvent("sentence-chosen", { bubbles: true, detail: { index } }));
  }

  const indexOf = (target) => sentences.indexOf(target.closest?.("[data-s]"));

  document.addEventListener("click", (event) => {
    const index = root?.contains(event.target) ? indexOf(event.target) : -1;
    if (index < 0 || !getSelection().isCollapsed) return;
    choose(index, true);
    playFrom(index);
  });

  document.addEventListener("keydown", (event) => {
    const index = root?.contains(event.target) ? indexOf(event.target) : -1;
    if (index < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const to = {
      ArrowLeft: index - 1, ArrowUp: index - 1, ArrowRight: index + 1, ArrowDown: index + 1, Home: 0, End: sentences.length - 1,
    }[event.key];
    if (to !== undefined) choose(to, true);
    else if (event.key === "Enter") playFrom(index);
    else if (event.key === " ") sound()?.paused ? sound().play() : sound()?.pause();
    else return;
    event.preventDefault();
  });

  document.addEventListener("heard", (event) => {
    if (root && event.detail === sound()) follow();
  });
  document.addEventListener("sentence-left", ({ detail }) => choose(Math.min(detail.index, sentences.length - 1), true));
  for (const event of ["segments-changed", "segments-heard"]) document.addEventListener(event, () => timeline?.refresh());
  document.addEventListener("DOMContentLoaded", setUp);
  document.addEventListener("htmx:afterSettle", (event) => {
    setUp();
    if (event.target.id?.startsWith("check-")) timeline?.refresh(); // somebody has listened: words have times, some are marked
  });
})();
