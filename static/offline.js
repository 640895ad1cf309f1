// The page that is shown offline goes back to what was asked for, as soon as the browser is online.
window.addEventListener("online", () => location.reload());
