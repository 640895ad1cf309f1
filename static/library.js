// The library's selection: how many texts are in it, all of the page, or none.

const picks = () => [...document.querySelectorAll(".rows .pick")];

function countPicked() {
  const place = document.querySelector("[data-selected]");
  if (place) place.textContent = fill(place.dataset.selected, { count: picks().filter((one) => one.checked).length });
}
document.addEventListener("change", ({ target }) => target.matches(".pick") && countPicked());
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-select]");
  if (!button) return;
  const isAll = button.dataset.select === "all";
  for (const one of picks()) one.checked = isAll;
  countPicked();
  if (!isAll) picks()[0]?.focus(); // the button is hidden with the rest
});
// What a browser restores, or the address selects, is counted too.
window.addEventListener("pageshow", countPicked);
for (const name of ["htmx:load", "htmx:afterSettle"]) document.addEventListener(name, countPicked);
