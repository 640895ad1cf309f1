// What is written in the studio is kept as it is written: by the site and, until it is there, in this browser, under the
// name of the person who wrote it. A window that crashed, was offline or signed out is made up for when the studio opens.

const form = () => document.getElementById("speak");
const place = () => document.getElementById("draft");
const text = () => document.getElementById("id_text");
const randomName = () => Math.random().toString(36).slice(2); // crypto.randomUUID needs HTTPS

const KEEPALIVE_BYTES = 60_000; // a browser lets requests of 64 KiB outlive their page, no larger ones

let version; // of the draft that this window is based on
const here = randomName(); // this window
let from = here; // or the one whose unsaved text it took up
let kept; // what the site has, as of `written`
let sending = 0; // requests
let asked = null; // another window's draft, while the person has not chosen between the two
let failures = 0;
let timer;

const fields = () => [...new FormData(form())].filter(([name]) => name !== "csrfmiddlewaretoken");
const written = () => JSON.stringify(fields());
const prefix = () => `draft:${place().dataset.owner}:`;

// ---- in this browser

function keepHere() {
  const entry = { fields: fields(), version, window: from, at: Date.now() };
  try {
    localStorage.setItem(prefix() + here, JSON.stringify(entry));
    return true;
  } catch {
    return false; // no storage, or it is full
  }
}
function forgetHere() {
  try {
    localStorage.removeItem(prefix() + here);
  } catch {}
}
// The newest of what windows of this person left unsaved; older ones are found the next time.
function takeUp() {
  const left = [];
  try {
    for (const key of Object.keys(localStorage).filter((key) => key.startsWith(prefix()))) {
      left.push({ key, ...JSON.parse(localStorage.getItem(key)) });
    }
  } catch {}
  left.sort((one, other) => other.at - one.at);
  if (!left.length) return;
  ({ version, window: from } = left[0]);
  fill(left[0].fields);
  if (written() === kept || keepHere()) localStorage.removeItem(left[0].key);
  save();
}

// ---- on the site

function later(milliseconds) {
  clearTimeout(timer);
  timer = setTimeout(save, milliseconds);
}
function changed() {
  place().querySelector("[data-draft-saved]").hidden = true;
  later(700 + text().value.length / 100); // a long text is sent less often
}
async function save({ leaving = false } = {}) {
  clearTimeout(timer);
  if (!place()) return;
  const [content, now] = [fields(), written()];
  if (now === kept) return forgetHere();
  const isHere = keepHere();
  if (asked || (sending && !leaving)) return;
  const body = new URLSearchParams(content).toString();
  const about = new URLSearchParams({ owner: place().dataset.owner, version, window: from });
  sending += 1;
  let response;
  try {
    response = await fetch(place().dataset.address, {
      method: "POST",
      body: `${body}&${about}`,
      keepalive: body.length < KEEPALIVE_BYTES,
      headers: {
        Accept: "application/json",
        "Content-Type": "application/x-www-form-urlencoded",
        "X-CSRFToken": csrfToken(),
      },
    });
  } catch {
    response = { status: 0 };
  }
  sending -= 1;
  const answer = await response.json?.().catch(() => null);
  if (response.status === 200 && answer) saved(answer.version, now);
  else if (response.status === 409) ask(answer);
  else refused(response.status, answer?.error, isHere);
}
function saved(newVersion, now) {
  if (failures) say("");
  failures = 0;
  version = newVersion;
  from = here;
  kept = now;
  if (written() !== kept) return changed();
  forgetHere();
  place().querySelector("[data-draft-saved]").hidden = false;
}
function refused(status, words, isHere) {
  failures += 1;
  const isSignedOut = status === 401 || status === 403;
  if (!words && isSignedOut) words = "You are signed out.";
  if (!words) words = status === 413 || status === 400 ? "This text is too long to keep." : "The site does not answer.";
  words += isHere ? " What you write is kept in this browser" : " What you write is not kept";
  words += isHere && isSignedOut ? ", and saved once you are signed in again." : ".";
  const link = Object.assign(document.createElement("a"), { href: place().dataset.login, target: "_blank" });
  link.textContent = "Sign in in another tab";
  say(words, ...(isSignedOut ? [link] : []));
  if (status === 0 || status >= 500) later(Math.min(3000 * 2 ** failures, 60_000));
}

// ---- what is asked and said

