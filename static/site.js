// What every page does: polls only while it is seen, says aloud what changes, copies links.

const polls = (element) => (element.getAttribute("hx-trigger") || "").startsWith("every");

// A hidden tab asks nothing; htmx goes on by itself when the tab is seen again.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && polls(event.target)) event.preventDefault();
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
const pressed = new WeakMap(); // by request: a button may be disabled until it is answered, which loses the focus
let around = []; // the control that had the focus, and what it was in, by their ids
function whereFocusIs() {
  const ids = [];
  for (let at = document.activeElement; at && at !== document.body; at = at.parentElement) if (at.id) ids.push(at.id);
  return ids;
}
document.addEventListener("htmx:beforeRequest", ({ target, detail }) => {
  if (!polls(target) && target.contains(document.activeElement)) pressed.set(detail.xhr, whereFocusIs());
});
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  around = document.activeElement === document.body ? (pressed.get(detail.xhr) ?? []) : whereFocusIs();
});
document.addEventListener("htmx:afterSettle", () => queueMicrotask(keepFocus)); // unless a script of the page gives it away
function keepFocus() {
  const ids = around;
  around = [];
  if (document.activeElement !== document.body) return;
  for (const id of ids) {
    const place = document.getElementById(id);
    const controls = place ? [place, ...place.querySelectorAll(CONTROLS)] : [];
    const one = controls.find((control) => control.matches(CONTROLS) && !control.disabled && control.checkVisibility());
    if (one) return one.focus({ preventScroll: true });
  }
}

// Polled parts are replaced each second, which would make a screen reader repeat itself: only a new stage is announced.
const said = new Map();
const announce = () => {
  for (const element of document.querySelectorAll("[data-announce]")) {
    if (element.closest("[data-quiet]")) continue;
    const place = element.closest("[id]")?.id;
    const words = element.textContent.trim().replace(/\s+/g, " ");
    const stage = words.replace(/: [\d.]+( of [\d.]+)? [kMG]B/, "").replace(/\d+ seconds|: [^:]+ of speech$/, ""); // what only counts on
    if (said.has(place) && said.get(place) !== stage) document.getElementById("announcer").textContent = words;
    said.set(place, stage);
  }
};
document.addEventListener("DOMContentLoaded", announce);
document.addEventListener("htmx:afterSettle", announce);
document.addEventListener("htmx:oobAfterSwap", announce);

// An answer that did not come is said, once, until one comes.
document.addEventListener("htmx:sendError", () => tell("The site does not answer. What you wrote is still here; it is tried again."));
document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  if (status === 401 || status === 403) tell("You are signed out. Sign in again in another tab, then go on here.");
  else if (status === 404 && polls(event.target)) event.target.outerHTML = '<p class="message">This is no longer here: it was deleted.</p>';
  else if (status === 404) tell("What this was about is no longer here. What you wrote is still on this page.");
  else if (status === 413) tell("This is too long to be sent. Make it shorter, or speak it in parts: what you wrote is still here.");
  else tell("That did not work. Try again in a moment.");
});
document.addEventListener("htmx:afterOnLoad", (event) => {
  if (event.detail.xhr.status < 400 || event.detail.xhr.status === 422) document.getElementById("trouble")?.remove();
});
function tell(words) {
  let line = document.getElementById("trouble");
  if (!line) {
    line = Object.assign(document.createElement("p"), { id: "trouble", className: "message error" });
    document.getElementById("messages").append(line);
  }
  if (line.textContent !== words) line.textContent = words;
}

document.addEventListener("focusin", (event) => {
  if (event.target.matches("[data-copy]")) {
    event.target.select();
    navigator.clipboard?.writeText(event.target.value).catch(() => {});
  }
});

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

// What static/draft.js keeps in this browser goes when its writer signs out.
function forgetDrafts(owner) {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(`draft:${owner}:`)) localStorage.removeItem(key);
  } catch {} // no storage
}
document.addEventListener("submit", ({ target, defaultPrevented }) => {
  if (target.dataset.signsOut && !defaultPrevented) forgetDrafts(target.dataset.signsOut);
});
