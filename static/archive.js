// Archives of voices: choosing what goes into one; sending one by dropping it.

document.addEventListener("htmx:load", () => {
  const none = document.querySelector("[data-choose-none][hidden]");
  if (!none) return;
  none.hidden = false;
  none.addEventListener("click", () => none.form.querySelectorAll("[name=voice]").forEach((box) => (box.checked = false)));
});

document.addEventListener("htmx:load", () => {
  const form = document.querySelector("#archive-form:not([data-begun])");
  if (!form) return;
  form.dataset.begun = "";
  const drop = form.querySelector("[data-drop]");
  const input = drop.querySelector("input[type=file]");
  const chosen = drop.querySelector("[data-chosen]");
  const maxBytes = Number(form.dataset.maxBytes);

  const say = (text) => {
    const lines = text ? [Object.assign(document.createElement("p"), { className: "error", textContent: text })] : [];
    document.getElementById("rejected").replaceChildren(...lines);
  };
  const megabytes = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1024)} kB` : `${Math.round(bytes / 2 ** 20)} MB`);
  const tooLarge = (size) => fill(form.dataset.tooLarge, { size: megabytes(size), limit: megabytes(maxBytes) });

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
    say(file && file.size > maxBytes ? tooLarge(file.size) : "");
  });

  form.addEventListener("htmx:beforeRequest", (event) => {
    if (input.files[0]?.size > maxBytes) return event.preventDefault();
    say("");
  });
});
