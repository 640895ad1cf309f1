// Recording in the page, dropping a file, and how far its sending is. What is recorded goes through the same file
// input as a chosen file, so that the page knows one way in.

document.addEventListener("DOMContentLoaded", () => {
  const drop = document.querySelector("[data-drop]");
  if (!drop) return;
  const input = drop.querySelector("input[type=file]");
  drop.classList.add("scripted"); // the label is the button then, and what was taken is shown below
  const sending = drop.querySelector(".sending");
  const panel = drop.querySelector("[data-recorder]");
  const button = panel.querySelector("[data-record]");
  const label = panel.querySelector("[data-record-label]");
  const meter = panel.querySelector("meter");
  const time = panel.querySelector("[data-record-time]");
  const maxBytes = Number(drop.dataset.maxBytes);
  const maxSeconds = Number(drop.dataset.maxSeconds);

  const trouble = drop.querySelector("[data-drop-error]");
  const say = (words) => {
    trouble.textContent = words;
    trouble.hidden = !words;
  };

  const take = (file) => {
    const files = new DataTransfer();
    files.items.add(file);
    input.files = files.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };

  // --- dropping
  for (const name of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", name === "dragover");
      if (name === "drop" && event.dataTransfer.files.length) take(event.dataTransfer.files[0]);
    });
  }

  // --- sending
  input.addEventListener("htmx:beforeRequest", (event) => {
    const file = input.files[0];
    if (!file) return event.preventDefault();
    say("");
    if (file.size > maxBytes) {
      event.preventDefault();
      input.value = "";
      return say(`This file has ${Math.round(file.size / 2 ** 20)} MB; ${Math.round(maxBytes / 2 ** 20)} MB is the most. Choose a shorter one.`);
    }
    sending.hidden = false;
    sending.value = 0;
  });
  input.addEventListener("htmx:xhr:progress", (event) => {
    if (event.detail.lengthComputable && event.detail.total) sending.value = (100 * event.detail.loaded) / event.detail.total;
  });
  input.addEventListener("htmx:afterRequest", (event) => {
    sending.hidden = true;
    // It is stored now, and the form names it: no need to send it again with the rest.
    if (event.detail.xhr?.status === 200 || event.detail.xhr?.status === 422) input.value = "";
  });

  if (input.files.length) input.dispatchEvent(new Event("change", { bubbles: true })); // quicker than this script was

  // --- recording
  if (!navigator.mediaDevices?.getUserMedia || !window.MediaRecorder) return; // browsers allow it only over HTTPS or on localhost
  panel.hidden = false;
  drop.querySelector("[data-prompt]").hidden = false;
  let recorder = null;

  const stop = () => recorder?.state === "recording" && recorder.stop();

  button.addEventListener("click", async () => {
    if (recorder) return stop();
    let stream;
    try {
      // The voice as it is: a browser's own clean-up is made for calls and changes the timbre.
      stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false } });
    } catch (error) {
      return say(error.name === "NotFoundError" ? "No microphone was found." : "The browser did not let this page use the microphone. Allow it in the address bar, or choose a file.");
    }
    const type = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"].find((one) => MediaRecorder.isTypeSupported(one)) || "";
    const parts = [];
    recorder = new MediaRecorder(stream, type ? { mimeType: type, audioBitsPerSecond: 128000 } : {});
    recorder.addEventListener("dataavailable", (event) => event.data.size && parts.push(event.data));

    const context = new AudioContext();
    const analyser = context.createAnalyser();
    context.createMediaStreamSource(stream).connect(analyser);
    const wave = new Float32Array(analyser.fftSize);
    const begun = performance.now();
    const tick = setInterval(() => {
      analyser.getFloatTimeDomainData(wave);
      meter.value = Math.min(1, Math.max(...wave.map(Math.abs)));
      const seconds = (performance.now() - begun) / 1000;
      const minutes = seconds < 60 ? "" : `${Math.floor(seconds / 60)} min `;
      time.textContent = `${minutes}${Math.floor(seconds % 60)} s${seconds < 6 ? ", a little more" : ""}`;
      if (seconds > maxSeconds - 1) stop();
    }, 100);

    recorder.addEventListener("stop", () => {
      clearInterval(tick);
      context.close();
      stream.getTracks().forEach((track) => track.stop());
      const kind = recorder.mimeType.split(";")[0] || "audio/webm";
      recorder = null;
      meter.hidden = true;
      time.textContent = "";
      panel.classList.remove("recording");
      label.textContent = "Record again";
      if (!parts.length) return say("The microphone gave nothing. Try again.");
      take(new File(parts, `recording.${kind.endsWith("mp4") ? "m4a" : kind.endsWith("ogg") ? "ogg" : "webm"}`, { type: kind }));
    });
    recorder.start(500);
    meter.hidden = false;
    panel.classList.add("recording");
    label.textContent = "Stop";
  });
});
