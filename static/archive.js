// Archives of voices: choosing what goes into one; sending one by dropping it, how far that is, and cancelling it.

document.addEventListener("DOMContentLoaded", () => {
  const none = document.querySelector("[data-choose-none]");
  if (!none) return;
  none.hidden = false;
  none.addEventListener("click", () => none.form.querySelectorAll("[name=voice]").forEach((box) => (box.checked = false)));
});

document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("archive-form");
  if (!form) return;
  const drop = form.querySelector("[data-drop]");
  const input = drop.querySelector("input[type=file]");
  const chosen = drop.querySelector("[data-chosen]");
  const sending = form.querySelector("[data-sending]");
  const stage = sending.querySelector("[data-sending-stage]");
  const bar = sending.querySelector("progress");
  const maxBytes = Number(form.dataset.maxBytes);
  drop.classList.add("scripted");

  const say = (words) => {
    const lines = words ? [Object.assign(document.createElement("p"), { className: "error", textContent: words })] : [];
    document.getElementById("rejected").replaceChildren(...lines);
  };
  const megabytes = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1024)} KB` : `${Math.round(bytes / 2 ** 20)} MB`);

  for (const name of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", name === "dragover");
      if (name !== "drop" || !event.dataTransfer.files.length) return;
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change"));
    });
  }
  input.addEventListener("change", () => {
    const file = input.files[0];
    chosen.hidden = !file;
    chosen.textContent = file ? `${file.name}, ${megabytes(file.size)}` : "";
    say(file && file.size > maxBytes ? `This archive has ${megabytes(file.size)}; ${megabytes(maxBytes)} is the most.` : "");
  });

  form.addEventListener("htmx:beforeRequest", (event) => {
    if (input.files[0]?.size > maxBytes) return event.preventDefault();
    say("");
    stage.textContent = "Sending";
    bar.value = 0;
    sending.hidden = false;
  });
  form.addEventListener("htmx:xhr:progress", (event) => {
    if (!event.detail.lengthComputable || !event.detail.total) return;
    bar.value = (100 * event.detail.loaded) / event.detail.total;
    if (event.detail.loaded === event.detail.total) stage.textContent = "Looking inside";
  });
  form.addEventListener("htmx:afterRequest", () => (sending.hidden = true));
  form.querySelector("[data-sending-cancel]").addEventListener("click", () => htmx.trigger(form, "htmx:abort"));
});
