// Choosing an excerpt of a recording: its waveform with two edges, a place that moves both, and what is between played.
// The two number fields are the truth; without this script they are all there is.

const SHORTEST = 1; // seconds, as the site says
const LONGEST = 30;
const VIEW = 60; // seconds of a long recording that the edges are set in

const minutes = (seconds) => `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(1).padStart(4, "0")}`;

function excerpt(root) {
  if (root.dataset.ready) return;
  root.dataset.ready = "yes";
  const total = Number(root.dataset.seconds);
  const [start, end] = ["start", "end"].map((name) => root.querySelector(`input[name=${name}]`));
  const edges = root.querySelector(".edges");
  const [left, right] = ["start", "end"].map((name) => root.querySelector(`[data-edge=${name}]`));
  const place = root.querySelector(".place");
  const mover = root.querySelector("[data-place]");
  const audio = root.querySelector("[data-recording]");
  const button = root.querySelector("[data-play-excerpt]");
  const length = root.querySelector("[data-length]");
  const detail = edges.querySelector("svg");
  const width = detail.viewBox.baseVal.width;
  const heard = root.querySelector("[data-heard]");
  const isLong = total > VIEW;
  let view = [0, total];

  edges.hidden = button.hidden = false;
  place.hidden = !isLong;
  audio.classList.add("unseen");
  audio.removeAttribute("controls");

  const at = () => [Number(start.value), Number(end.value)];
  const x = (seconds) => (seconds / total) * width;

  const look = () => {
    const [from, to] = at();
    if (!isLong) return;
    if (from < view[0] || to > view[1] || view[1] - view[0] > VIEW) {
      const begin = Math.min(Math.max((from + to - VIEW) / 2, 0), total - VIEW);
      view = [begin, begin + VIEW];
    }
  };
  const show = () => {
    const [from, to] = at();
    look();
    detail.setAttribute("viewBox", `${x(view[0])} 0 ${x(view[1] - view[0])} 100`);
    for (const input of [left, right]) [input.min, input.max] = view;
    left.value = from;
    right.value = to;
    mover.value = from;
    left.setAttribute("aria-valuetext", minutes(from));
    right.setAttribute("aria-valuetext", minutes(to));
    mover.setAttribute("aria-valuetext", `${minutes(from)} to ${minutes(to)}`);
    for (const picked of root.querySelectorAll("[data-picked]")) {
      picked.setAttribute("x", x(from));
      picked.setAttribute("width", Math.max(x(to - from), 0));
    }
    const seconds = to - from;
    length.textContent = `${seconds.toFixed(1)} s${seconds < SHORTEST ? ": too short" : seconds > LONGEST + 0.001 ? ": 30 s is the most" : ""}`;
    length.classList.toggle("error", seconds < SHORTEST || seconds > LONGEST + 0.001);
  };
  const set = (from, to) => {
    start.value = from.toFixed(2);
    end.value = to.toFixed(2);
    show();
  };

  // An edge that comes too close to the other, or too far from it, takes it along.
  left.addEventListener("input", () => {
    const from = Math.min(Number(left.value), total - SHORTEST);
    set(from, Math.min(Math.max(at()[1], from + SHORTEST), from + LONGEST));
  });
  right.addEventListener("input", () => {
    const to = Math.max(Number(right.value), SHORTEST);
    set(Math.max(Math.min(at()[0], to - SHORTEST), to - LONGEST), to);
  });
  mover.addEventListener("input", () => {
    const long = at()[1] - at()[0];
    const from = Math.min(Number(mover.value), total - long);
    set(from, from + long);
  });
  for (const input of [start, end]) input.addEventListener("input", show);

  let until = 0;
  const follow = () => {
    heard.setAttribute("x", x(audio.currentTime));
    heard.setAttribute("width", audio.paused ? 0 : x(view[1] - view[0]) / 200);
    if (audio.paused) return;
    if (audio.currentTime >= until) return audio.pause();
    requestAnimationFrame(follow);
  };
  root.addEventListener("play-from", (event) => play(event.detail, Infinity));
  const play = (from, to) => {
    until = to;
    audio.currentTime = from;
    audio.play().catch(() => {});
  };
  button.addEventListener("click", () => (audio.paused ? play(...at()) : audio.pause()));
  audio.addEventListener("play", () => {
    for (const other of document.querySelectorAll("audio")) if (other !== audio) other.pause();
    button.textContent = "Pause";
    follow();
  });
  audio.addEventListener("pause", () => {
    button.textContent = "Play the stretch";
    follow();
  });
  show();
}

const excerpts = () => document.querySelectorAll("[data-excerpt]").forEach(excerpt);
document.addEventListener("DOMContentLoaded", excerpts);
document.addEventListener("htmx:load", excerpts);
