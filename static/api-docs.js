// Names what Swagger UI leaves without a name, lets examples that scroll be scrolled by keyboard, and puts its headings under
// that of the page.

const viewer = document.getElementById("swagger-ui");

function mend() {
  for (const field of viewer.querySelectorAll(":is(select, input, textarea):not([aria-label], [id])")) {
    const name = field.closest("tr")?.querySelector(".parameter__name")?.textContent ?? viewer.dataset.choice;
    field.setAttribute("aria-label", name.trim());
  }
  for (const example of viewer.querySelectorAll("pre:not([tabindex])")) example.tabIndex = 0;
  for (const table of viewer.querySelectorAll("table[role=region]")) table.removeAttribute("role"); // regions of one name
  viewer.querySelector(".info h1")?.setAttribute("aria-level", 2); // the page has its own
}

new MutationObserver(mend).observe(viewer, { childList: true, subtree: true });
