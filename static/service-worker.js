// What a browser keeps of this site: the page for when it can't be reached, and a recording that a phone has shared until
// the page of a new voice takes it. Never a page of a person, never speech. `site` is written above by the server.

const kept = `offline-${site.version}`;
const shared = "shared-recordings"; // as static/shared-recording.js has it

self.addEventListener("install", (event) => {
  const addresses = [site.offline, ...site.kept].map((one) => new Request(one, { credentials: "omit", cache: "no-cache" }));
  event.waitUntil(caches.open(kept).then((cache) => cache.addAll(addresses)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const replace = async () => {
    const old = (await caches.keys()).filter((name) => name.startsWith("offline-") && name !== kept);
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.registration.navigationPreload?.enable(); // no page waits until this worker has started
    await self.clients.claim();
  };
  event.waitUntil(replace());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin) return;
  if (request.method === "POST" && pathname === site.share) event.respondWith(take(request));
  else if (request.method !== "GET") return;
  else if (request.mode === "navigate") event.respondWith(visit(event));
  else if (site.kept.includes(pathname)) event.respondWith(fetch(request).catch(() => caches.match(pathname)));
});

async function visit(event) {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch {
    return (await caches.match(site.offline)) ?? Response.error();
  }
}

// The site asks a form of another's for its token, which a phone doesn't have. So nothing is sent: the page sends it.
async function take(request) {
  const file = (await request.formData()).get("recording");
  if (file instanceof File) {
    const headers = { "Content-Type": file.type || "application/octet-stream", "X-Name": encodeURIComponent(file.name), "X-Taken": Date.now() };
    await (await caches.open(shared)).put(site.share, new Response(file, { headers }));
  }
  return Response.redirect(`${site.newVoice}?shared`, 303);
}
