// A text whose sentences show what becomes of them: what is ready, what is being spoken, and what is heard, with its word.

const takeWords = new Map(); // by address of a take's words: a promise of them
const wordMarks = window.Highlight && CSS.highlights ? new Highlight() : null;
if (wordMarks) CSS.highlights.set("word", wordMarks);

class ReadAlong {
  sentences = []; // their elements
  heard = -1;
  #root;
  #soundOf;
  #isFollowing = false;
  #mark = null; // the range of the word that is heard
  #marked = null;

  // root: has [data-s] elements, in order. soundOf: returns the Sound, if there is one yet. change: called with the indexes
  // that have changed, after they are shown.
  constructor(root, timeline, soundOf, change = () => {}) {
    this.#root = root;
    this.#soundOf = soundOf;
    this.timeline = timeline;
    this.sentences = [...root.querySelectorAll("[data-s]")];
    this.sentences.forEach((_, index) => this.#paint(index));
    this.onChange = ({ detail }) => {
      if (timeline.ended) this.sentences.forEach((_, index) => this.#paint(index));
      else detail.forEach((index) => this.#paint(index));
      change(detail);
    };
    this.onHeard = ({ detail }) => detail === this.#soundOf() && this.#follow();
    timeline.addEventListener("change", this.onChange);
    document.addEventListener("heard", this.onHeard);
    timeline.follow();
    this.#follow();
  }

  end() {
    this.timeline.removeEventListener("change", this.onChange);
    document.removeEventListener("heard", this.onHeard);
    this.#unmark();
    this.#root = null;
  }

  // Whether the text is another by now, in other sentences.
  get isOutdated() {
    const { total, revision } = this.timeline;
    const shown = this.#root.dataset.revision;
    return Boolean(total && (total !== this.sentences.length || String(revision) !== shown));
  }

  async playFrom(index) {
    if (!this.timeline.segments[index]) await this.timeline.refresh();
    const segment = this.timeline.segments[index];
    const sound = this.#soundOf();
    if (!sound) return say(words("nothing-yet"));
    if (segment?.start === undefined) return say(words("unready"));
    sound.seek((segment.begin + 1) / RATE);
    sound.play();
  }

  #paint(index) {
    const element = this.sentences[index];
    const segment = this.timeline.segments[index];
    if (!element || !segment) return;
    const isSpoken = segment.state === "generating" && !this.timeline.ended;
    const classes = [];
    if (isSpoken) classes.push("speaking");
    else if (segment.state !== "completed") classes.push("waiting");
    if (segment.marked) classes.push("marked");
    if (index === this.heard) classes.push("heard");
    const names = classes.join(" ");
    if (element.className !== names) element.className = names;
    if (segment.marked) element.title = words("differs");
    else element.removeAttribute("title");
  }

  #follow() {
    if (this.#isFollowing) return;
    this.#isFollowing = true;
    const step = () => {
      if (!this.#root?.isConnected) return (this.#isFollowing = false);
      const sound = this.#soundOf();
      this.#show(sound);
      this.#isFollowing = Boolean(sound && !sound.paused);
      if (this.#isFollowing) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  #show(sound) {
    const time = sound && (!sound.paused || sound.time) ? sound.time : -1;
    const at = Math.floor(time * RATE);
    const index = time < 0 ? -1 : (this.timeline.at(at)?.index ?? (sound.paused ? -1 : this.heard));
    if (index !== this.heard) {
      const before = this.heard;
      this.heard = index;
      this.#paint(before);
      this.#paint(index);
      if (!sound?.paused) this.#scrollOn(this.sentences[before], this.sentences[index]);
    }
    this.#showWord(at);
  }

  // Only from a sentence that is seen: somebody who has scrolled away stays there.
  #scrollOn(before, now) {
    if (!now || !before) return;
    const box = this.#root.closest("[data-scrolls]")?.getBoundingClientRect() ?? { top: 0, bottom: innerHeight };
    const isSeen = ({ top, bottom }) => bottom > box.top && top < box.bottom;
    const place = now.getBoundingClientRect();
    if (!isSeen(before.getBoundingClientRect()) || (place.top > box.top && place.bottom < box.bottom)) return;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    now.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
  }

  async #showWord(at) {
    const segment = this.timeline.segments[this.heard];
    if (!wordMarks) return;
    if (!segment?.words) return this.#unmark();
    if (!takeWords.has(segment.words)) {
      if (takeWords.size > 20) takeWords.clear();
      const address = new URL(segment.words, this.timeline.address);
      const asks = fetch(address).then((response) => (response.ok ? response.json() : { words: [] }));
      takeWords.set(segment.words, asks.catch(() => ({ words: [] })));
    }
    const { words } = await takeWords.get(segment.words);
    if (this.timeline.segments[this.heard] !== segment || !this.#root) return;
    const seconds = (at - segment.start) / RATE;
    const now = words.find(([start, end]) => start <= seconds && seconds < end);
    const node = this.sentences[this.heard]?.firstChild;
    const key = now && node && `${this.heard} ${now[2]}`;
    if (key === this.#marked) return;
    this.#unmark();
    this.#marked = key;
    if (!key || now[2] + now[3] > node.length) return;
    this.#mark = new Range();
    this.#mark.setStart(node, now[2]);
    this.#mark.setEnd(node, now[2] + now[3]);
    wordMarks.add(this.#mark);
  }

  #unmark() {
    if (this.#mark) wordMarks.delete(this.#mark);
    this.#mark = this.#marked = null;
  }
}
