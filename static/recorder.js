// Recording in the page: the room is measured, one counts down, records, pauses, and listens to the takes before one of them
// is used. Every state shows what the template marks with its name (data-when), and says it.

import { choose, chosen, floor, listen, loudness, microphones } from "./microphone.js";
import { Writer, file, forget, isWhole, keep, keepAgain, kept } from "./takes.js";
import { review } from "./review.js";

const MEASURED = 1000; // ms of the room
const SETTLES = 200; // ms in which a microphone that was switched on may click
const COUNT = 3; // seconds
const NOISY = -50; // dBFS: with speech at -30, as beside a laptop, 20 dB are left, and the site calls 15 noisy
const SOFT = -36; // dBFS: the loudest piece of a word. The site calls speech of -42 on average too quiet
const CLIPPED = -0.1; // dBFS
const WINDOW = 3; // seconds without a piece that is loud enough
const HELD = 1500; // ms that the meter shows a peak
const WARNED = 3000; // ms

const LIVE = ["asking", "measuring", "countdown", "recording", "paused"]; // states in which the page does nothing else
const QUIETEST = -60; // of the meter, dBFS

export function recorder(root, { take: send, complain, offerPhone }) {
  const panel = root.querySelector("[data-recorder]");
  const find = (name) => panel.querySelector(`[data-${name}]`);
  const { owner, place, collector, sends } = panel.dataset;
  const input = root.querySelector("[data-file]");
  const read = root.querySelector("[data-read]");
  const button = root.querySelector("[data-record]");
  const select = panel.querySelector("select");
  const meter = find("level");
  const advice = find("advice");
  const enough = Number(root.dataset.enoughSeconds ?? 0);
  const announcer = document.getElementById("announcer");
  const announce = (text) => (announcer.textContent = text);

  let state = "idle";
  let microphone = null; // while it listens
  let attempt = 0; // at recording: one that was cancelled must not go on
  let writer = null;
  let takes = [];
  let sent = null; // the take that is on its way
  let waits = null; // the button of a form that is to be sent after it
  let discarded = null;
  let levels = []; // of late, dBFS
  let loudest = QUIETEST; // of the take
  let warned = new Map(); // when each warning was last due
  let said = new Set();
  let heldLevel = QUIETEST;
  let heldSince = 0;
  let clock;

  // ---- states

  const show = (next, text = words(next), aloud = text) => {
    const held = root.contains(document.activeElement) && !document.activeElement.closest(".aloud");
    state = next;
    root.dataset.state = next;
    root.classList.toggle("recording", next === "recording");
    root.classList.toggle("live", LIVE.includes(next));
    for (const part of root.querySelectorAll("[data-when]")) part.hidden = !part.dataset.when.split(" ").includes(next);
    find("microphones").hidden ||= select.options.length < 3; // the browser's choice, and one
    root.querySelector("[data-review]").hidden = takes.length < 2;
    find("state").textContent = next === "idle" ? "" : text;
    find("state").hidden = !find("state").textContent;
    if (aloud && next !== "idle") announce(aloud);
    if (!LIVE.includes(next)) find("room").hidden = advice.hidden = true;
    if (next === "idle") find("stretch").replaceChildren();
    if (held) focusOn(next);
  };
  const focusOn = (next) => {
    const controls = [...panel.querySelectorAll("[data-act], [data-play-stretch]")]; // a take is listened to first
    const place = next === "idle" ? button : controls.find((one) => one.checkVisibility());
    place?.focus({ preventScroll: true });
  };

  const begin = async () => {
    const mine = (attempt += 1);
    complain("");
    forgetDiscarded();
    show("asking");
    try {
      const opened = await listen(collector, (piece) => mine === attempt && hear(piece), () => mine === attempt && lose());
      if (mine !== attempt) return opened.close();
      microphone = opened;
    } catch (error) {
      if (mine !== attempt) return;
      offerPhone();
      complain(words(error.name) || words("AnyError"));
      return leave();
    }
    listMicrophones();
    measure(mine);
  };
  const measure = async (mine) => {
    levels = [];
    show("measuring");
    await wait(SETTLES + MEASURED);
    if (mine !== attempt) return;
    const level = Math.round(floor(levels.slice(-Math.ceil((levels.length * MEASURED) / (SETTLES + MEASURED)))) ?? QUIETEST);
    microphone.room = level;
    const isNoisy = level > NOISY;
    find("room").textContent = words(isNoisy ? "noisy" : "quiet", { level: `${level}`.replace("-", "−") });
    find("room").classList.toggle("warning", isNoisy);
    find("room").hidden = false;
    const aloud = `${find("room").textContent} `;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return record(aloud);
    show("countdown", words("countdown"), aloud + words("countdown"));
    for (let left = COUNT; left; left -= 1) {
      find("count").textContent = left;
      await wait(1000);
      if (mine !== attempt || state !== "countdown") return;
    }
    record();
  };
  const record = (before = "") => {
    const text = root.querySelector("[data-passage]:not([hidden])")?.dataset.passage ?? "";
    writer = new Writer(owner, { place, at: Date.now(), rate: microphone.rate, text, room: microphone.room });
    [warned, said, levels, loudest] = [new Map(), new Set(), [], QUIETEST];
    find("goal").textContent = enough ? words("goal", { seconds: enough }) : "";
    find("goal").classList.remove("reached");
    tell();
    show("recording", words("recording"), before + words("recording"));
  };
  const stop = (how = "done") => {
    const { take } = writer;
    [take.isSoft, take.isClipped, take.isNoisy] = [loudest < SOFT, said.has("clipping"), take.room > NOISY];
    writer.end();
    writer.isKept.then((isKept) => isKept || complain(words("not-kept")));
    writer = null;
    close();
    if (!take.seconds) {
      forget(owner, take);
      complain(words("nothing"));
      return leave();
    }
    takes.push(take);
    reviewed.show(takes, take);
    show("done", words(how));
  };
  const close = () => {
    attempt += 1;
    microphone?.close();
    microphone = null;
    clearTimeout(clock);
  };
  // Back to what there was before.
  const leave = () => {
    close();
    show(takes.some((take) => !take.isSent) ? "done" : "idle");
  };
  const lose = () => {
    if (writer) stop("lost");
    else leave();
  };
  const wait = (milliseconds) => new Promise((resolve) => (clock = setTimeout(resolve, milliseconds)));

  // ---- what is heard

  const hear = (piece) => {
    if (!root.isConnected) return writer ? stop() : close(); // the page shows something else here by now
    const { peak, rms, isNothing } = loudness(piece);
    levels.push(rms);
    loudest = Math.max(loudest, rms);
    draw(peak);
    if (state !== "recording") return;
    writer.add(piece);
    warn(peak, isNothing, piece.length / microphone.rate);
    tell();
    if (writer.seconds > longest()) stop("longest");
  };
  const longest = () => {
    const fits = Number(root.dataset.maxBytes) / 2 / microphone.rate;
    return Math.min(Number(root.dataset.maxSeconds), fits) - 0.5;
  };
  const draw = (peak) => {
    const now = performance.now();
    if (peak >= heldLevel || now - heldSince > HELD) [heldLevel, heldSince] = [peak, now];
    const at = (level) => Math.max(level, QUIETEST) - QUIETEST;
    meter.querySelector(".now").setAttribute("width", at(peak));
    meter.querySelector(".held").setAttribute("x", at(heldLevel) - 0.6);
    meter.classList.toggle("loud", heldLevel > CLIPPED);
    meter.setAttribute("aria-valuenow", Math.round(Math.max(peak, QUIETEST)));
    meter.setAttribute("aria-valuetext", words(heldLevel > CLIPPED ? "level-loud" : heldLevel < -30 ? "level-soft" : "level-good"));
  };
  // One warning at a time, the most pressing, said aloud once in a take.
  const warn = (peak, isNothing, seconds) => {
    const now = performance.now();
    const recent = levels.slice(-Math.round(WINDOW / seconds));
    if (peak > CLIPPED) warned.set("clipping", now);
    if (recent.length * seconds > WINDOW - 0.1 && Math.max(...recent) < SOFT) {
      warned.set(isNothing && Math.max(...recent) <= -119 ? "silent" : "soft", now);
      warned.delete(isNothing ? "soft" : "silent");
    } else ["soft", "silent"].forEach((name) => warned.delete(name));
    const due = ["clipping", "silent", "soft"].find((name) => now - (warned.get(name) ?? -Infinity) < WARNED);
    advice.hidden = !due;
    if (!due) return;
    if (advice.textContent !== words(due)) advice.textContent = words(due);
    if (!said.has(due)) announce(words(due));
    said.add(due);
  };
  const tell = () => {
    const seconds = Math.floor(writer.seconds);
    find("time").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (!enough || seconds < enough || said.has("enough")) return;
    said.add("enough");
    find("goal").textContent = words("enough");
    find("goal").classList.add("reached");
    announce(words("enough-said"));
  };

  const listMicrophones = async () => {
    const all = await microphones();
    const options = [["", words("default-microphone")], ...all.filter((one) => one.deviceId !== "default").map((one) => [one.deviceId, one.label])];
    select.replaceChildren(...options.map(([value, text]) => new Option(text, value, false, value === chosen())));
    find("microphones").hidden = options.length < 3 || !find("microphones").dataset.when.includes(state);
  };
  select.addEventListener("change", () => {
    choose(select.value);
    if (state !== "countdown") return;
    close();
    begin(); // with the other one, whose room sounds otherwise
  });

  // ---- the takes

  const reviewed = review(panel, { enough, save: (take) => take.isSent || keep(owner, take) });
  const use = () => {
    const take = reviewed.chosen();
    complain("");
    if (read) read.value = take.text && isWhole(take) ? take.text : "";
    sent = take;
    show("sending", "");
    send(file(take, reviewed.name(take)));
    if (!input.files.length) {
      sent = waits = null; // it is too large, which is said
      return leave();
    }
    root.querySelector("[data-sending-cancel]").focus({ preventScroll: true });
    if (sends) setTimeout(() => sender.click()); // a click by the keyboard lets no other begin meanwhile
  };
  const accept = () => {
    for (const take of takes) forget(owner, take); // the site has the one; the others last as long as this page
    sent.isSent = true;
    sent = null;
    root.querySelector("[data-record-label]").textContent = words("record-again");
    show("idle");
    if (waits) input.form.requestSubmit(waits);
    waits = null;
  };
  const sender = sends ? document.getElementById(sends) : input;
  const usesFirst = (event) => {
    if (state !== "done" || sent) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    use();
  };
  if (sends) sender.addEventListener("click", usesFirst, true);
  sender.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (!sent) return;
    if (detail.xhr?.status === 200) return accept();
    sent = waits = null;
    input.value = "";
    if (detail.xhr?.status !== 422) complain(words("not-sent"));
    leave();
  });
  // What was chosen instead was not read from the page.
  input.addEventListener("change", () => sent || !read || (read.value = ""));

  // A form that is sent with nothing but a take that is not used yet waits until it is.
  input.form?.addEventListener("submit", (event) => {
    if (sends || state !== "done" || input.form.elements.clip) return;
    event.preventDefault();
    waits = event.submitter;
    use();
  });

  const discard = () => {
    const take = reviewed.chosen();
    discarded = { take, at: takes.indexOf(take) };
    takes = takes.filter((one) => one !== take);
    forget(owner, take);
    const last = takes.findLast((one) => !one.isSent);
    if (last) reviewed.show(takes, last);
    show(last ? "done" : "idle", "");
    find("undo").hidden = false;
    announce(find("undo").querySelector("span").textContent);
  };
  const undo = () => {
    takes.splice(discarded.at, 0, discarded.take);
    if (!discarded.take.isSent) keepAgain(owner, discarded.take);
    reviewed.show(takes, discarded.take);
    forgetDiscarded();
    show("done", "");
  };
  const forgetDiscarded = () => {
    discarded = null;
    find("undo").hidden = true;
  };

  const acts = {
    cancel: leave,
    start: () => record(),
    stop: () => stop(),
    pause: () => {
      writer.pause();
      show("paused");
    },
    resume: () => {
      levels = [];
      show("recording");
    },
    again: () => begin(),
    use,
    discard,
    undo,
  };
  panel.addEventListener("click", ({ target }) => acts[target.closest("[data-act]")?.dataset.act]?.());
  button.addEventListener("click", () => begin());
  root.querySelector("[data-review]").addEventListener("click", () => {
    reviewed.show(takes, takes.at(-1));
    show("done", "");
  });

  listMicrophones();
  kept(owner, place).then((found) => {
    if (!found.length || state !== "idle" || !root.isConnected) return;
    takes = [...found, ...takes];
    reviewed.show(takes, found.at(-1));
    show("done", words("kept"));
  });
}
