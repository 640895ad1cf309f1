// Shows a chosen theme at once; the form keeps it in a cookie, and works without this.

document.addEventListener("submit", ({ target, submitter }) => {
  if (!("appearance" in target.dataset) || !submitter) return;
  document.documentElement.dataset.theme = submitter.value;
  target.querySelector("[aria-current]")?.removeAttribute("aria-current");
  submitter.setAttribute("aria-current", "true");
});
