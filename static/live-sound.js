// A text that is heard while it is made: its sentences one after another, each begun at its sample.

const LEAST = 1.2; // s, of a sentence that is being spoken, to begin in it: less would be heard in scraps
const AHEAD = 30; // s, fetched and decoded before they are due; what was heard is let go
const LEAD = 0.06; // s, from now to the first sample that is scheduled
const FADE = 0.008; // s, where somebody stops it or begins in the middle: no click
const TICK = 120; // ms
const AT_ONCE = 3; // requests
const LEAVE_AFTER = 1.2; // s, to make the whole file ready
const LEAVE_IN = 0.12; // s, of silence, in which nobody hears that another player goes on

let speaker; // the page's AudioContext. It has the rate of the takes: none is resampled, so they meet without a seam.

// Return whether it can be heard: a browser may want to be clicked first.
async function wakeSpeaker() {
  speaker ??= new AudioContext({ sampleRate: RATE, latencyHint: "balanced" });
  if (speaker.state !== "running") {
    const slow = new Promise((done) => setTimeout(done, 600));
    await Promise.race([speaker.resume().catch(() => {}), slow]);
  }
  return speaker.state === "running";
}

// Says "change" when it begins, pauses, waits or goes on, "ended", and "left" when the whole file has taken over.
class LiveSound extends EventTarget {
  paused = true;
  waiting = false; // for what is not there yet
  #at = 0; // samples, while nothing sounds
  #run = null; // what sounds now: takes, and parts of one, that are scheduled one after another
  #within = null; // the part of a sentence that #at is in, or at the end of, while nothing sounds
  #buffers = new Map(); // by address
  #clock = null;
  #successor = null; // an audio element with the whole file
  #leaving = null; // the sentence after which it takes over

  constructor(timeline) {
    super();
    this.timeline = timeline;
    timeline.addEventListener("change", () => this.#follow());
  }

  get time() {
    const late = this.#run ? (speaker.outputLatency || 0) * RATE : 0;
    return Math.max(this.#position() - late, this.#run?.from ?? 0) / RATE;
  }

  async play() {
    if (!this.paused) return;
    this.paused = false;
    this.timeline.isHeard = true;
    this.timeline.refresh();
    this.#say("change");
    if (!(await wakeSpeaker())) return this.pause();
    if (this.paused) return;
    this.#clock ??= setInterval(() => this.#tick(), TICK);
    this.#tick();
  }

  pause() {
    if (this.paused) return;
    this.#stop();
    this.#rest();
    this.#say("change");
  }

  seek(seconds) {
    this.#stop();
    this.#within = null;
    this.#at = Math.min(Math.max(inSamples(seconds), 0), this.timeline.ready);
    if (!this.paused) this.#tick();
    else this.#say("change");
  }

  // Let an audio element with the whole file go on, in a pause between two sentences.
  leaveTo(audio) {
    this.#successor = audio;
    this.#leaving = null;
  }

  #say(what) {
    this.dispatchEvent(new Event(what));
  }

  #rest() {
    this.paused = true;
    this.waiting = this.timeline.isHeard = false;
    clearInterval(this.#clock);
    this.#clock = null;
    this.#buffers.clear();
  }

  #position() {
    const run = this.#run;
    if (!run) return this.#at;
    return Math.min(Math.max(Math.floor(speaker.currentTime * RATE) - run.origin, run.from), run.until);
  }

