// Takes that are listened to: which of them, its waveform with two edges, and what could be better about it.

import { stretch } from "./stretch.js";
import { bars } from "./takes.js";

const BARS = 240;
const SHORTEST = 0.5; // seconds that are left of a take

// Returns show(takes, chosen), chosen() and name(take).
export function review(panel, { enough, save }) {
  const find = (name) => panel.querySelector(`[data-${name}]`);
  const list = find("takes");
  const holder = find("stretch");
  const group = `take-${Math.random().toString(36).slice(2)}`;
  let shown = null;

  const time = ({ at }) => new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const name = (take) => words("name", { time: time(take) });
  const seconds = ({ from, to }) => `${decimal(to - from)} s`;

  const option = (take, number) => {
    const label = Object.assign(document.createElement("label"), { className: "choice" });
    const radio = Object.assign(document.createElement("input"), { type: "radio", name: group, checked: take === shown });
    radio.setAttribute("form", ""); // it is nothing to be sent
    radio.addEventListener("change", () => look(take));
    label.append(radio, words("take", { number, time: time(take) }));
    return label;
  };
  const look = (take) => {
    shown = take;
    find("take-name").textContent = name(take);
    const flaws = {
      "was-clipped": take.isClipped,
      "was-soft": take.isSoft,
      "was-noisy": take.isNoisy,
      short: take.seconds < enough,
    };
    const wrong = Object.keys(flaws).filter((flaw) => flaws[flaw]);
    find("take-advice").replaceChildren(
      ...wrong.map((flaw) => Object.assign(document.createElement("li"), { className: "warning", textContent: words(flaw, { seconds: enough }) })),
    );
    draw(take);
  };
  const draw = (take) => {
    URL.revokeObjectURL(holder.querySelector("audio")?.src);
    holder.replaceChildren(find("stretch-template").content.cloneNode(true));
    const path = bars(take, BARS)
      .map((bar, at) => `M${2 * at + 1} ${50 - Math.max(bar, 3) / 2}V${50 + Math.max(bar, 3) / 2}`)
      .join("");
    for (const svg of holder.querySelectorAll("svg")) svg.setAttribute("viewBox", `0 0 ${2 * BARS} 100`);
    for (const line of holder.querySelectorAll("path")) line.setAttribute("d", path);
    holder.querySelector("audio").src = URL.createObjectURL(take.sound);
    const length = holder.querySelector("[data-length]");
    const tell = () => (length.textContent = seconds(take));
    const set = (from, to) => {
      [take.from, take.to] = [from, Math.min(to, take.seconds)];
      tell();
      save(take);
    };
    stretch(holder, { total: take.seconds, shortest: Math.min(SHORTEST, take.seconds), longest: Infinity, get: () => [take.from, take.to], set });
    tell();
  };

  return {
    name,
    chosen: () => shown,
    show(takes, chosen) {
      shown = chosen;
      list.hidden = takes.length < 2;
      list.replaceChildren(list.querySelector("legend"), ...takes.map((take, at) => option(take, at + 1)));
      look(chosen);
    },
  };
}
