// The segments of a text as they are spoken: asked for each second, only what has changed. Pages of one text share one.

const RATE = 24_000; // Hz, of every take and every whole
const TYPICAL = 0.07; // s of speech for a character, where nothing is spoken yet that would say
const inSamples = (seconds) => Math.round(seconds * RATE);

class Timeline extends EventTarget {
  static #known = new Map(); // by address

  static of(address) {
    if (!Timeline.#known.has(address)) Timeline.#known.set(address, new Timeline(address));
    return Timeline.#known.get(address);
  }

  // In order: as the site sends them, and with `begin`, `start`, `end`, `next` in samples where these are known; with
  // `sounds`, the files that make it up: its take, or what there is of it while it is spoken, which `next` is the end of.
  segments = [];
  total = 0;
  ready = 0; // samples, from the beginning, that can be heard
  revision = null;
  ended = false; // nothing more comes
  whole = null;
  isHeard = false; // somebody listens, though the tab may be hidden
  #cursor = "";
  #timer = null;
  #asking = null;

  constructor(address) {
    super();
    this.address = new URL(address, location.href);
  }

  get #isShown() {
    return Boolean(document.querySelector(`[data-timeline="${this.address.pathname}"]`));
  }

  get isComplete() {
    return this.total > 0 && this.segments.every((segment) => segment.audio);
  }

  // Seconds of the whole, by the length of the sentences that are not spoken yet.
  get length() {
    let [seconds, spoken, left] = [0, 0, 0];
    for (const segment of this.segments) {
      if (segment.audio) [seconds, spoken] = [seconds + segment.seconds, spoken + segment.characters];
      else left += segment.characters;
      seconds += segment.pause_before + segment.pause;
    }
    return Math.max(seconds + left * (spoken ? seconds / spoken : TYPICAL), this.ready / RATE);
  }

  // The segment in which a sample is; none beyond what can be heard.
  at(sample) {
    let [low, high] = [0, this.segments.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const { next } = this.segments[middle];
      if (next === undefined || next > sample) high = middle;
      else low = middle + 1;
    }
    const found = this.segments[low];
    return found?.next === undefined ? undefined : found;
  }

  // Keep asking until nothing more comes.
  follow() {
    if (this.#timer === null && !this.#asking) this.#ask();
  }

  // Ask at once: something was changed.
  refresh() {
    clearTimeout(this.#timer);
    this.#timer = null;
    return this.#asking ?? this.#ask();
  }

  #ask() {
    this.#asking = this.#answer().finally(() => (this.#asking = null));
    return this.#asking;
  }

  async #answer() {
    let pause = 1000;
    try {
      const address = new URL(this.address);
      address.searchParams.set("since", this.#cursor);
      const response = await fetch(address, { headers: { "HX-Request": "true" } });
      if (response.status === 404) return this.#end();
      if (!response.ok) throw new Error(response.statusText);
      this.#merge(await response.json());
      if (this.isHeard && this.segments.some((segment) => segment.parts)) pause = 250; // its next part comes soon
    } catch {
      pause = 3000;
    }
    if (!this.ended || pause > 1000) this.#again(pause);
  }

  #again(pause) {
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (!this.isHeard && !this.#isShown) return; // until follow() is called again
      if (document.hidden && !this.isHeard) this.#again(1000);
      else this.#ask();
    }, pause);
  }

  #end() {
    this.ended = true;
    this.dispatchEvent(new CustomEvent("change", { detail: [] }));
  }

  #merge(answer) {
    if (answer.revision !== this.revision) this.segments = [];
    const changed = answer.segments.map((segment) => segment.index);
    for (const segment of answer.segments) this.segments[segment.index] = segment;
    for (const name of ["total", "revision", "ended", "whole"]) this[name] = answer[name];
    // What two writers changed at about the same time may have come after what was asked for: then ask for all.
    let spoken = 0;
    for (let index = 0; index < this.total; index++) if (this.segments[index]?.audio) spoken += 1;
    const isWhole = spoken === answer.spoken && this.segments.length === this.total;
    this.#cursor = isWhole ? answer.cursor : "";
    if (!isWhole) {
      this.ended = false;
      this.segments.length = Math.min(this.segments.findIndex((segment) => !segment) >>> 0, this.total);
    }
    this.#place();
    this.dispatchEvent(new CustomEvent("change", { detail: changed }));
  }

  #place() {
    let at = 0;
    this.ready = 0;
    for (const segment of this.segments) {
      const { audio } = segment;
      const isThere = at !== undefined && (audio || (segment.parts && !this.ended));
      segment.sounds = !isThere ? [] : audio ? [{ audio, samples: inSamples(segment.seconds) }] : segment.parts;
      if (!isThere) {
        at = segment.begin = segment.start = segment.end = segment.next = undefined;
        continue;
      }
      segment.begin = at;
      segment.start = segment.end = at + inSamples(segment.pause_before);
      for (const sound of segment.sounds) {
        sound.start = segment.end;
        segment.end += sound.samples;
      }
      this.ready = segment.next = segment.end + (audio ? inSamples(segment.pause) : 0);
      at = audio ? segment.next : undefined;
    }
  }
}
