// Marks in the studio's text, behind what is written: where each sentence ends as it will be spoken, and what in it is
// read otherwise. The site says where (templates/synthesis/_reading.html); a mark goes while its sentence is changed.

const text = () => document.getElementById("id_text");
const marks = () => document.querySelector(".writing [data-marks]");

let known = { text: "", places: [] }; // as of the last answer
let asked = ""; // the text that the next answer is about

function read() {
  const { places = "" } = document.querySelector("[data-places]")?.dataset ?? {};
  const lead = asked.length - asked.trimStart().length; // the site reads the text without it
  const parsed = places.split(",").filter(Boolean).map((place) => place.split(" "));
  known = { text: asked, places: parsed.map(([start, end, kind]) => [lead + Number(start), lead + Number(end), kind]) };
  draw();
}

// The places in the text as it is now: those in front of what was changed since, and those behind it.
function current() {
  const [before, now] = [known.text, text().value];
  if (before === now) return known.places;
  const most = Math.min(before.length, now.length);
  let same = 0;
  while (same < most && before[same] === now[same]) same += 1;
  let tail = 0;
  while (tail < most - same && before.at(-1 - tail) === now.at(-1 - tail)) tail += 1;
  const moved = now.length - before.length;
  const behind = known.places.filter(([start]) => start >= before.length - tail);
  const front = known.places.filter(([, end]) => end <= same);
  return [...front, ...behind.map(([start, end, kind]) => [start + moved, end + moved, kind])];
}

function element(tag, content) {
  const made = document.createElement(tag);
  made.append(...content);
  return made;
}
// What is changed lies within its sentence.
function draw() {
  if (!marks() || !text()) return;
  const value = text().value;
  const places = current();
  const inside = places.filter(([, , kind]) => kind === "c");
  const drawn = [];
  let at = 0;
  for (const [start, end, kind] of places) {
    if (kind !== "s" || start < at) continue;
    const parts = [];
    let from = start;
    for (const [first, last] of inside) {
      if (first < from || last > end) continue;
      parts.push(value.slice(from, first), element("u", [value.slice(first, last)]));
      from = last;
    }
    parts.push(value.slice(from, end));
    drawn.push(value.slice(at, start), element("span", parts));
    at = end;
  }
  marks().replaceChildren(...drawn, value.slice(at), "\n");
  scroll();
}
const scroll = () => (marks().scrollTop = text().scrollTop);

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.target.id === "reading" && text()) asked = text().value;
});
document.addEventListener("htmx:afterSwap", ({ target }) => {
  if (target.id === "reading") read();
  else if (target.id === "speak") draw();
});
document.addEventListener("input", ({ target }) => target === text() && draw());
document.addEventListener("scroll", ({ target }) => target === text() && marks() && scroll(), true);
for (const name of ["filled", "htmx:load"]) document.addEventListener(name, draw);
