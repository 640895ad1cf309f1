// Choosing an excerpt of a recording that the site has. The two number fields are the truth; without this script they are all
// there is.

import { stretch } from "./stretch.js";

const SHORTEST = 1; // seconds, as the site says
const LONGEST = 30;

function excerpt(root) {
  if (root.dataset.begun) return;
  root.dataset.begun = "yes";
  const [start, end] = ["start", "end"].map((name) => root.querySelector(`input[name=${name}]`));
  const length = root.querySelector("[data-length]");
  const get = () => [Number(start.value), Number(end.value)];
  const measure = () => {
    const seconds = get()[1] - get()[0];
    const wrong = seconds < SHORTEST ? length.dataset.short : seconds > LONGEST + 0.001 ? length.dataset.long : "";
    length.textContent = `${decimal(seconds)} s${wrong && `: ${wrong}`}`;
    length.classList.toggle("error", Boolean(wrong));
  };
  const set = (from, to) => {
    start.value = from.toFixed(2);
    end.value = to.toFixed(2);
    measure();
  };
  const { show, play } = stretch(root, { total: Number(root.dataset.seconds), shortest: SHORTEST, longest: LONGEST, get, set });
  for (const input of [start, end]) {
    input.addEventListener("input", () => {
      measure();
      show();
    });
  }
  root.addEventListener("play-from", (event) => play(event.detail, Infinity));
  measure();
}

document.addEventListener("click", ({ target }) => {
  if (!target.closest("[data-opens-excerpt]")) return;
  const root = document.querySelector("[data-excerpt]");
  root.open = true;
  root.querySelector("[data-edge=start]").focus({ preventScroll: true });
  root.scrollIntoView({ block: "nearest" });
});

const excerpts = () => document.querySelectorAll("[data-excerpt]").forEach(excerpt);
excerpts();
htmx.onLoad(excerpts);
