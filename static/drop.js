// Where a recording comes in: it is chosen, dropped, or made by the page (static/recorder.js) or by the phone's own recorder.
// All go through one file field, so that the page knows one way in.

import { isThere } from "./microphone.js";
import { recorder } from "./recorder.js";

function drop(root) {
  if (root.dataset.begun) return;
  root.dataset.begun = "yes";
  const input = root.querySelector("[data-file]");
  const button = root.querySelector("[data-record]");
  const maxBytes = Number(root.dataset.maxBytes);

  const trouble = root.querySelector("[data-drop-error]");
  const complain = (text) => {
    trouble.textContent = text;
    trouble.hidden = !text;
  };

  const take = (file) => {
    const files = new DataTransfer();
    files.items.add(file);
    input.files = files.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };

  for (const name of ["dragover", "dragleave", "drop"]) {
    root.addEventListener(name, (event) => {
      event.preventDefault();
      root.classList.toggle("over", name === "dragover");
      if (name === "drop" && event.dataTransfer.files.length) take(event.dataTransfer.files[0]);
    });
  }

  const isTooLarge = (file) => {
    complain("");
    if (file.size <= maxBytes) return false;
    input.value = "";
    const [size, limit] = [file.size, maxBytes].map((bytes) => Math.round(bytes / 2 ** 20));
    complain(words("too-large", { size, limit }));
    return true;
  };
  input.addEventListener("htmx:beforeRequest", (event) => {
    const file = input.files[0];
    if (!file || isTooLarge(file)) event.preventDefault();
  });
  input.addEventListener("htmx:sendAbort", () => (input.value = ""));
  input.addEventListener("htmx:afterRequest", (event) => {
    // It is stored now, and the form names it: no need to send it again with the rest.
    if (event.detail.xhr?.status === 200 || event.detail.xhr?.status === 422) input.value = "";
  });

  // A file that the field does not send by itself can be heard first.
  const preview = root.querySelector("[data-preview]");
  input.addEventListener("change", () => {
    if (!preview) return;
    const sound = preview.querySelector("audio");
    const file = input.files[0];
    URL.revokeObjectURL(sound.src);
    preview.hidden = !file || isTooLarge(file);
    if (preview.hidden) return sound.removeAttribute("src");
    document.getElementById(input.getAttribute("aria-describedby"))?.remove(); // what was wrong with another one
    for (const name of ["aria-invalid", "aria-describedby"]) input.removeAttribute(name);
    preview.querySelector("[data-preview-name]").textContent = file.name;
    sound.src = URL.createObjectURL(file);
    document.getElementById("announcer").textContent = words("heard-first", { name: file.name });
  });
  if (input.files.length) { // somebody was quicker than the scripts; htmx listens only when it has begun
    document.addEventListener("htmx:load", () => input.dispatchEvent(new Event("change", { bubbles: true })), { once: true });
  }

  const phone = root.querySelector("[data-phone]");
  const offerPhone = () => (phone.hidden = !matchMedia("(any-pointer: coarse)").matches);
  phone.querySelector("input").addEventListener("change", ({ target }) => {
    if (target.files.length) take(target.files[0]);
    target.value = "";
  });

  const why = !isSecureContext ? "insecure" : isThere() ? "" : "unsupported";
  button.hidden = why !== "";
  root.querySelector("[data-no-microphone=insecure]").hidden = why !== "insecure"; // what the server expects may be wrong
  if (!why) return recorder(root, { take, complain, offerPhone });
  root.querySelector(`[data-no-microphone=${why}]`).hidden = false;
  offerPhone();
  root.querySelector("[data-phone-help]").hidden = phone.hidden;
  root.querySelector("[data-computer-help]").hidden = !phone.hidden;
}

const drops = () => document.querySelectorAll("[data-drop]:has([data-recorder])").forEach(drop);
drops();
htmx.onLoad(drops);
