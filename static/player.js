// Turns each [data-player] with its plain <audio> into a button, a waveform that can be sought in, and a clock.

const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

function ready(player) {
  if (player.classList.contains("ready")) return;
  const audio = player.querySelector("audio");
  const button = player.querySelector(".play");
  const seek = player.querySelector("input");
  const heard = player.querySelector(".heard");
  const now = player.querySelector("[data-now]");
  const words = audio.getAttribute("aria-label");
  player.classList.add("ready");
  button.hidden = seek.hidden = false;

  const show = () => {
    const length = audio.duration || Number(seek.max) || 1;
    heard.style.setProperty("--heard", `${(100 * audio.currentTime) / length}%`);
    seek.value = audio.currentTime;
    seek.setAttribute("aria-valuetext", `${clock(audio.currentTime)} of ${clock(length)}`);
    now.textContent = clock(audio.currentTime);
  };
  const follow = () => {
    show();
    if (!audio.paused) requestAnimationFrame(follow);
  };
  const label = () => {
    player.classList.toggle("playing", !audio.paused);
    button.setAttribute("aria-label", `${audio.paused ? "Play" : "Pause"} ${words}`);
  };
  button.addEventListener("click", () => (audio.paused ? audio.play().catch(() => {}) : audio.pause()));
  seek.addEventListener("input", () => {
    audio.currentTime = Number(seek.value);
    show();
  });
  audio.addEventListener("play", () => {
    for (const other of document.querySelectorAll("audio")) if (other !== audio) other.pause();
    label();
    follow();
  });
  audio.addEventListener("pause", label);
  audio.addEventListener("loadedmetadata", () => {
    if (Number.isFinite(audio.duration)) seek.max = audio.duration;
  });
  audio.addEventListener("ended", () => {
    audio.currentTime = 0;
    show();
  });
  audio.addEventListener("error", () => {
    player.classList.add("lost");
    now.textContent = "not to be had";
  });
  // What was asked for in order to be heard, and has become ready.
  if (player.closest("[data-begin]")) audio.play().catch(() => {});
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
  for (const other of document.querySelectorAll("audio")) other.pause();
  const playing = (is) => {
    link.classList.toggle("playing", is);
    link.setAttribute("aria-pressed", is);
    if (!is && auditioned?.audio === audio) auditioned = undefined;
  };
  for (const end of ["pause", "ended", "error"]) audio.addEventListener(end, () => playing(false));
  playing(true);
  audio.play().catch(() => playing(false));
});
// … until a player begins.
document.addEventListener("play", () => auditioned?.audio.pause(), true);

const all = (root) => root.querySelectorAll?.("[data-player]").forEach(ready);
document.addEventListener("DOMContentLoaded", () => all(document));
document.addEventListener("htmx:load", (event) => {
  all(event.target);
  all(document);
});
