// Says that what this page watches is ready: in the title while one is elsewhere and, where somebody asked for that in the
// studio, by a notification and a sound. Templates mark a finished one with data-ready, its title.

let title = document.title; // of the page, without what is added here
const watched = new Set(); // ids of the places of what is being made
const isAway = () => document.hidden || !document.hasFocus();

function wants(way) {
  try {
    return localStorage.getItem(`tell:${way}`) === "1";
  } catch {
    return false; // no storage: nothing was asked for
  }
}
function remember(way, on) {
  try {
    localStorage.setItem(`tell:${way}`, on ? "1" : "0");
  } catch {}
}

function look() {
  const bars = document.querySelectorAll(":is(.row, .now) .job progress");
  for (const bar of bars) watched.add(bar.closest(".row, .now").id);
  for (const one of document.querySelectorAll(":is(.row, .now) [data-ready]")) {
    if (watched.delete(one.closest(".row, .now").id)) tellReady(one.dataset.ready);
  }
  if (bars.length && document.hidden && !document.title.startsWith("✓")) document.title = `${percent(bars[0].value / 100)} · ${title}`;
}
document.addEventListener("DOMContentLoaded", look);
document.addEventListener("page-shown", () => {
  ({ title } = document);
  watched.clear();
  look();
});
for (const name of ["htmx:afterSettle", "htmx:oobAfterSwap"]) document.addEventListener(name, () => queueMicrotask(look));

function tellReady(what) {
  if (!isAway()) return;
  document.title = `✓ ${words("ready")} · ${title}`;
  if (wants("sound")) chime();
  if (wants("notification") && canNotify() && Notification.permission === "granted") {
    const told = new Notification(words("ready-to-hear"), { body: what, tag: "ready", icon: document.querySelector("link[rel=icon]").href });
    told.onclick = () => {
      window.focus();
      told.close();
    };
  }
}
const seen = () => {
  if (!isAway()) document.title = title;
};
window.addEventListener("focus", seen);
document.addEventListener("visibilitychange", seen);

// Two soft tones, a fifth apart.
let sound;
function chime() {
  sound ??= new AudioContext();
  sound.resume();
  for (const [pitch, delay] of [[523.25, 0], [783.99, 0.14]]) {
    const tone = new OscillatorNode(sound, { frequency: pitch });
    const level = new GainNode(sound, { gain: 0 });
    const begin = sound.currentTime + delay;
    level.gain.linearRampToValueAtTime(0.12, begin + 0.02);
    level.gain.exponentialRampToValueAtTime(0.001, begin + 0.5);
    tone.connect(level).connect(sound.destination);
    tone.start(begin);
    tone.stop(begin + 0.5);
  }
}

// The choice, in the studio. Browsers give notifications to secure pages only.
const canNotify = () => window.isSecureContext && "Notification" in window;
document.addEventListener("htmx:load", () => {
  const choice = document.querySelector("[data-tell]:not([data-is-set])");
  if (!choice) return;
  choice.dataset.isSet = "";
  for (const box of choice.querySelectorAll("input")) {
    const way = box.value;
    box.checked = wants(way) && (way !== "notification" || (canNotify() && Notification.permission === "granted"));
    if (way === "notification") box.closest("label").hidden = !canNotify();
    box.addEventListener("change", async () => {
      if (box.checked && way === "sound") chime();
      if (box.checked && way === "notification") box.checked = (await Notification.requestPermission()) === "granted";
      remember(way, box.checked);
      const isRefused = way === "notification" && !box.checked && Notification.permission === "denied";
      choice.querySelector("[role=status]").textContent = isRefused ? choice.dataset.refused : "";
    });
  }
});
