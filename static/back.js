// Back to what one wrote, as it was: a link to the page would show that empty. Without a script it is that link.
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-back]") || history.length < 2) return;
  event.preventDefault();
  history.back();
});
