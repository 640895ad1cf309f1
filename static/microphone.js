// The microphone: which one, what it hears as samples, and how loud that is.

const MAX_RATE = 48_000; // Hz: a voice has nothing above 24 kHz
const CHOICE = "microphone"; // in localStorage

// A browser's own clean-up is made for calls. It cuts off the breath and the ends of words, changes the timbre, and levels
// what is soft: all of which would be cloned. The site measures noise, levels and cleans up itself, where that is asked for.
const AS_IT_IS = { echoCancellation: false, noiseSuppression: false, autoGainControl: false, channelCount: 1 };

export const isThere = () => isSecureContext && Boolean(navigator.mediaDevices?.getUserMedia && window.AudioWorkletNode);

// Browsers that lay out this site have audio worklets, so there is no other way of recording, whose sound would be lossy.
export async function listen(collector, onPiece, onLost) {
  const stream = await chosenStream();
  const [track] = stream.getAudioTracks();
  const context = await contextFor(track, collector).catch((error) => {
    track.stop();
    throw error;
  });
  const node = new AudioWorkletNode(context, "collector", { channelCount: 1, channelCountMode: "explicit", numberOfOutputs: 0 });
  context.createMediaStreamSource(stream).connect(node);
  node.port.onmessage = ({ data }) => onPiece(data);
  track.addEventListener("ended", onLost); // unplugged, or taken away
  context.addEventListener("statechange", () => context.state !== "running" && context.state !== "closed" && onLost());
  const close = () => {
    node.port.onmessage = null;
    track.removeEventListener("ended", onLost);
    track.stop();
    if (context.state !== "closed") context.close();
  };
  return { rate: context.sampleRate, device: track.getSettings().deviceId, close };
}

async function chosenStream() {
  const deviceId = chosen();
  const ask = (more) => navigator.mediaDevices.getUserMedia({ audio: { ...AS_IT_IS, ...more } });
  if (!deviceId) return ask();
  try {
    return await ask({ deviceId: { exact: deviceId } });
  } catch (error) {
    if (!["OverconstrainedError", "NotFoundError"].includes(error.name)) throw error;
    return ask(); // it is not connected today
  }
}

// At the rate of the microphone where the browser tells it, so that nothing is resampled.
async function contextFor(track, collector) {
  const { sampleRate } = track.getSettings();
  const context = new AudioContext(sampleRate ? { sampleRate: Math.min(sampleRate, MAX_RATE) } : {});
  await context.audioWorklet.addModule(collector);
  if (context.state !== "running") await context.resume();
  return context;
}

// Which there are: browsers tell their names only to a page that was allowed to listen.
export async function microphones() {
  const devices = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  return devices.filter(({ kind, deviceId, label }) => kind === "audioinput" && label && deviceId !== "communications");
}
export function chosen() {
  try {
    return localStorage.getItem(CHOICE) ?? "";
  } catch {
    return "";
  }
}
export function choose(deviceId) {
  try {
    localStorage.setItem(CHOICE, deviceId);
  } catch {} // for this time only, then, the browser's own choice
}

const decibels = (amplitude) => 20 * Math.log10(Math.max(amplitude, 1e-6));

// How loud a piece is, in dBFS: its peak, and its root mean square.
export function loudness(piece) {
  let peak = 0;
  let power = 0;
  for (const sample of piece) {
    peak = Math.max(peak, Math.abs(sample));
    power += sample * sample;
  }
  return { peak: decibels(peak), rms: decibels(Math.sqrt(power / piece.length)), isNothing: peak === 0 };
}

// The level of a room in dBFS: what most of the time is exceeded, so that a cough or a click does not count.
export function floor(levels) {
  const sorted = [...levels].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 4)];
}
