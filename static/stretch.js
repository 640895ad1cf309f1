// A stretch of a sound, chosen on its waveform: two edges to drag, a place that moves both where the sound is long, and what
// is between them played. The markup is templates/voices/clips/_stretch.html.

const VIEW = 60; // seconds of a long sound that the edges are set in

export const minutes = (seconds) => `${Math.floor(seconds / 60)}:${decimal(seconds % 60).padStart(4, "0")}`;

// total: seconds of the sound; shortest, longest: of a stretch; get(): its [from, to]; set(from, to): a person moved it.
// Returns show(), to be called when it was changed in another way, and play(from, to).
export function stretch(root, { total, shortest, longest, get, set }) {
  const edges = root.querySelector(".edges");
  const [left, right] = ["start", "end"].map((name) => root.querySelector(`[data-edge=${name}]`));
  const place = root.querySelector(".place");
  const mover = root.querySelector("[data-place]");
  const audio = root.querySelector("audio");
  const button = root.querySelector("[data-play-stretch]");
  const word = button.querySelector("[data-play-word]") ?? button;
  const words = { play: word.textContent.trim(), pause: button.dataset.pause };
  const detail = edges.querySelector("svg");
  const heard = root.querySelector("[data-heard]");
  const width = detail.viewBox.baseVal.width;
  const isLong = total > VIEW;
  let view = [0, total];

  edges.hidden = button.hidden = false;
  place.hidden = !isLong;
  mover.max = total;
  audio.classList.add("unseen");
  audio.removeAttribute("controls");

  const x = (seconds) => (seconds / total) * width;
  const look = () => {
    const [from, to] = get();
    if (!isLong) return;
    if (to - from > VIEW) view = [0, total];
    else if (from < view[0] || to > view[1] || view[1] - view[0] > VIEW) {
      const begin = Math.min(Math.max((from + to - VIEW) / 2, 0), total - VIEW);
      view = [begin, begin + VIEW];
    }
  };
  const show = () => {
    const [from, to] = get();
    look();
    detail.setAttribute("viewBox", `${x(view[0])} 0 ${x(view[1] - view[0])} 100`);
    for (const input of [left, right]) [input.min, input.max] = [view[0], Math.ceil(view[1] / input.step) * input.step];
    left.value = from;
    right.value = to;
    mover.value = from;
    left.setAttribute("aria-valuetext", minutes(from));
    right.setAttribute("aria-valuetext", minutes(to));
    mover.setAttribute("aria-valuetext", `${minutes(from)} – ${minutes(to)}`);
    for (const picked of root.querySelectorAll("[data-picked]")) {
      picked.setAttribute("x", x(from));
      picked.setAttribute("width", Math.max(x(to - from), 0));
    }
  };
  const move = (from, to) => {
    set(from, to);
    show();
  };

  // An edge that comes too close to the other, or too far from it, takes it along.
  left.addEventListener("input", () => {
    const from = Math.min(Number(left.value), total - shortest);
    move(from, Math.min(Math.max(get()[1], from + shortest), from + longest));
  });
  right.addEventListener("input", () => {
    const to = Math.min(Math.max(Number(right.value), shortest), total); // its last step may lead beyond
    move(Math.max(Math.min(get()[0], to - shortest), to - longest), to);
  });
  mover.addEventListener("input", () => {
    const long = get()[1] - get()[0];
    const from = Math.min(Number(mover.value), total - long);
    move(from, from + long);
  });

  let until = 0;
  const follow = () => {
    heard.setAttribute("x", x(audio.currentTime));
    heard.setAttribute("width", audio.paused ? 0 : x(view[1] - view[0]) / 200);
    if (audio.paused) return;
    if (audio.currentTime >= until || !root.isConnected) return audio.pause();
    requestAnimationFrame(follow);
  };
  const play = (from, to) => {
    until = to;
    audio.currentTime = from;
    audio.play().catch(() => {});
  };
  button.addEventListener("click", () => (audio.paused ? play(...get()) : audio.pause()));
  // A click on the waveform is heard from there.
  edges.addEventListener("pointerdown", ({ target, clientX }) => {
    if (target.matches("input")) return;
    const { left: begin, width: wide } = detail.getBoundingClientRect();
    const at = view[0] + (Math.min(Math.max(clientX - begin, 0), wide) / wide) * (view[1] - view[0]);
    play(at, at < get()[1] ? get()[1] : total);
  });
  audio.addEventListener("play", () => {
    for (const other of document.querySelectorAll("audio")) if (other !== audio) other.pause();
    word.textContent = words.pause;
    follow();
  });
  audio.addEventListener("pause", () => {
    word.textContent = words.play;
    follow();
  });
  show();
  return { show, play };
}
