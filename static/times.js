// Tells the site in which time zone it is read, and says moments in it: those of the first page, which came before that was
// known, and those that grow older while a page stays open. The words are those of
// voicesite/web/moments.py, in the language of the page.

// To ask a browser for it takes longer than the rest of a page's scripts: once is enough, until the clocks are changed.
const offset = String(new Date().getTimezoneOffset());
function tellZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone) return;
  document.cookie = `timezone=${zone}; path=/; max-age=31536000; samesite=lax`;
  localStorage.setItem("offset", offset);
}
try {
  if (!document.cookie.includes("timezone=") || localStorage.getItem("offset") !== offset) tellZone();
} catch {} // no storage: the cookie is there

function ago(moment, said) {
  const minutes = Math.floor((Date.now() - moment) / 60_000);
  if (minutes < 0 || minutes >= 24 * 60) return "";
  if (!minutes) return said.now;
  return minutes < 60 ? fill(said.minutes, { number: minutes }) : fill(said.hours, { number: Math.floor(minutes / 60) });
}

function sayTimes() {
  const said = JSON.parse(document.getElementById("moments").textContent);
  for (const element of document.querySelectorAll("time[data-shown]")) {
    const moment = new Date(element.dateTime);
    const day = { day: moment.getDate(), month: said.months[moment.getMonth()], year: moment.getFullYear() };
    const time = [moment.getHours(), moment.getMinutes()].map((part) => String(part).padStart(2, "0")).join(":");
    const date = fill(said.date_with_year, day);
    const shortDate = day.year === new Date().getFullYear() ? fill(said.date, day) : date;
    const when = ago(moment, said) || fill(said.moment, { date: shortDate, time });
    const words = element.dataset.shown === "day" ? date : when;
    if (element.textContent !== words) element.textContent = words;
    element.title = fill(said.moment, { date, time });
  }
}
for (const name of ["DOMContentLoaded", "htmx:load"]) document.addEventListener(name, sayTimes);
setInterval(() => document.hidden || sayTimes(), 30_000);
document.addEventListener("visibilitychange", () => document.hidden || sayTimes());
