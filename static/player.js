// Turns each [data-player] into a button, a line that can be sought in, and a clock. What sounds outlives the player on the
// page, which polls replace: one of the same id goes on with it.

const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
const say = (words) => (document.getElementById("announcer").textContent = words);

class Sound {
  static all = new Map(); // by id of its player

  // The sound of a player on the page.
  static of(player) {
    const sound = Sound.all.get(player.id) ?? new Sound();
    if (player.id) Sound.all.set(player.id, sound);
    sound.#attach(player);
    return sound;
  }

  audio = null; // an element with the whole file
  live = null; // a LiveSound, until the whole file is heard
  #next = ""; // address of a newer whole, for when nobody listens
  #player = null;
  #button = null;
  #seek = null;
  #following = false;

  get #heard() {
    return this.live ?? this.audio;
  }
  get paused() {
    return this.#heard?.paused ?? true;
  }
  get waiting() {
    return Boolean(this.live?.waiting);
  }
  get time() {
    return (this.live ? this.live.time : this.audio?.currentTime) ?? 0;
  }
  get length() {
    return this.live ? this.live.timeline.length : this.audio?.duration || Number(this.#seek.max) || 0;
  }
  // Seconds that are there.
  get ready() {
    return this.live ? this.live.timeline.ready / RATE : this.length;
  }

  play() {
    hush(this);
    if (!this.live && this.audio?.error) this.#loadAgain();
    return this.live ? this.live.play() : this.audio?.play().catch(() => {});
  }

  // A browser does not ask again by itself for what once did not come.
  #loadAgain() {
    const at = this.audio.currentTime;
    this.audio.load();
    this.audio.currentTime = at;
    this.#player.classList.remove("lost");
  }

  pause() {
    this.#heard?.pause();
  }

  seek(seconds) {
    if (this.live && this.audio) this.#useWhole(seconds, !this.live.paused);
    else if (this.live) this.live.seek(seconds);
    else if (this.audio) this.audio.currentTime = seconds;
    this.#show();
  }

  #attach(player) {
    const isNew = !this.#player;
    this.#player = player;
    this.#button = player.querySelector(".play");
    this.#seek = player.querySelector("input");
    this.#button.hidden = this.#seek.hidden = false;
    this.#button.addEventListener("click", () => (this.paused ? this.play() : this.pause()));
    this.#seek.addEventListener("input", () => this.seek(Number(this.#seek.value)));
    this.#seek.addEventListener("keydown", (event) => this.#step(event));
    const audio = player.querySelector("audio");
    if (audio) this.#take(audio);
    else if (isNew) this.#beginLive(player.dataset.timeline);
    this.#changed();
    // What was asked for in order to be heard, and has become ready, or begun.
    if (isNew && player.closest("[data-begin]")) this.play();
  }

  #step(event) {
    const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const seconds = this.length > 60 ? 5 : 1;
    this.seek(Math.min(Math.max(this.time + step * seconds, 0), this.ready));
  }

  // Go on with an element of a new player: now, in a pause between two sentences, or when nobody listens.
  #take(audio) {
    if (this.live && !this.live.paused) {
      this.audio = audio;
      this.#listen(audio);
      this.live.leaveTo(audio);
    } else if (this.live) {
      this.#listen(audio);
      this.audio = audio;
      this.#useWhole(this.live.time, false);
    } else if (this.audio && !this.audio.paused && this.audio !== audio) {
      this.#next = audio.src;
      audio.replaceWith(this.audio);
    } else {
      if (this.audio?.currentTime) audio.currentTime = this.audio.currentTime;
      this.audio = audio;
      this.#listen(audio);
    }
  }

  #useWhole(seconds, play) {
    const { live } = this;
    live.leaveTo(null);
    this.live = null;
    live.pause();
    this.audio.currentTime = seconds;
    if (play) this.audio.play().catch(() => {});
  }

  #beginLive(address) {
    this.live = new LiveSound(Timeline.of(address));
    const { live } = this;
    let isTold = false; // once: where each sentence is waited for, that would be chatter
    live.addEventListener("change", () => {
      if (this.live !== live) return;
      if (live.waiting && !isTold) say("Waiting for what comes next…");
      isTold ||= live.waiting;
      if (this.audio && live.paused) this.#useWhole(live.time, false);
      this.#changed();
    });
    live.addEventListener("ended", () => {
      if (this.live !== live) return;
      if (this.audio) this.#useWhole(0, false);
      this.#changed();
    });
    live.addEventListener("left", () => {
      this.live = null;
      this.#changed();
    });
    live.timeline.follow();
  }

  #listen(audio) {
    const mine = (act) => () => audio === this.audio && !this.live && act();
    audio.addEventListener(
      "play",
      mine(() => {
        hush(this);
        this.#changed();
      }),
    );
    audio.addEventListener(
      "pause",
      mine(() => {
        this.#renew();
        this.#changed();
      }),
    );
    audio.addEventListener("seeked", mine(() => this.#show()));
    audio.addEventListener(
      "loadedmetadata",
      mine(() => {
        if (Number.isFinite(audio.duration)) this.#seek.max = audio.duration;
      }),
    );
    audio.addEventListener(
      "ended",
      mine(() => {
        audio.currentTime = 0;
        this.#renew();
        this.#changed();
      }),
    );
    audio.addEventListener(
      "error",
      mine(() => {
        this.#player.classList.add("lost");
        audio.pause();
        this.#changed();
        say("This is not to be had now. Play tries again.");
      }),
    );
  }

  #renew() {
    if (!this.#next) return;
    const at = this.audio.ended ? 0 : this.audio.currentTime;
    this.audio.src = this.#next;
    this.#next = "";
    if (at) this.audio.currentTime = at;
  }

  // Set the classes, which htmx may have set back.
  dress() {
    this.#player.classList.add("ready");
    this.#player.classList.toggle("playing", !this.paused);
  }

  #changed() {
    const player = this.#player;
    this.dress();
    this.#button.setAttribute("aria-label", `${this.paused ? "Play" : "Pause"} ${player.dataset.label}`);
    const wait = player.querySelector("[data-wait]");
    if (wait) wait.textContent = this.waiting ? "Waiting for what comes next…" : "";
    this.#show();
    if (!this.paused) this.#follow();
    document.dispatchEvent(new CustomEvent("heard", { detail: this }));
  }

  #follow() {
    if (this.#following) return;
    this.#following = true;
    const step = () => {
      this.#show();
      this.#following = !this.paused;
      if (this.#following) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  #show() {
    const [time, length, player] = [this.time, this.length || 1, this.#player];
    const share = (seconds) => `${Math.min((100 * seconds) / length, 100)}%`;
    player.style.setProperty("--heard", share(time));
    if (this.live) {
      player.style.setProperty("--there", share(this.ready));
      this.#seek.max = this.length.toFixed(2);
      const isGuess = !this.live.timeline.isComplete;
      player.querySelector("[data-length]").textContent = `${isGuess ? "about " : ""}${clock(this.length)}`;
    }
    this.#seek.value = time;
    const there = this.live && this.ready < this.length - 0.5 ? `, ${clock(this.ready)} there` : "";
    this.#seek.setAttribute("aria-valuetext", `${clock(time)} of ${clock(length)}${there}`);
    const isLost = !this.live && this.audio?.error;
    player.querySelector("[data-now]").textContent = isLost ? "not to be had" : clock(time);
  }
}

// One sound at a time.
function hush(but) {
  for (const audio of document.querySelectorAll("audio")) if (audio !== but?.audio || but.live) audio.pause();
  for (const sound of Sound.all.values()) if (sound !== but && !sound.paused) sound.pause();
  if (but !== auditioned) auditioned?.audio.pause();
}

// A link to a sound that has no player: it plays here, one at a time. Without a script the browser opens it.
let auditioned;
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-audition]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const before = auditioned;
  before?.audio.pause();
  if (before?.link === link) return;
  const audio = new Audio(link.href);
  auditioned = { link, audio };
  hush(auditioned);
  const playing = (is) => {
    link.classList.toggle("playing", is);
    link.setAttribute("aria-pressed", is);
    if (!is && auditioned?.audio === audio) auditioned = undefined;
  };
  for (const end of ["pause", "ended", "error"]) audio.addEventListener(end, () => playing(false));
  playing(true);
  audio.play().catch(() => playing(false));
});
// The browser's own players keep to that too.
document.addEventListener("play", ({ target }) => target.closest("[data-player]") || hush({ audio: target }), true);

const players = new WeakMap(); // each player on the page, to its sound
function ready(player) {
  if (!players.has(player)) players.set(player, Sound.of(player));
  players.get(player).dress();
}
function readyAll() {
  document.querySelectorAll("[data-player]").forEach(ready);
  for (const [id, sound] of Sound.all) {
    if (document.getElementById(id)) continue;
    sound.pause(); // it was deleted
    Sound.all.delete(id);
  }
}
document.addEventListener("DOMContentLoaded", readyAll);
// At once, as an audio element that is out of the page for a moment goes on; and when htmx has set the classes back.
for (const name of ["htmx:afterSwap", "htmx:oobAfterSwap", "htmx:load"]) document.addEventListener(name, readyAll);
