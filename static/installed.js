// The service worker, where the browser has them: over HTTPS, and on the site's own computer. Without it the site only is no
// app; a certificate that a browser hasn't been told to trust is reason enough.
navigator.serviceWorker?.register("/service-worker.js", { updateViaCache: "none" }).catch(() => {});

// Whoever signs out leaves no recording behind.
document.addEventListener("submit", ({ target }) => {
  if (target.dataset.signsOut) window.caches?.delete("shared-recordings");
});