  #tick() {
    if (this.paused) return;
    if (speaker.state !== "running") return this.pause(); // a call comes in
    const at = this.#position();
    this.#fetchFrom(at);
    if (this.#run && at >= this.#run.until) this.#leaveAt(at);
    if (!this.#run) this.#begin(at);
    if (!this.#run) return;
    this.#scheduleWhatIsThere();
    if (this.#successor && !document.hidden) this.#prepareToLeave(at);
  }

  #leaveAt(at) {
    const last = this.#run.takes.find(({ until }) => at <= until);
    this.#within = last?.attempt ? last : null;
    this.#run = null;
    this.#at = at;
  }

  #begin(at) {
    const { timeline } = this;
    const first = timeline.at(at);
    if (!first || (!first.audio && first.end - at < LEAST * RATE)) {
      if (timeline.isComplete || timeline.ended) this.#finish();
      else this.#wait();
      return;
    }
    const sound = first.sounds.find(({ start, samples }) => at < start + samples);
    if (sound && !this.#buffers.get(sound.audio)?.buffer) return;
    const out = new GainNode(speaker);
    out.connect(speaker.destination);
    const frame = Math.ceil((speaker.currentTime + LEAD) * RATE);
    if (at > first.start && at < first.end) {
      out.gain.setValueAtTime(0, frame / RATE);
      out.gain.linearRampToValueAtTime(1, frame / RATE + FADE);
    }
    this.#run = { out, origin: frame - at, from: at, until: at, next: first.index, takes: [] };
    this.waiting = false;
    this.#say("change");
  }

  #wait() {
    const isAtFirst = !this.#at && !this.timeline.segments[0]?.audio; // the page knew before: it is asked for now
    if (this.waiting || isAtFirst) return;
    this.waiting = true;
    this.#say("change");
  }

  #finish() {
    this.#at = 0;
    this.#within = null;
    this.#rest();
    this.#say("ended");
  }

  #scheduleWhatIsThere() {
    const run = this.#run;
    const last = this.#leaving?.index ?? Infinity;
    for (let segment; (segment = this.timeline.segments[run.next]) && segment.index <= last; run.next++) {
      const { index, start } = segment;
      const attempt = segment.audio ? "" : segment.attempt;
      for (const sound of segment.sounds) {
        const end = sound.start + sound.samples;
        if (run.until >= end) continue;
        const buffer = this.#buffers.get(sound.audio)?.buffer;
        if (!buffer) return;
        const from = Math.max(run.until, sound.start);
        const isFirst = run.until === run.from;
        if (!isFirst && (run.origin + from) / RATE < speaker.currentTime + 0.01) return; // too late: begin anew
        if (!isFirst) run.out.gain.cancelScheduledValues((run.origin + run.until) / RATE - FADE);
        const node = new AudioBufferSourceNode(speaker, { buffer });
        node.connect(run.out);
        node.start((run.origin + from) / RATE, (from - sound.start) / RATE);
        const until = segment.audio ? segment.next : end;
        run.takes = run.takes.filter((take) => take.until >= this.#position()); // the browser lets go of the others
        run.takes.push({ node, index, start, audio: sound.audio, attempt, until });
        run.until = end;
        if (attempt) fadeOut(run.out.gain, (run.origin + end) / RATE); // unless more comes in time
      }
      if (!segment.audio) return; // its next part, or its take, goes on from there
      run.until = segment.next;
    }
  }

