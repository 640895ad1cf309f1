// Sends speech on: as an MP3 file by the share sheet of the phone or the computer, or else by a listening link, which is made
// in a panel over the page. Without a script that panel is a page of its own.
//
// A browser opens the sheet only for a moment after a press. The file is fetched at the first press; if that took longer
// than the browser allows, the button asks for another.

const SOUND = "audio/mpeg";
const sendsFiles = Boolean(navigator.canShare?.({ files: [new File([""], "speech.mp3", { type: SOUND })] }));
let prepared = null; // the last file, and the address it came from

// Where Share sends the file, the link has a button of its own.
function showLinkButtons() {
  if (sendsFiles) for (const button of document.querySelectorAll("[data-panel][hidden]")) button.hidden = false;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-share], [data-panel]");
  if (!button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (button.dataset.panel !== undefined || !sendsFiles) openPanel(button.href);
  else if (button.ariaBusy !== "true") shareFile(button);
});

async function openPanel(address) {
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-label", words("share"));
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", ({ target }) => (target === dialog || target.closest("[data-close]")) && dialog.close());
  document.getElementById("main").append(dialog);
  await htmx.ajax("GET", address, { target: dialog, swap: "innerHTML" });
  if (dialog.firstElementChild) dialog.showModal();
  else dialog.remove(); // what went wrong is said on the page
}

async function shareFile(button) {
  const address = button.dataset.share;
  const isSecondPress = button.classList.contains("ready");
  try {
    if (prepared?.address !== address) prepared = { address, file: await fetchFile(button) };
    await navigator.share({ files: [prepared.file], title: button.dataset.title });
    labelShare(button, "share");
  } catch (error) {
    const isTooLate = error.name === "NotAllowedError" && !isSecondPress;
    labelShare(button, isTooLate ? "share-now" : "share", { isReady: isTooLate });
    if (isTooLate) say(words("may-share"));
    else if (error.name !== "AbortError") tell(words("not-shared"));
  }
}

// The file. Where it takes so long that a page says how far it is, that page is shown instead.
async function fetchFile(button) {
  const { share: address, title } = button.dataset;
  button.ariaBusy = "true";
  labelShare(button, "preparing");
  say(words("preparing-file"));
  try {
    const response = await fetch(address);
    if (!response.ok) throw new Error(response.status);
    if (!response.headers.get("Content-Type").startsWith(SOUND)) {
      location.assign(response.url);
      throw new DOMException("", "AbortError");
    }
    const parts = [];
    const [size, reader] = [Number(response.headers.get("Content-Length")), response.body.getReader()];
    let got = 0;
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      parts.push(part.value);
      got += part.value.length;
      labelShare(button, "preparing-so-far", { share: percent(got / size) });
    }
    return new File(parts, `${title.replace(/[\\/:*?"<>|\p{C}]+/gu, " ").trim() || "speech"}.mp3`, { type: SOUND });
  } finally {
    button.ariaBusy = null;
  }
}

function labelShare(button, name, { isReady = false, ...values } = {}) {
  button.querySelector("[data-label]").textContent = words(name, values);
  button.classList.toggle("ready", isReady);
}

for (const name of ["htmx:load", "htmx:afterSwap", "htmx:oobAfterSwap"]) document.addEventListener(name, showLinkButtons);
