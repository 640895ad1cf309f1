// What every page does: polls only while it is seen, says aloud what changes, copies links.

const polls = (element) => (element.getAttribute("hx-trigger") || "").startsWith("every");

// A hidden tab asks nothing but, now and then, for what it says is ready (static/ready.js); htmx goes on by itself when the
// tab is seen again.
const HIDDEN_PAUSE = 5000; // ms
let askedHidden = 0;
document.addEventListener("htmx:beforeRequest", (event) => {
  if (!document.hidden || !polls(event.target)) return;
  if (!event.target.matches("[data-tells]") || Date.now() - askedHidden < HIDDEN_PAUSE) event.preventDefault();
  else askedHidden = Date.now();
});

// Signing in again, in another tab, changes the token that this page was made with: the cookie has the one that counts.
function csrfToken() {
  const name = document.body.dataset.csrfCookie;
  const cookie = document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));
  return cookie?.slice(name.length + 1) ?? "";
}
document.addEventListener("htmx:configRequest", (event) => {
  const token = csrfToken();
  if (!token || event.detail.verb === "get") return;
  event.detail.headers["X-CSRFToken"] = token;
  if (event.detail.parameters.csrfmiddlewaretoken) event.detail.parameters.csrfmiddlewaretoken = token;
});

// htmx binds what it put in only after 20 ms, in which a bar moves on smoothly. A button that is pressed meanwhile would
// leave the page, and what is being written there. (Polls are left to htmx: one that ends must not begin again.)
for (const name of ["htmx:afterSwap", "htmx:oobAfterSwap"]) {
  document.addEventListener(name, ({ target }) => target.querySelectorAll("[hx-post]").forEach((one) => htmx.process(one)));
}

// The focus stays where it was when a part of the page is shown anew: on the same control or, where that is gone or can't
// be used, on the first one beside it.
const CONTROLS = "a[href], button, input, select, textarea, summary, [tabindex]";
const places = new WeakMap(); // by request, as two may be settling at once: what had the focus, and what that was in, by ids
let lost = []; // the same, while no control is left there: one may come, as when a cancelled text can be tried again
function whereFocusIs() {
  const ids = [];
  for (let at = document.activeElement; at && at !== document.body; at = at.parentElement) if (at.id) ids.push(at.id);
  return ids;
}
// A button may be disabled until it is answered, which loses the focus.
document.addEventListener("htmx:beforeRequest", ({ target, detail }) => {
  if (!polls(target) && target.contains(document.activeElement)) places.set(detail.xhr, whereFocusIs());
});
document.addEventListener("htmx:beforeSwap", ({ detail: { xhr } }) => {
  places.set(xhr, isNowhere() ? (places.get(xhr) ?? lost) : whereFocusIs());
});
document.addEventListener("htmx:afterSettle", ({ detail: { xhr } }) => {
  queueMicrotask(() => keepFocus(places.get(xhr) ?? [])); // unless a script of the page gives it away
});
const isNowhere = () => document.activeElement === document.body || (lost.length && document.activeElement.id === "main");
function keepFocus(ids) {
  if (!isNowhere()) return (lost = []);
  for (const id of ids) {
    const place = document.getElementById(id);
    const controls = place ? [place, ...place.querySelectorAll(CONTROLS)] : [];
    const one = controls.find((control) => control.matches(CONTROLS) && !control.disabled && control.checkVisibility());
    if (!one) continue;
    lost = one.id === "main" ? ids : [];
    return one.focus({ preventScroll: true });
  }
}

// News of what has left the page meanwhile has no place in it, which htmx would call an error.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (!detail.serverResponse.includes("hx-swap-oob")) return;
  const answer = Object.assign(document.createElement("template"), { innerHTML: detail.serverResponse });
  const news = answer.content.querySelectorAll('[id]:is([hx-swap-oob="true"], [hx-swap-oob="delete"])');
  const late = [...news].filter(({ id }) => !document.getElementById(id));
  for (const element of late) element.remove();
  if (late.length) detail.serverResponse = answer.innerHTML;
});

