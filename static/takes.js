// What was recorded and not sent yet, as 16-bit samples. It is kept in this browser while it is recorded, a second at a time,
// so that neither a page that is loaded again nor an upload that fails loses it, and goes when it is sent, discarded, or its
// speaker signs out (static/site.js). Each person has a database of their own.

const FADE = 240; // samples, 5 ms: where a pause was, two sounds would meet with a click
const PEAKS_PER_SECOND = 50;
const HEADER = 44; // bytes

function database(owner) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(`takes:${owner}`, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("takes", { keyPath: "id" });
      request.result.createObjectStore("parts");
    };
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close(); // another window signs out
      resolve(request.result);
    };
  });
}
// What `act` asks of the two stores, once all of it is done. Null where a browser has no room for it, or forbids it.
async function transact(owner, mode, act) {
  try {
    const open = await database(owner);
    const transaction = open.transaction(["takes", "parts"], mode);
    const request = act(transaction.objectStore("takes"), transaction.objectStore("parts"));
    return await new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(request?.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    }).finally(() => open.close());
  } catch {
    return null;
  }
}
const partsOf = ({ id }) => IDBKeyRange.bound([id, 0], [id, Infinity]);
const row = ({ sound, peaks, ...rest }) => rest;

export async function keep(owner, take) {
  return (await transact(owner, "readwrite", (takes) => takes.put(row(take)))) !== null;
}
export async function keepAgain(owner, take) {
  const samples = await take.sound.slice(HEADER).arrayBuffer();
  await transact(owner, "readwrite", (takes, parts) => {
    takes.put(row(take));
    parts.put(samples, [take.id, 0]);
  });
}
export const forget = (owner, take) =>
  transact(owner, "readwrite", (takes, parts) => {
    takes.delete(take.id);
    parts.delete(partsOf(take));
  });

// The takes that were recorded at a place of the site, in order. Those of sentences that are asked no more are forgotten.
export async function kept(owner, place) {
  const all = (await transact(owner, "readonly", (takes) => takes.getAll())) ?? [];
  const [kind] = place.split(":");
  const found = [];
  for (const take of all.sort((one, other) => one.at - other.at)) {
    if (take.place === place) {
      const parts = (await transact(owner, "readonly", (_, parts) => parts.getAll(partsOf(take)))) ?? [];
      finish(take, parts);
      if (take.seconds > 0) found.push(take);
    } else if (kind === "sentence" && take.place.startsWith("sentence:")) forget(owner, take);
  }
  return found;
}

function finish(take, parts) {
  const samples = parts.reduce((sum, part) => sum + part.byteLength, 0) / 2;
  take.seconds = samples / take.rate;
  take.from ??= 0;
  take.to = Math.min(take.to ?? take.seconds, take.seconds);
  take.sound = new Blob([header(samples, take.rate), ...parts], { type: "audio/wav" });
  take.peaks = peaksOf(parts, take.rate);
}
function peaksOf(parts, rate) {
  const peaks = [];
  let at = 0;
  for (const part of parts) {
    for (const sample of new Int16Array(part.buffer ?? part)) {
      const place = Math.floor((at++ * PEAKS_PER_SECOND) / rate);
      peaks[place] = Math.max(peaks[place] ?? 0, Math.abs(sample));
    }
  }
  return peaks;
}

// Writes a take while it is recorded. `about`: place, at (ms), rate (Hz), and whatever else is to be known of it.
export class Writer {
  constructor(owner, about) {
    this.owner = owner;
    this.take = { id: `${about.at}-${Math.random().toString(36).slice(2)}`, ...about };
    this.parts = [];
    this.pending = new Int16Array(2 * about.rate);
    this.filled = 0;
    this.samples = 0;
    this.fadesIn = 0; // samples that are left to be faded in
    this.isKept = keep(owner, this.take); // a promise
  }
  get seconds() {
    return this.samples / this.take.rate;
  }
  add(piece) {
    const { rate } = this.take;
    for (const sample of piece) {
      const gain = this.fadesIn ? 1 - this.fadesIn-- / FADE : 1;
      this.pending[this.filled++] = Math.max(-32768, Math.min(32767, Math.round(sample * gain * 32768)));
    }
    this.samples += piece.length;
    if (this.filled >= rate + FADE) this.flush(this.filled - FADE); // what a pause may still have to fade stays
  }
  pause() {
    const last = Math.min(FADE, this.filled);
    for (let at = 1; at <= last; at += 1) this.pending[this.filled - at] *= (at - 1) / last;
    this.flush(this.filled);
    this.fadesIn = FADE;
  }
  flush(count) {
    if (!count) return;
    const part = this.pending.slice(0, count);
    const number = this.parts.push(part) - 1;
    transact(this.owner, "readwrite", (_, parts) => parts.put(part.buffer, [this.take.id, number]));
    this.pending.copyWithin(0, count, this.filled);
    this.filled -= count;
  }
  end() {
    this.flush(this.filled);
    finish(this.take, this.parts);
    keep(this.owner, this.take);
    return this.take;
  }
}

// What is between the edges of a take, as a WAV file: the samples themselves, since nothing needs to be decoded.
export function file(take, name) {
  const [from, to] = [take.from, take.to].map((seconds) => Math.round(seconds * take.rate));
  const samples = take.sound.slice(HEADER + 2 * from, HEADER + 2 * to);
  return new File([header(samples.size / 2, take.rate), samples], name, { type: "audio/wav" });
}
// Whether nothing was said in what is outside the edges, so that all of a text that was read is in between.
export function isWhole({ peaks, from, to }) {
  const [first, last] = [Math.floor(from * PEAKS_PER_SECOND), Math.ceil(to * PEAKS_PER_SECOND)];
  const loudest = peaks.reduce((one, other) => Math.max(one, other), 0);
  return [...peaks.slice(0, first), ...peaks.slice(last)].every((peak) => peak < loudest / 8);
}
// 0 to 100 for each of `count` bars.
export function bars({ peaks }, count) {
  const wide = peaks.length / count;
  const loudest = peaks.reduce((one, other) => Math.max(one, other), 1);
  return Array.from({ length: count }, (_, bar) => {
    const from = Math.floor(bar * wide);
    const most = peaks.slice(from, Math.max(Math.floor((bar + 1) * wide), from + 1)).reduce((one, other) => Math.max(one, other), 0);
    return (100 * most) / loudest;
  });
}

// Of a WAV file with 16-bit samples, in mono.
function header(samples, rate) {
  const view = new DataView(new ArrayBuffer(HEADER));
  const words = (at, text) => [...text].forEach((letter, index) => view.setUint8(at + index, letter.charCodeAt(0)));
  words(0, "RIFF");
  view.setUint32(4, HEADER - 8 + 2 * samples, true);
  words(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, 1, true); // channels
  view.setUint32(24, rate, true);
  view.setUint32(28, 2 * rate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  words(36, "data");
  view.setUint32(40, 2 * samples, true);
  return view.buffer;
}