  // End what sounds, without a click, and remember where.
  #stop() {
    const run = this.#run;
    if (!run) return;
    this.#leaveAt(this.#position());
    this.#leaving = null;
    const now = speaker.currentTime;
    run.out.gain.cancelScheduledValues(now);
    fadeOut(run.out.gain, now + FADE, run.out.gain.value);
    for (const { node } of run.takes) if (node.buffer) stopNode(node, now + 2 * FADE);
  }

  #fetchFrom(at) {
    const wanted = new Set();
    const { segments } = this.timeline;
    const first = this.timeline.at(at)?.index ?? segments.length;
    for (let index = first; segments[index]?.next !== undefined; index++) {
      if (segments[index].begin > at + AHEAD * RATE) break;
      for (const { audio, start, samples } of segments[index].sounds) if (start + samples > at) wanted.add(audio);
    }
    for (const [address, { asked }] of this.#buffers) {
      if (!wanted.has(address) && !asked) this.#buffers.delete(address);
    }
    let busy = [...this.#buffers.values()].filter((entry) => entry.asked).length;
    for (const address of wanted) {
      if (busy >= AT_ONCE) break;
      if (this.#buffers.has(address)) continue;
      busy += 1;
      this.#fetch(address);
    }
  }

  async #fetch(address) {
    const entry = { asked: true, buffer: null };
    const buffers = this.#buffers;
    buffers.set(address, entry);
    try {
      const response = await fetch(new URL(address, this.timeline.address));
      if (response.status === 404) this.timeline.refresh(); // of a part: its take is there, or it is spoken again
      if (!response.ok) throw new Error(response.statusText);
      entry.buffer = await speaker.decodeAudioData(await response.arrayBuffer());
      entry.asked = false;
      this.#tick();
    } catch {
      entry.asked = false;
      setTimeout(() => buffers.get(address) === entry && buffers.delete(address), 2000); // then it is tried again
    }
  }

  // Where a sentence that sounds or comes next was changed, the rest is scheduled anew, from the same place in its take. One
  // whose beginning was heard, of an attempt that was then rejected, is heard again from its beginning.
  #follow() {
    const { segments, ready } = this.timeline;
    const scheduled = this.#run?.takes ?? (this.#within ? [this.#within] : []);
    const isOf = ({ index, audio, attempt }, segment) =>
      segment.sounds.some((sound) => sound.audio === audio) ||
      (segment.audio && segment.index === index && segment.attempt === attempt);
    const isInPlace = (take) => segments[take.index]?.start === take.start && isOf(take, segments[take.index]);
    if (!scheduled.every(isInPlace)) {
      const at = this.#position();
      const now = scheduled.find((take) => at <= take.until);
      const same = now && segments.find((segment) => isOf(now, segment));
      this.#stop();
      this.#within = null;
      if (same?.start !== undefined) this.#at = same.start + at - now.start;
      else if (now?.attempt) this.#at = segments[now.index]?.begin ?? ready;
      this.#at = Math.min(this.#at, ready);
    }
    this.#tick();
    this.#say("change");
  }

  #prepareToLeave(at) {
    const audio = this.#successor;
    const run = this.#run;
    if (this.#leaving?.timed) return;
    if (!this.#leaving) {
      const { segments } = this.timeline;
      const now = this.timeline.at(at)?.index ?? 0;
      const after = segments
        .slice(now, run.next)
        .find(({ end, pause, index }) => end > at + LEAVE_AFTER * RATE && pause >= LEAVE_IN && index + 1 < segments.length);
      if (!after) return;
      this.#leaving = { index: after.index, end: after.end, timed: false };
      audio.preload = "auto";
      audio.load();
      audio.currentTime = after.end / RATE;
    }
    const due = (run.origin + this.#leaving.end) / RATE - speaker.currentTime;
    if (due < 0.02) this.#leaving = null; // the file comes too slowly: after another sentence
    else if (due < 2 * (TICK / 1000) + 0.1 && audio.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA && !audio.seeking) {
      this.#leaving.timed = true;
      for (const take of run.takes.filter(({ index }) => index > this.#leaving.index)) {
        stopNode(take.node, 0);
        run.until = Math.min(run.until, take.start);
        run.takes = run.takes.filter((other) => other !== take);
      }
      run.next = this.#leaving.index + 1;
      setTimeout(() => this.#leave(run), 1000 * due);
    }
  }

  #leave(run) {
    const audio = this.#successor;
    if (this.paused || this.#run !== run || !audio) return;
    const done = () => {
      if (this.#successor !== audio) return audio.pause(); // the player was shown anew meanwhile: go on to its element
      this.#run = null;
      this.#rest();
      this.#say("left");
    };
    audio.play().then(done, () => {
      this.#successor = this.#leaving = null; // go on alone
    });
  }
}

function fadeOut(gain, end, from = 1) {
  gain.setValueAtTime(from, end - FADE);
  gain.linearRampToValueAtTime(0, end);
}

function stopNode(node, when) {
  try {
    node.stop(when);
  } catch {
    // it was never begun: nothing of it was left to hear
  }
}