function say(words, ...controls) {
  const line = place().querySelector("[data-draft-words]");
  if (line.dataset.words === words && controls.every((control) => control.tagName === "A")) return;
  line.dataset.words = words;
  line.className = words ? "message" : "";
  line.replaceChildren(words, ...controls.flatMap((control) => [" ", control]));
}
function button(words, act) {
  const made = Object.assign(document.createElement("button"), { type: "button", textContent: words });
  made.addEventListener("click", act);
  return made;
}
function ask(theirs) {
  asked = theirs;
  const other = theirs.fields.text;
  const what = !other.trim() ? "There, the text is empty." : other === text().value ? "There, the text is the same." : quote(other);
  say(`You wrote on in another window. ${what}`, button("Take that text", takeTheirs), button("Keep this one", keepMine));
}
// Where another text goes on otherwise than this one.
function quote(other) {
  const mine = text().value;
  let place = 0;
  while (place < other.length && other[place] === mine[place]) place += 1;
  const start = place < 30 ? 0 : place - 20;
  const end = start + 70;
  return `There, it says: “${start ? "…" : ""}${other.slice(start, end).trim()}${end < other.length ? "…" : ""}”`;
}
function takeTheirs() {
  const mine = fields();
  ({ version } = asked);
  from = here;
  fill(Object.entries(asked.fields));
  asked = null;
  kept = written();
  forgetHere();
  offerUndo("That text is here now.", mine);
}
function keepMine() {
  ({ version } = asked);
  asked = null;
  say("");
  text().focus();
  save();
}
function offerUndo(words, before) {
  const undo = () => {
    const now = fields();
    fill(before);
    offerUndo("Your text is back.", now);
    save();
  };
  say(words, button("Undo", undo));
  text().focus();
}
function startAfresh() {
  const before = fields();
  for (const name of ["text", "seed"]) form().elements[name].value = "";
  form().elements.speed.value = 1;
  shown();
  offerUndo("The text is cleared.", before);
  save();
}

// ---- the form

function fill(values) {
  set(values);
  show(); // the languages follow the model
  set(values);
  shown();
}
function set(values) {
  for (const [name, value] of values) {
    const controls = [...form().elements].filter((control) => control.name === name);
    for (const control of controls) {
      if (control.type === "radio") control.checked = control.value === value;
      else if (control.tagName !== "SELECT" || [...control.options].some((option) => option.value === value)) {
        control.value = value;
      }
    }
    // Who speaks is asked only when the lines of a dialogue have been read: until then, it waits in a hidden field.
    if (!controls.length && name.startsWith("cast:")) {
      form().prepend(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
  }
}
function shown() {
  show();
  update();
  htmx.trigger("#reading", "refresh");
}
function update() {
  if (place()) place().querySelector("[data-draft=afresh]").hidden = !text().value;
}

document.addEventListener("DOMContentLoaded", () => {
  if (!place()) return;
  ({ version } = place().dataset);
  kept = written();
  const asksForAnother = new URLSearchParams(location.search);
  if (!asksForAnother.has("again") && !asksForAnother.has("voice")) takeUp();
  update();
  if (matchMedia("(hover: hover) and (pointer: fine)").matches && document.activeElement === document.body && !location.hash) {
    text().focus({ preventScroll: true });
    text().setSelectionRange(text().value.length, text().value.length);
  }
});
for (const name of ["input", "change"]) {
  document.addEventListener(name, (event) => {
    if (!form()?.contains(event.target)) return;
    changed();
    update();
  });
}
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-draft=afresh]")) startAfresh();
});

// What is typed on while Speak is on its way stays, though the form is shown anew as it was sent.
let sent;
let typedOn = null;
document.addEventListener("htmx:beforeRequest", ({ target }) => {
  if (target === form()) sent = written();
});
document.addEventListener("htmx:beforeSwap", ({ target }) => {
  if (target !== form() || written() === sent) return;
  const { selectionStart, selectionEnd } = text();
  typedOn = { fields: fields(), selection: [selectionStart, selectionEnd] };
});
document.addEventListener("htmx:afterSwap", ({ target }) => {
  if (!typedOn || target !== form()) return;
  fill(typedOn.fields);
  if (document.activeElement === text()) text().setSelectionRange(...typedOn.selection);
  typedOn = null;
});
document.addEventListener("visibilitychange", () => save({ leaving: document.hidden }));
window.addEventListener("pagehide", () => save({ leaving: true }));
for (const name of ["online", "focus"]) window.addEventListener(name, () => failures && save());

// What is not saved yet is saved before its writer signs out: then it is forgotten here.
document.addEventListener(
  "submit",
  async (event) => {
    const { signsOut } = event.target.dataset;
    if (!signsOut || !place() || written() === kept) return;
    event.preventDefault();
    await Promise.race([save({ leaving: true }), new Promise((resolve) => setTimeout(resolve, 2000))]);
    forgetDrafts(signsOut);
    event.target.submit();
  },
  true,
);
