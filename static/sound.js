// What is heard of one text or recording: its file or, while it is made, its sentences one after another (live-sound.js). It
// belongs to no place of a page, so that it goes on when players of it come and go.

const RATES = [0.75, 1, 1.25, 1.5, 1.75, 2];

// Says "change" when it begins, pauses, waits or goes on, is moved, or is another file; "lost", and "ended".
class Sound extends EventTarget {
  static all = new Map(); // by id of its players
  static last = null; // that was begun
  static #rate = rememberedRate();

  static get rate() {
    return Sound.#rate;
  }
  // How fast files are heard, at the same pitch. What is still being made is heard as it is.
  static set rate(rate) {
    Sound.#rate = rate;
    try {
      localStorage.setItem("player:rate", rate);
    } catch {} // no storage: until the browser loads a page
    for (const { audio } of [...Sound.all.values(), Sound.last ?? {}]) if (audio) audio.playbackRate = rate;
    Sound.last?.dispatchEvent(new Event("change"));
  }

  id = ""; // of its players
  audio = null; // an element with the whole file, in no page
  live = null; // a LiveSound, until the whole file is heard
  seconds = 0; // as the page said
  #source = "";
  #next = ""; // address of a newer whole, for when nobody listens

  get #heard() {
    return this.live ?? this.audio;
  }
  get paused() {
    return this.#heard?.paused ?? true;
  }
  get waiting() {
    return Boolean(this.live?.waiting);
  }
  get lost() {
    return Boolean(!this.live && this.audio?.error);
  }
  get time() {
    return (this.live ? this.live.time : this.audio?.currentTime) ?? 0;
  }
  get length() {
    return this.live ? this.live.timeline.length : this.audio?.duration || this.seconds;
  }
  // Seconds that are there.
  get ready() {
    return this.live ? this.live.timeline.ready / RATE : this.length;
  }
  // The address of the whole file, if there is one.
  get whole() {
    return this.#next || this.#source;
  }

  play() {
    this.#begin();
    if (this.lost) this.#loadAgain();
    return this.live ? this.live.play() : this.audio?.play().catch(() => {});
  }

  pause() {
    this.#heard?.pause();
  }

  seek(seconds) {
    const place = Math.min(Math.max(seconds, 0), this.ready);
    if (this.live && this.audio) this.#useWhole(place, !this.live.paused);
    else if (this.live) this.live.seek(place);
    else if (this.audio) this.audio.currentTime = place;
    this.#changed();
  }

  // Go on with a file: now, in a pause between two sentences, or when nobody listens.
  take(source) {
    if (source === this.whole) return;
    if (this.audio && !this.live && !this.paused) {
      this.#next = source;
      return;
    }
    const at = this.time;
    this.audio ??= this.#listen(new Audio());
    this.audio.preload = "none";
    this.audio.src = this.#source = source;
    this.audio.playbackRate = Sound.rate;
    if (this.live && !this.live.paused) this.live.leaveTo(this.audio);
    else if (this.live) this.#useWhole(at, false);
    else if (at) this.audio.currentTime = at;
    this.#changed();
  }

  takeLive(address) {
    const live = (this.live = new LiveSound(Timeline.of(address)));
    const mine = (act) => () => this.live === live && act();
    const follow = mine(() => {
      if (this.audio && live.paused) this.#useWhole(live.time, false);
      this.#changed();
    });
    live.addEventListener("change", follow);
    live.addEventListener("ended", mine(() => {
      if (this.audio) this.#useWhole(0, false);
      this.#ended();
    }));
    live.addEventListener("left", mine(() => {
      this.live = null;
      this.audio.playbackRate = Sound.rate;
      this.#changed();
    }));
    live.timeline.follow();
  }

  // One sound at a time.
  #begin() {
    if (Sound.last !== this) Sound.last?.pause();
    Sound.last = this;
    document.dispatchEvent(new CustomEvent("sounding", { detail: this }));
  }

  // A browser does not ask again by itself for what once did not come.
  #loadAgain() {
    const at = this.audio.currentTime;
    this.audio.load();
    this.audio.currentTime = at;
    this.audio.playbackRate = Sound.rate;
  }

  #useWhole(seconds, play) {
    const { live } = this;
    live.leaveTo(null);
    this.live = null;
    live.pause();
    this.#renew();
    this.audio.currentTime = seconds;
    this.audio.playbackRate = Sound.rate;
    if (play) this.audio.play().catch(() => {});
  }

  #renew() {
    if (!this.#next) return;
    const at = this.audio.ended ? 0 : this.audio.currentTime;
    this.audio.src = this.#source = this.#next;
    this.#next = "";
    this.audio.playbackRate = Sound.rate;
    if (at) this.audio.currentTime = at;
  }

  #listen(audio) {
    const on = (name, act) => audio.addEventListener(name, () => audio === this.audio && !this.live && act());
    on("play", () => {
      if (Sound.last !== this) this.#begin(); // by the browser's own controls
      this.#changed();
    });
    on("pause", () => {
      if (!audio.ended) this.#renew();
      this.#changed();
    });
    for (const name of ["seeked", "loadedmetadata", "playing"]) on(name, () => this.#changed());
    on("ended", () => {
      audio.currentTime = 0;
      this.#renew();
      this.#ended();
    });
    on("error", () => {
      audio.pause();
      this.dispatchEvent(new Event("lost"));
      this.#changed();
    });
    return audio;
  }

  #ended() {
    this.#changed();
    this.dispatchEvent(new Event("ended"));
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
    document.dispatchEvent(new CustomEvent("heard", { detail: this }));
  }
}

function rememberedRate() {
  try {
    const rate = Number(localStorage.getItem("player:rate"));
    return RATES.includes(rate) ? rate : 1;
  } catch {
    return 1;
  }
}
