// Turns each [data-player] into a button, a line that can be sought in, and a clock, of a Sound that outlives it: polls replace
// players, and pages are left. One of the same id is of the same sound.

const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
const say = (text) => (document.getElementById("announcer").textContent = text);

class Player {
  sound = null;
  #element;
  #button;
  #seek;
  #isFollowing = false;
  #isTold = false; // that it waits, once: where each sentence is waited for, that would be chatter

  constructor(element, sound = null) {
    this.#element = element;
    this.#button = element.querySelector(".play");
    this.#seek = element.querySelector(".wave input");
    this.#button.hidden = this.#seek.hidden = false;
    this.#button.addEventListener("click", () => (this.sound.paused ? this.sound.play() : this.sound.pause()));
    this.#seek.addEventListener("input", () => this.sound.seek(Number(this.#seek.value)));
    this.#seek.addEventListener("keydown", (event) => this.#step(event));
    if (sound) this.show(sound);
  }

  // From now on, this sound.
  show(sound) {
    this.sound?.removeEventListener("change", this.#onChange);
    this.sound?.removeEventListener("lost", this.#onLost);
    this.sound = sound;
    sound.addEventListener("change", this.#onChange);
    sound.addEventListener("lost", this.#onLost);
    this.#onChange();
  }

  // Set the classes, which htmx may have set back.
  dress() {
    const { classList } = this.#element;
    classList.add("ready");
    classList.toggle("playing", !this.sound.paused);
    classList.toggle("lost", this.sound.lost);
  }

  #onChange = () => {
    const { sound } = this;
    if (!this.#element.isConnected) {
      sound.removeEventListener("change", this.#onChange);
      return sound.removeEventListener("lost", this.#onLost);
    }
    this.dress();
    const { play, pause } = this.#element.dataset;
    this.#button.setAttribute("aria-label", sound.paused ? play : pause);
    const wait = this.#element.querySelector("[data-wait]");
    if (wait) wait.textContent = sound.waiting ? words("comes-next") : "";
    if (sound.waiting && !this.#isTold) say(words("comes-next"));
    this.#isTold ||= sound.waiting;
    this.#showTime();
    if (!sound.paused) this.#follow();
  };

  #onLost = () => {
    if (this.#element.isConnected) say(words("lost-sound"));
  };

  #step(event) {
    const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.sound.seek(this.sound.time + step * (this.sound.length > 60 ? 5 : 1));
  }

  #follow() {
    if (this.#isFollowing) return;
    this.#isFollowing = true;
    const step = () => {
      this.#showTime();
      this.#isFollowing = !this.sound.paused && this.#element.isConnected;
      if (this.#isFollowing) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  #showTime() {
    const { sound } = this;
    const element = this.#element;
    const [time, length] = [sound.time, sound.length || 1];
    const share = (seconds) => `${Math.min((100 * seconds) / length, 100)}%`;
    element.style.setProperty("--heard", share(time));
    element.style.setProperty("--there", share(sound.ready));
    const isGuess = sound.live && !sound.live.timeline.isComplete;
    if (sound.live || sound.audio?.duration) {
      this.#seek.max = length.toFixed(2);
      element.querySelector("[data-length]").textContent = isGuess ? words("about", { time: clock(length) }) : clock(length);
    }
    this.#seek.value = time;
    const said = sound.live && sound.ready < length - 0.5 ? "position-so-far" : "position";
    const at = { time: clock(time), length: clock(length), ready: clock(sound.ready) };
    this.#seek.setAttribute("aria-valuetext", words(said, at));
    element.querySelector("[data-now]").textContent = sound.lost ? words("lost-here") : clock(time);
  }
}

// The site says which player to begin, before that is on the page.
let awaited;
document.addEventListener("begin", ({ detail }) => (awaited = detail.player));

const players = new WeakMap(); // by element
function setUp(element) {
  const { id, dataset } = element;
  const file = element.querySelector("audio");
  const known = Sound.all.get(id);
  const sound = known ?? new Sound();
  if (id) Sound.all.set((sound.id = id), sound);
  sound.seconds = Number(element.querySelector("input").max) || sound.seconds;
  if (file) sound.take(file.getAttribute("src"));
  else if (!known) sound.takeLive(dataset.timeline);
  players.set(element, new Player(element, sound));
  document.dispatchEvent(new CustomEvent("player-shown", { detail: { element, sound } }));
  // What was asked for in order to be heard, and has become ready, or begun.
  if (!known && (element.closest("[data-begin]") || (awaited && id === awaited))) sound.play();
}
function setUpAll() {
  for (const element of document.querySelectorAll("[data-player]")) {
    if (!players.has(element)) setUp(element);
    players.get(element).dress();
  }
  for (const [id, sound] of Sound.all) {
    if (document.getElementById(id) || sound.isKept) continue;
    sound.pause(); // it was deleted
    Sound.all.delete(id);
  }
}
// At once, and when htmx has set the classes back. A listening link's page has no htmx.
for (const name of ["DOMContentLoaded", "htmx:afterSwap", "htmx:oobAfterSwap", "htmx:load"]) {
  document.addEventListener(name, setUpAll);
}
document.addEventListener("page-left", () => {
  auditioned?.audio.pause();
  for (const element of document.querySelectorAll("[data-player]")) {
    const sound = players.get(element)?.sound;
    if (sound && !sound.isKept) sound.pause();
  }
});

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
  hush(audio);
  const playing = (is) => {
    link.classList.toggle("playing", is);
    link.setAttribute("aria-pressed", is);
    if (!is && auditioned?.audio === audio) auditioned = undefined;
  };
  for (const end of ["pause", "ended", "error"]) audio.addEventListener(end, () => playing(false));
  playing(true);
  audio.play().catch(() => playing(false));
});

// One sound at a time, with the browser's own players too.
function hush(but) {
  for (const audio of document.querySelectorAll("audio")) if (audio !== but) audio.pause();
  if (but !== Sound.last) Sound.last?.pause();
  if (but !== auditioned?.audio) auditioned?.audio.pause();
}
document.addEventListener("sounding", ({ detail }) => hush(detail));
document.addEventListener("play", ({ target }) => hush(target), true);

// A voice and its original, one in the place of the other: the one that is chosen is heard at once.
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-hear]");
  if (!button) return;
  const place = button.closest("[data-chosen]");
  place.dataset.chosen = button.dataset.hear;
  for (const one of place.querySelectorAll("[data-hear]")) one.setAttribute("aria-pressed", one === button);
  players.get(place.querySelector(`[data-heard="${button.dataset.hear}"] [data-player]`)).sound.play();
});
