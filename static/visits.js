// Pages come into the same document, so that what is heard goes on while one moves about. Links and forms are fetched, and
// what the next page has takes the place of all but the elements marked data-stays. Without a script, for who is not signed
// in, and wherever an answer is no page of the same person, the browser loads it itself.
//
// For other scripts, on the document: "page-leaving", before anything is asked for, which can be prevented; its
// detail.wait takes promises that the visit waits for. "page-left", while the page is still there for the last time.
// "page-shown", when the next one is; before that, htmx:load for each of its parts.
(() => {
  const LONGEST_WAIT = 2000; // ms, for what is saved before a page is left
  const FIELDS = "main :is(input, textarea, select)[name]";

  const announcer = () => document.getElementById("announcer");
  const person = (page) => page.body.dataset.person;
  const randomName = () => Math.random().toString(36).slice(2);

  // ---- history: each page has a name there, by which one that is gone back to gets its place and its fields again
  const kept = new Map(); // by that name
  let here = history.state?.page ? history.state : nameEntry(0); // {page, at}: its name, and its place among all
  let asking = null; // the AbortController of what is on its way
  let sending = false; // it is a form that was posted
  let isAnswer = false; // what is shown is the answer to one: no page of this address

  function nameEntry(at) {
    const entry = { page: randomName(), at };
    history.replaceState(entry, "");
    return entry;
  }

  // What somebody wrote; a draft keeps itself, and filters are in the address.
  function written() {
    const fields = [...document.querySelectorAll(FIELDS)].filter((field) => {
      const { type, form } = field;
      if (["hidden", "password", "file"].includes(type) || !form || form.matches("#speak, [hx-get]")) return false;
      if (field.options) return [...field.options].some((option) => option.selected !== option.defaultSelected);
      return ["checkbox", "radio"].includes(type) ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
    });
    return fields.map((field) => ({ key: keyOf(field), value: field.value, checked: field.checked }));
  }
  function keyOf({ form, name, type, value }) {
    return [form.getAttribute("action"), name, ["checkbox", "radio"].includes(type) ? value : ""].join(" ");
  }
  function writeAgain(fields) {
    const places = new Map([...document.querySelectorAll(FIELDS)].filter(({ form }) => form).map((one) => [keyOf(one), one]));
    for (const { key, value, checked } of fields) {
      const field = places.get(key);
      if (!field) continue;
      if (checked === undefined || !["checkbox", "radio"].includes(field.type)) field.value = value;
      else field.checked = checked;
      for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }));
    }
  }

  // ---- asking for a page
  async function visit(address, { body, back = false } = {}) {
    if (sending && body) return; // pressed twice
    if (!(await mayLeave())) return back && history.go(here.at - history.state.at || 1);
    asking?.abort();
    const controller = (asking = new AbortController());
    sending = Boolean(body);
    document.documentElement.dataset.visiting = "";
    try {
      await ask(new URL(address, location.href), { body, back, signal: controller.signal });
    } catch (error) {
      if (error.name === "AbortError") return;
      if (back) location.reload();
      else tell(words("unreached"));
    } finally {
      if (asking === controller) {
        asking = null;
        sending = false;
        delete document.documentElement.dataset.visiting;
      }
    }
  }

  async function mayLeave() {
    const wait = [];
    const leaving = new CustomEvent("page-leaving", { cancelable: true, detail: { wait } });
    if (!document.dispatchEvent(leaving)) return false;
    if (wait.length) await Promise.race([Promise.all(wait), new Promise((done) => setTimeout(done, LONGEST_WAIT))]);
    return true;
  }

  async function ask(address, { body, back, signal, isPosted = Boolean(body) }) {
    const headers = { Accept: "text/html", "X-Visit": "1" };
    const response = await fetch(address, { method: body ? "POST" : "GET", body, headers, signal });
    const next = response.headers.get("X-Visit-Next"); // a redirect, of which the browser would not say where in the page
    if (next) {
      const to = new URL(next, address);
      if (to.origin !== location.origin) return location.assign(to);
      to.hash ||= address.hash;
      return ask(to, { back, signal, isPosted });
    }
    const isPage = response.headers.get("Content-Type")?.startsWith("text/html");
    const isFile = response.headers.get("Content-Disposition")?.startsWith("attachment");
    if (!isPage || isFile) return leaveTo(body ? new URL(location.href) : address);
    const page = parse(await response.text());
    if (!page) return leaveTo(body ? new URL(location.href) : address);
    const isError = !response.ok && person(page) === undefined;
    if (isError && body) return say(page); // what was written stays
    if (!isError && (person(page) !== person(document) || page.documentElement.lang !== document.documentElement.lang)) {
      return leaveTo(body ? new URL(location.href) : address);
    }
    if (!(await addScripts(page))) return leaveTo(body ? new URL(location.href) : address);
    signal.throwIfAborted();
    // An answer to a form has no address that could be asked for again: that of the form stays.
    isAnswer = Boolean(body);
    show(page, isAnswer ? new URL(location.href) : address, { back, isError, isPosted });
  }

  // None where there is something in it that static/trusted.js refuses.
  function parse(text) {
    try {
      return new DOMParser().parseFromString(text, "text/html");
    } catch {
      return null;
    }
  }

  const isShown = ({ pathname, search }) => pathname === location.pathname && search === location.search;

  function leaveTo(address) {
    if (!isShown(address)) return location.assign(address);
    history.replaceState(null, "", address); // where only the place in the page differs, it would stay
    location.reload();
  }

  function say(page) {
    const said = [...page.querySelectorAll("main :is(h1, p)")].map((part) => part.textContent.trim());
    tell(said.filter(Boolean).join(". ").replace(/\.\. /g, ". "));
    document.getElementById("messages").scrollIntoView({ block: "nearest" });
  }

  // Load what this document lacks. Returns whether it can be: not when the site has been upgraded meanwhile.
  async function addScripts(page) {
    const nameOf = (address) => new URL(address, location.href).pathname.replace(/\.[0-9a-f]{12}(?=\.\w+$)/, "");
    const addressOf = (element) => element.getAttribute("src") ?? element.getAttribute("href");
    const sources = "script[src], link[rel=stylesheet]";
    const known = new Map([...document.querySelectorAll(sources)].map((one) => [nameOf(addressOf(one)), addressOf(one)]));
    const all = [...page.querySelectorAll(sources)];
    if (all.some((one) => (known.get(nameOf(addressOf(one))) ?? addressOf(one)) !== addressOf(one))) return false;
    const missing = all.filter((one) => !known.has(nameOf(addressOf(one))));
    const loaded = missing.map((one) => {
      const made = document.createElement(one.localName); // one that was parsed elsewhere never runs
      for (const { name, value } of one.attributes) made.setAttribute(name, value);
      if (made.localName === "script") made.async = false;
      return new Promise((done, fail) => {
        made.addEventListener("load", done);
        made.addEventListener("error", () => fail(new Error(addressOf(made))));
        document.head.append(made);
      });
    });
    for (const script of page.body.querySelectorAll("script[src]")) script.remove();
    await Promise.all(loaded);
    return true;
  }

  // ---- showing it
  function show(page, address, { back, isError, isPosted }) {
    const isSamePage = isShown(address);
    kept.set(here.page, { scroll: scrollY, fields: written() });
    document.dispatchEvent(new Event("page-left"));
    history.scrollRestoration = "manual";
    if (!back && !isSamePage) history.pushState(null, "", address);
    else if (!back) history.replaceState(null, "", address);
    here = history.state?.page ? history.state : nameEntry(here.at + !isSamePage);
    document.title = page.title;
    const news = isError ? replaceMain(page) : replaceAll(page);
    const main = document.getElementById("main");
    main.focus({ preventScroll: true });
    for (const part of news) htmx.process(part);
    for (const part of news) htmx.trigger(part, "htmx:load");
    const before = back ? kept.get(here.page) : null;
    if (before?.fields.length) writeAgain(before.fields);
    scroll(address, before, isSamePage && isPosted);
    main.querySelector("[autofocus], [aria-invalid=true]")?.focus();
    announcer().textContent = document.title.split(" · ")[0];
    const messages = document.getElementById("messages");
    // A region is only read when something comes into it; what already has the focus would lose it.
    setTimeout(() => messages.contains(document.activeElement) || messages.append(...messages.children), 100);
    document.dispatchEvent(new CustomEvent("page-shown", { detail: { isPosted } }));
  }

  function replaceAll(page) {
    const isOfPage = (element) => !element.matches("[data-stays]");
    const parts = [...page.body.children].filter(isOfPage);
    for (const { name, value } of page.documentElement.attributes) document.documentElement.setAttribute(name, value);
    document.body.className = page.body.className;
    for (const part of [...document.body.children].filter(isOfPage)) remove(part);
    document.body.prepend(...parts);
    return parts;
  }

  // A page of an error asks nobody who they are: what stands around it stays.
  function replaceMain(page) {
    const main = page.querySelector("main");
    main.tabIndex = -1;
    main.prepend(Object.assign(document.createElement("div"), { id: "messages", role: "status" }));
    document.querySelector("main").before(main);
    remove(main.nextElementSibling);
    for (const link of document.querySelectorAll("nav [aria-current]")) link.removeAttribute("aria-current");
    return [main];
  }

  // By htmx, which lets go of what it had bound to it.
  function remove(part) {
    for (const asks of part.querySelectorAll("[hx-get].htmx-request")) htmx.trigger(asks, "htmx:abort");
    htmx.swap(part, "", { swapStyle: "delete", swapDelay: 0, settleDelay: 0, ignoreTitle: true });
  }

  function scroll(address, before, mayStay) {
    const place = address.hash && document.getElementById(decodeURIComponent(address.hash.slice(1)));
    if (before) scrollTo(0, before.scroll);
    else if (place) {
      place.scrollIntoView();
      place.focus({ preventScroll: true });
    } else if (!mayStay || document.querySelector("#messages > *, main [role=alert]")) scrollTo(0, 0);
  }

  // ---- what is pressed: last of all, when no other script has taken it. Who is not signed in moves as ever.
  const isPlain = (event) => event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  const isOurs = (address) => address.origin === location.origin && address.protocol.startsWith("http");
  const isAway = (element) => element.matches("[target]:not([target=_self]), [download], [data-away], [data-away] *");

  window.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || event.defaultPrevented || !isPlain(event) || isAway(link) || !person(document)) return;
    const address = new URL(link.href);
    if (!isOurs(address) || (isShown(address) && address.hash && !isAnswer)) return;
    event.preventDefault();
    visit(address);
  });

  window.addEventListener("submit", (event) => {
    const { target: form, submitter } = event;
    if (event.defaultPrevented || !person(document) || isAway(form) || form.dataset.signsOut) return;
    const asked = (name) => submitter?.getAttribute(`form${name}`) ?? form.getAttribute(name) ?? "";
    const address = new URL(asked("action") || location.href, location.href);
    const method = asked("method").toLowerCase() || "get";
    if (!isOurs(address) || method === "dialog" || (submitter && isAway(submitter))) return;
    event.preventDefault();
    const sent = new FormData(form, submitter);
    if (method === "get") {
      address.search = new URLSearchParams(sent);
      return visit(address);
    }
    if (csrfToken() && sent.has("csrfmiddlewaretoken")) sent.set("csrfmiddlewaretoken", csrfToken());
    visit(address, { body: form.enctype === "multipart/form-data" ? sent : new URLSearchParams(sent) });
  });

  // Where an answer tells htmx to go on, or to load the page anew.
  if (person(document)) htmx.location = { set href(address) { visit(address); }, reload: () => visit(location.href) };

  // Before htmx, which would load the page anew. A place within the same page is an entry of its own.
  window.addEventListener("popstate", (event) => {
    event.stopImmediatePropagation();
    if (!event.state) history.replaceState(here, "");
    else if (event.state.page !== here.page) visit(location.href, { back: true });
  });
  // A list whose filters were changed is another page to go back to.
  document.addEventListener("htmx:pushedIntoHistory", () => (here = nameEntry(here.at + 1)));
  window.addEventListener("pagehide", () => (history.scrollRestoration = "auto"));
})();
