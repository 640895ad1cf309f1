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
let undoing = null; // what Ctrl+Z undoes while the text is as it was left: a browser knows only of what was typed
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

// The page was opened with a voice, or with a text to speak again: that is the draft from now on, also when it is loaded
// again. What was being written can be had back.
function takeOver() {
  const { aside } = place().dataset;
  kept = null;
  if (aside) offerUndo(words("replaced"), Object.entries(JSON.parse(aside)));
  history.replaceState(history.state, "", location.pathname);
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
  place().querySelector("[data-draft-saved]").hidden = true;
  const isHere = keepHere();
  if (asked || (sending && !leaving)) return;
  const at = place();
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
  if (place() !== at) return savedElsewhere(response.status === 200, at);
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
// The studio was left meanwhile, or is shown anew.
function savedElsewhere(isSaved, { dataset: { owner } }) {
  if (place()) later(0);
  else if (isSaved) localStorage.removeItem(`draft:${owner}:${here}`);
}
function refused(status, reason, isHere) {
  failures += 1;
  const isSignedOut = status === 401 || status === 403;
  const isTooLong = status === 413 || status === 400;
  const why = reason || words(isSignedOut ? "out" : isTooLong ? "too-long-to-keep" : "lost-connection");
  const where = words(!isHere ? "not-saved" : isSignedOut ? "kept-until-in" : "kept-here");
  const link = Object.assign(document.createElement("a"), { href: place().dataset.login, target: "_blank" });
  link.textContent = words("sign-in");
  say(`${why} ${where}`, ...(isSignedOut ? [link] : []));
  if (status === 0 || status >= 500) later(Math.min(3000 * 2 ** failures, 60_000));
}

// ---- what is asked and said

function say(said, ...controls) {
  const line = place().querySelector("[data-draft-words]");
  if (line.dataset.said === said && controls.every((control) => control.tagName === "A")) return;
  line.dataset.said = said;
  line.className = said ? "message" : "";
  line.replaceChildren(said, ...controls.flatMap((control) => [" ", control]));
}
function button(name, act) {
  const made = Object.assign(document.createElement("button"), { type: "button", textContent: words(name) });
  made.addEventListener("click", act);
  return made;
}
function ask(theirs) {
  asked = theirs;
  const other = theirs.fields.text;
  const what = !other.trim() ? words("empty-there") : other === text().value ? words("same-there") : quote(other);
  say(`${words("elsewhere")} ${what}`, button("use-theirs", takeTheirs), button("keep-mine", keepMine));
}
// Where another text goes on otherwise than this one.
function quote(other) {
  const mine = text().value;
  let place = 0;
  while (place < other.length && other[place] === mine[place]) place += 1;
  const start = place < 30 ? 0 : place - 20;
  const end = start + 70;
  const part = `${start ? "…" : ""}${other.slice(start, end).trim()}${end < other.length ? "…" : ""}`;
  return words("says-there", { part });
}
function takeTheirs() {
  const mine = fields();
  ({ version } = asked);
  from = here;
  fill(Object.entries(asked.fields));
  asked = null;
  kept = written();
  forgetHere();
  offerUndo(words("theirs-used"), mine);
  text().focus();
}
function keepMine() {
  ({ version } = asked);
  asked = null;
  say("");
  text().focus();
  save();
}
function offerUndo(said, before) {
  const undo = () => {
    undoing = null;
    const now = fields();
    fill(before);
    offerUndo(words("back"), now);
    text().focus();
    save();
  };
  say(said, button("undo", undo));
  undoing = { undo, as: text().value };
}
function startAfresh() {
  const before = fields();
  for (const name of ["text", "seed"]) form().elements[name].value = "";
  form().elements.speed.value = 1;
  shown();
  offerUndo(words("cleared"), before);
  text().focus();
  save();
}

// ---- the form

function fill(values) {
  set(values);
  filled(); // the languages follow the model
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
const filled = () => document.dispatchEvent(new Event("filled"));
function shown() {
  filled();
  update();
  htmx.trigger("#reading", "refresh");
}
function update() {
  if (place()) place().querySelector("[data-draft=afresh]").hidden = !text().value;
}

function begin() {
  if (!place() || "begun" in place().dataset) return;
  place().dataset.begun = "";
  ({ version } = place().dataset);
  [from, kept, failures, undoing] = [here, written(), 0, null];
  const query = new URLSearchParams(location.search);
  if (query.has("again") || query.has("voice")) takeOver();
  else takeUp();
  update();
  if (matchMedia("(hover: hover) and (pointer: fine)").matches && isNowhere() && !location.hash) {
    text().focus({ preventScroll: true });
    text().setSelectionRange(text().value.length, text().value.length);
  }
}
// htmx says that the first page is there only when there is time, in which somebody may type already.
for (const name of ["DOMContentLoaded", "htmx:load"]) document.addEventListener(name, begin);
document.addEventListener("keydown", (event) => {
  const isUndo = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key === "z";
  if (!isUndo || !undoing || !place() || document.querySelector("dialog[open]")) return;
  if (event.target.matches("input, textarea") && event.target !== text()) return;
  if (text().value !== undoing.as) return;
  event.preventDefault();
  undoing.undo();
});
function isNowhere() {
  return [document.body, document.getElementById("main")].includes(document.activeElement);
}
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
  if (target !== form()) return;
  if (typedOn) {
    fill(typedOn.fields);
    if (document.activeElement === text()) text().setSelectionRange(...typedOn.selection);
    typedOn = null;
  }
  save(); // what the site itself wrote, too: an example
  update();
});
document.addEventListener("visibilitychange", () => save({ leaving: document.hidden }));
window.addEventListener("pagehide", () => save({ leaving: true }));
document.addEventListener("page-leaving", ({ detail }) => {
  if (place() && written() !== kept) detail.wait.push(save({ leaving: true }));
});
document.addEventListener("page-left", () => {
  save({ leaving: true }); // what came while the next page did
  clearTimeout(timer);
  asked = typedOn = null;
});
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
