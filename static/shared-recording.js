// A recording that a phone has shared with the site as an app: the service worker has kept it, and the page of a new voice
// takes it as if it had been dropped there.

const RECORDINGS = "shared-recordings"; // as static/service-worker.js has it
const DAY = 24 * 3600 * 1000;

async function taken() {
  const cache = await window.caches?.open(RECORDINGS);
  const [key] = (await cache?.keys()) ?? [];
  if (!key) return null;
  const answer = await cache.match(key);
  await cache.delete(key); // whatever becomes of it: nobody finds it here another time
  if (Date.now() - Number(answer.headers.get("X-Taken")) > DAY) return null;
  const file = await answer.blob();
  return new File([file], decodeURIComponent(answer.headers.get("X-Name")), { type: file.type });
}

async function takeShared(place) {
  const address = new URL(location);
  if (!address.searchParams.has("shared")) return;
  address.searchParams.delete("shared");
  history.replaceState(history.state, "", address); // a page that is reloaded doesn't ask for it again
  const file = await taken();
  if (!file) return (place.hidden = false);
  const input = document.getElementById(place.dataset.sharedInto);
  const files = new DataTransfer();
  files.items.add(file);
  input.files = files.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

htmx.onLoad((part) => {
  const places = [...part.querySelectorAll("[data-shared-into]")];
  if (part.matches("[data-shared-into]")) places.push(part);
  places.forEach(takeShared);
});