// Polled parts are replaced each second, which would make a screen reader repeat itself: only a new stage is announced, in
// the words on the page or those that it is given for that.
// What begins after the page was loaded is announced as well: it may be under way before it is first shown.
const said = new Map();
let isLoaded = false;
const announce = () => {
  const news = [];
  for (const element of document.querySelectorAll("[data-announce]")) {
    if (element.closest("[data-quiet]")) continue;
    const place = element.closest("[id]")?.id;
    const words = element.dataset.announce || element.textContent.trim().replace(/\s+/g, " ");
    const stage = words.replace(/: [\d.]+( of [\d.]+)? [kMG]B/, "").replace(/\d+ seconds/, ""); // what only counts on
    const begins = isLoaded && !said.has(place) && document.getElementById(place)?.querySelector("progress");
    if (begins || (said.has(place) && said.get(place) !== stage)) news.push(words);
    said.set(place, stage);
  }
  if (news.length) document.getElementById("announcer").textContent = news.join(". ");
};
function begin() {
  said.clear();
  isLoaded = false;
  announce();
  isLoaded = true;
}
document.addEventListener("DOMContentLoaded", begin);
document.addEventListener("page-shown", begin);
// What one answer brings is announced together.
for (const name of ["htmx:afterSettle", "htmx:oobAfterSwap"]) {
  document.addEventListener(name, () => queueMicrotask(announce));
}

// An answer that did not come is said, once, until one comes.
document.addEventListener("htmx:sendError", () => tell(words("connection-lost")));
document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  if (status === 401 || status === 403) tell(words("signed-out"));
  else if (status === 404 && event.target.closest("[data-sent]")) return; // what was in that form is elsewhere now
  else if (status === 404 && polls(event.target)) event.target.replaceWith(line("message", words("deleted")));
  else if (status === 404) tell(words("deleted-under-text"));
  else if (status === 413) tell(words("too-long"));
  else if (status === 507) tell(words("disk-full"));
  else if (status === 503 && event.detail.xhr.getResponseHeader("Retry-After")) tell(words("read-only"));
  else tell(words("failed"));
});
document.addEventListener("htmx:afterOnLoad", (event) => {
  if (event.detail.xhr.status < 400 || event.detail.xhr.status === 422) document.getElementById("trouble")?.remove();
});
const line = (className, textContent) => Object.assign(document.createElement("p"), { className, textContent });
function tell(text) {
  let trouble = document.getElementById("trouble");
  if (!trouble) {
    trouble = Object.assign(line("message error", ""), { id: "trouble" });
    document.getElementById("messages").append(trouble);
  }
  if (trouble.textContent !== text) trouble.textContent = text;
}

document.addEventListener("submit", ({ target, defaultPrevented }) => {
  if (!defaultPrevented) target.dataset.sent = "";
});

// Copying: what is to be taken along is selected on focus, and a button copies it.
document.addEventListener("focusin", ({ target }) => {
  if (target.matches("input[readonly]")) target.select();
});
document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-copies]");
  if (!button) return;
  const copied = await copy(document.getElementById(button.dataset.copies));
  if (copied) button.focus(); // else the field keeps it, for the keys that copy
  const keys = `${/Mac|iPhone|iPad/.test(navigator.platform) ? "⌘" : "Ctrl+"}C`;
  const said = copied ? words("copied") : words("press", { keys });
  const word = button.querySelector("[data-copy]");
  const announcer = document.getElementById("announcer");
  word.textContent = said;
  announcer.textContent = "";
  setTimeout(() => (announcer.textContent = said), 50); // the same words are only said again after others
  setTimeout(() => word.textContent === said && (word.textContent = words("copy")), 4000);
});
async function copy(field) {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {} // browsers have no clipboard on plain HTTP, or may refuse it
  field.focus();
  field.select();
  return document.execCommand("copy");
}

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(".menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  const menu = document.querySelector(".menu[open]");
  if (event.key === "Escape" && menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// What static/draft.js and static/takes.js keep in this browser goes when its writer signs out.
function forgetDrafts(owner) {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(`draft:${owner}:`)) localStorage.removeItem(key);
    indexedDB.deleteDatabase(`takes:${owner}`); // the browser does it, whatever becomes of the page
  } catch {} // no storage
}
document.addEventListener("submit", ({ target, defaultPrevented }) => {
  if (target.dataset.signsOut && !defaultPrevented) forgetDrafts(target.dataset.signsOut);
});
