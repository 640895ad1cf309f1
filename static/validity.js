// What is missing or wrong in a form is said on the page, beside its field, instead of in the browser's bubble: in the words
// of the server, where the field has some (data-required around it), else in those of the page. Without a script the browser
// says it, by the same attributes.

const KINDS = ["valueMissing", "typeMismatch", "tooLong", "tooShort", "rangeUnderflow", "rangeOverflow", "badInput"];
let first = null; // of the fields that one press found wrong

document.addEventListener(
  "invalid",
  (event) => {
    const field = event.target;
    event.preventDefault();
    say(field, words(field));
    if (first) return;
    first = field;
    queueMicrotask(() => {
      const seen = first.checkVisibility() ? first : first.closest("details:not([open])");
      if (seen?.matches("details")) seen.open = true;
      first.focus();
      first = null;
    });
  },
  true,
);
for (const name of ["input", "change"]) {
  // After the scripts of the page, which may have found something of their own wrong, or right again.
  document.addEventListener(name, ({ target }) => target.validity && setTimeout(() => target.validity.valid && forget(target)));
}

function words(field) {
  const { validity } = field;
  if (validity.customError) return field.validationMessage;
  if (validity.valueMissing) {
    const own = field.closest("[data-required]")?.dataset.required;
    if (own) return own;
  }
  const said = document.getElementById("field-words").dataset;
  const kind = KINDS.find((one) => validity[one]);
  const by = { valueMissing: said.valueMissing, typeMismatch: field.type === "email" ? said.notAnEmail : said.notAnAddress };
  const bounds = { tooLong: field.maxLength, tooShort: field.minLength, rangeUnderflow: field.min, rangeOverflow: field.max };
  return (by[kind] ?? said[kind])?.replace("{bound}", bounds[kind]) || field.validationMessage;
}

const idOf = (field) => `${field.id || field.name}_invalid`;

function say(field, said) {
  const place = field.closest(".field, .form-row, fieldset") ?? field;
  let line = document.getElementById(idOf(field));
  if (!line) {
    // What the server said of the field before is about what was there then.
    for (const old of place.querySelectorAll(".error")) old.remove();
    line = Object.assign(document.createElement("p"), { id: idOf(field), className: "error" });
    line.setAttribute("role", "alert");
    if (place === field) (field.closest("label, .with") ?? field).after(line);
    else place.append(line);
  }
  if (line.textContent !== said) line.textContent = said;
  field.setAttribute("aria-invalid", "true");
  const before = (field.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => document.getElementById(id));
  if (!before.includes(line.id)) field.setAttribute("aria-describedby", [...before, line.id].join(" "));
}

function forget(field) {
  const line = document.getElementById(idOf(field));
  if (!line) return;
  line.remove();
  field.removeAttribute("aria-invalid");
  const left = field.getAttribute("aria-describedby").split(" ").filter((id) => id !== line.id).join(" ");
  if (left) field.setAttribute("aria-describedby", left);
  else field.removeAttribute("aria-describedby");
}
