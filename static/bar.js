// The player of the whole site: the text that was begun last, wherever one goes; what is played next; and the keys of the
// keyboard, of headphones and of the lock screen. Players in pages are other views of the same sounds.
(() => {
  const bar = document.getElementById("bar");
  if (!bar) return; // who is not signed in has none

  const BACK_WITHIN = 2; // s of a sentence or of a text, in which “previous” means the one before
  const get = (selector) => bar.querySelector(selector);
  const row = get(".bar-row");
  const entries = new Map(); // by the id of the sound: what pages said of it
  let now = null; // the entry that is shown
  let view = null; // its Player
  let along = null; // the ReadAlong of its text, while that is open
  const queue = []; // entries that somebody asked for
  let list = []; // those that follow in the list that was begun in
  const played = []; // before this one

  // ---- what pages have
  function describe(element) {
    const { id, dataset } = element;
    const { title, page, voice, timeline } = dataset;
    const wave = [...element.querySelectorAll(".wave > :not(input)")].map((part) => part.cloneNode(true));
    return { id, title, page, voice, timeline, wave };
  }

  document.addEventListener("player-shown", ({ detail: { element, sound } }) => {
    if (!element.dataset.title) return;
    const about = { ...describe(element), whole: sound.whole, seconds: sound.seconds };
    const entry = Object.assign(entries.get(sound.id) ?? {}, about);
    entries.set(sound.id, entry);
    if (entry === now) show();
  });

  function soundOf(entry) {
    const known = Sound.all.get(entry.id);
    if (known) return known;
    const sound = new Sound();
    Sound.all.set((sound.id = entry.id), sound);
    sound.seconds = entry.seconds;
    if (entry.whole) sound.take(entry.whole);
    else sound.takeLive(entry.timeline);
    return sound;
  }

  document.addEventListener("sounding", ({ detail: sound }) => {
    const entry = entries.get(sound.id);
    if (!entry || entry === now) return;
    const element = document.getElementById(entry.id);
    const isInList = element?.closest("[data-plays-on]") && !queue.includes(entry) && !list.includes(entry);
    if (isInList) list = following(element);
    change(entry, sound);
  });
  function following(element) {
    const all = [...element.closest("[data-plays-on]").querySelectorAll("[data-player][data-title]")];
    return all.slice(all.indexOf(element) + 1).map(({ id }) => entries.get(id));
  }

  // ---- what is shown
  function change(entry, sound) {
    if (now) letGo();
    drop(queue, entry);
    drop(list, entry);
    sound.isKept = true;
    now = entry;
    sound.addEventListener("ended", advance);
    bar.hidden = false;
    document.documentElement.dataset.bar = "";
    if (view) view.show(sound);
    else view = new Player(row, sound);
    Timeline.of(entry.timeline).addEventListener("change", takeWhole);
    Timeline.of(entry.timeline).follow();
    show();
    if (along) openText();
  }
  function letGo() {
    const { sound } = view;
    sound.removeEventListener("ended", advance);
    Timeline.of(now.timeline).removeEventListener("change", takeWhole);
    sound.isKept = false;
    if (!document.getElementById(now.id)) Sound.all.delete(now.id);
  }
  // What was still being made when its page was left.
  function takeWhole({ target: { ended, whole } }) {
    if (ended && whole) view.sound.take(whole.audio);
  }
  function drop(entriesOf, entry) {
    if (entriesOf.includes(entry)) entriesOf.splice(entriesOf.indexOf(entry), 1);
  }

  function show() {
    const { sound } = view;
    bar.dataset.timeline = now.timeline; // it is asked for what becomes of it
    const title = get("[data-title]");
    title.textContent = now.title;
    title.href = now.page;
    get("[data-voice]").textContent = now.voice;
    get(".wave").prepend(...now.wave.map((part) => part.cloneNode(true)));
    for (const part of [...row.querySelectorAll(".wave > :not(input)")].slice(now.wave.length)) part.remove();
    get("[data-length]").textContent = clock(sound.length);
    showQueue();
    showState();
    if (!navigator.mediaSession) return;
    navigator.mediaSession.metadata = new MediaMetadata({ title: now.title, artist: now.voice, album: document.title.split(" · ").at(-1) });
  }

  function showState() {
    const { sound } = view;
    const rate = get("[data-rate]");
    rate.value = sound.live ? 1 : Sound.rate;
    rate.disabled = Boolean(sound.live);
    bar.style.setProperty("--heard", `${(100 * sound.time) / (sound.length || 1)}%`);
    const { whole } = sound;
    get("[data-formats] [data-none]").hidden = Boolean(whole);
    for (const link of bar.querySelectorAll("[data-format], [data-subtitles]")) {
      link.hidden = !whole;
      const subtitles = new URL("subtitles", new URL(now.timeline, location.href));
      if (link.dataset.format) link.href = `${whole}&format=${link.dataset.format}&download`;
      else link.href = `${subtitles.pathname}?format=${link.dataset.subtitles}&download`;
    }
    tellSystem();
  }
  document.addEventListener("heard", ({ detail }) => now && detail === view.sound && showState());
  setInterval(() => now && !view.sound.paused && !document.hidden && showState(), 500);

  // ---- what comes next
  const comesNext = () => queue[0] ?? list[0];
  function go(entry) {
    if (now) played.push(now);
    soundOf(entry).play();
  }
  function advance() {
    if (comesNext()) go(comesNext());
  }
  function goBack() {
    const before = view.sound.time < BACK_WITHIN && played.pop();
    if (!before) return view.sound.seek(0);
    queue.unshift(now);
    soundOf(before).play();
  }
  function showQueue() {
    const items = [...queue, ...list].map((entry) => {
      const item = get("[data-queue] template").content.cloneNode(true).firstElementChild;
      item.querySelector("[data-go]").textContent = entry.title;
      item.querySelector("[data-go]").onclick = () => go(entry);
      const remove = item.querySelector("[data-remove]");
      remove.setAttribute("aria-label", `${remove.getAttribute("aria-label")}: ${entry.title}`);
      remove.onclick = () => removeFromQueue(entry);
      return item;
    });
    get("[data-items]").replaceChildren(...items);
    get("[data-queue] [data-none]").hidden = items.length > 0;
    get("[data-count]").hidden = !queue.length;
    get("[data-count]").textContent = queue.length;
    tellSystem();
  }
  function removeFromQueue(entry) {
    drop(queue, entry);
    drop(list, entry);
    setTimeout(showQueue); // the menu that is pressed in stays open
    setTimeout(() => (get("[data-remove]") ?? get("[data-queue] summary")).focus());
  }
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-later]");
    const entry = button && entries.get(button.closest("[data-player]").id);
    if (!entry || entry === now) return;
    drop(list, entry);
    drop(queue, entry);
    queue.unshift(entry);
    showQueue();
    say(words("later", { title: entry.title }));
  });

  // ---- places
  const skip = (seconds) => view.sound.seek(view.sound.time + seconds);
  function skipSentence(by) {
    const { sound } = view;
    const timeline = Timeline.of(now.timeline);
    const at = Math.floor(sound.time * RATE);
    const current = timeline.at(at);
    if (!current) return by < 0 && sound.seek(0);
    const isBegun = by < 0 && at - current.begin > BACK_WITHIN * RATE;
    const to = timeline.segments[Math.max(current.index + (isBegun ? 0 : by), 0)];
    if (to?.begin === undefined) return to && say(words("unready"));
    sound.seek((to.begin + 1) / RATE);
  }

  // ---- the text
  const panel = get("#bar-text");
  async function openText() {
    closeText();
    const entry = now;
    panel.hidden = false;
    get("[data-reads]").setAttribute("aria-expanded", "true");
    const timeline = Timeline.of(entry.timeline);
    const response = await fetch(new URL("text", timeline.address), { headers: { "HX-Request": "true" } });
    if (!response.ok || entry !== now || panel.hidden) return;
    const text = new DOMParser().parseFromString(await response.text(), "text/html").querySelector(".spoken-text");
    panel.dataset.revision = text.dataset.revision;
    panel.replaceChildren(...text.children);
    along?.end();
    const mine = new ReadAlong(panel, timeline, () => view?.sound, () => along === mine && mine.isOutdated && openText());
    along = mine;
  }
  function closeText() {
    along?.end();
    along = null;
    panel.hidden = true;
    panel.replaceChildren();
    get("[data-reads]").setAttribute("aria-expanded", "false");
  }
  panel.addEventListener("click", ({ target }) => {
    const index = along?.sentences.indexOf(target.closest("[data-s]")) ?? -1;
    if (index >= 0 && getSelection().isCollapsed) along.playFrom(index);
  });

  // ---- what is pressed
  row.addEventListener("click", ({ target }) => {
    const on = (name) => target.closest(`[data-${name}]`);
    if (on("skip")) skip(Number(on("skip").dataset.skip));
    else if (on("sentence")) skipSentence(Number(on("sentence").dataset.sentence));
    else if (on("reads")) panel.hidden ? openText() : closeText();
    else if (on("expands")) {
      const isExpanded = bar.classList.toggle("expanded");
      on("expands").setAttribute("aria-expanded", isExpanded);
    } else if (on("ends")) {
      close();
      document.getElementById("main").focus({ preventScroll: true });
    }
  });
  get("[data-rate]").addEventListener("change", ({ target }) => (Sound.rate = Number(target.value)));
  document.addEventListener("keydown", (event) => {
    if (event.key !== " " || !now || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    // What has a use for the key itself; a line that one has just sought in has none.
    const own = "input:not([type=range]), textarea, select, button, summary, dialog, [role=button], [contenteditable], #text";
    if (event.target.closest?.(own)) return;
    event.preventDefault();
    if (!event.repeat) toggle();
  });
  const toggle = () => (view.sound.paused ? view.sound.play() : view.sound.pause());

  function close() {
    if (!now) return;
    closeText();
    view.sound.pause();
    letGo();
    now = null;
    list = [];
    queue.length = played.length = 0;
    bar.hidden = true;
    delete bar.dataset.timeline;
    delete document.documentElement.dataset.bar;
    if (navigator.mediaSession) navigator.mediaSession.metadata = null;
    tellSystem();
  }

  // ---- headphones, keyboards, the lock screen
  const actions = {
    play: () => view.sound.play(),
    pause: () => view.sound.pause(),
    stop: close,
    seekbackward: ({ seekOffset }) => skip(-(seekOffset ?? 10)),
    seekforward: ({ seekOffset }) => skip(seekOffset ?? 10),
    seekto: ({ seekTime }) => view.sound.seek(seekTime),
    previoustrack: goBack,
    nexttrack: advance,
  };
  function tellSystem() {
    const session = navigator.mediaSession;
    if (!session) return;
    session.playbackState = !now ? "none" : view.sound.paused ? "paused" : "playing";
    for (const [name, act] of Object.entries(actions)) {
      const isOffered = now && (name !== "nexttrack" || comesNext());
      try {
        session.setActionHandler(name, isOffered ? (details) => now && act(details ?? {}) : null);
      } catch {} // this browser has no such key
    }
    const { length, time, live } = view?.sound ?? {};
    if (now && length > 0) {
      session.setPositionState({ duration: length, position: Math.min(time, length), playbackRate: live ? 1 : Sound.rate });
    } else session.setPositionState();
  }

  // ---- whose it is, and whether it is still there
  const others = new BroadcastChannel("signed-out");
  others.onmessage = close;
  document.addEventListener("submit", ({ target }) => {
    if (!target.dataset.signsOut) return;
    close();
    others.postMessage("");
  });
  document.addEventListener("page-shown", async ({ detail }) => {
    if (!now || !detail.isPosted) return;
    const entry = now;
    const response = await fetch(entry.timeline, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (response?.status !== 404 || entry !== now) return;
    close();
    say(words("gone"));
  });

  new ResizeObserver(() => document.documentElement.style.setProperty("--bar", `${bar.offsetHeight}px`)).observe(bar);
})();
