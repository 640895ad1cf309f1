// What the tests of access measure on a page: each gives what is wrong, as text.

// What reaches past the right edge of the window, outermost first.
function tooWide() {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const past = [...document.body.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > width + 0.5);
  return [`${document.documentElement.scrollWidth} of ${width} px: ${past[0]?.outerHTML.slice(0, 120)}`];
}

// Links and buttons whose name lacks the words on them: who says these to a computer presses nothing.
function misnamed() {
  const wrong = [];
  for (const one of document.querySelectorAll(":is(a, button, summary, [role=button])[aria-label]")) {
    const seen = one.cloneNode(true);
    for (const part of seen.querySelectorAll("svg, .unseen, [hidden], [aria-hidden]")) part.remove();
    const words = seen.textContent.trim().replace(/\s+/g, " ").toLowerCase();
    const name = one.getAttribute("aria-label").toLowerCase();
    if (one.checkVisibility() && !name.includes(words)) wrong.push(`“${words}” is called “${name}”`);
  }
  return wrong;
}

// Fields whose edge has less than 3:1 beside what they stand on (WCAG 1.4.11).
function faint() {
  const context = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", {
    willReadFrequently: true,
  });
  const colour = (css) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = css;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data];
  };
  const behind = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const found = colour(getComputedStyle(at).backgroundColor);
      if (found[3] === 255) return found;
    }
    return [255, 255, 255];
  };
  const linear = (part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = ([red, green, blue]) => 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  const ratio = (...two) => {
    const [light, dark] = two.map(luminance).sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  const fields = "select, textarea, input:not([type=hidden], [type=checkbox], [type=radio], [type=range], [type=file])";
  return [...document.querySelectorAll(fields)]
    .filter((field) => field.checkVisibility())
    .map((field) => [field.name, ratio(colour(getComputedStyle(field).borderTopColor), behind(field.parentElement))])
    .filter(([, contrast]) => contrast < 3)
    .map(([name, contrast]) => `${name}: ${contrast.toFixed(2)}`);
}

// What is pressed and is smaller than a finger: 44 px, and 24 where it stands in a line of words or in a table.
function small() {
  const pressed = "a[href], button, select, textarea, summary, input:not([type=hidden]), [role=button], [tabindex='0']";
  const wrong = new Set();
  for (const one of document.querySelectorAll(`:is(${pressed}):not(:disabled)`)) {
    const hasLabel = one.matches("[type=checkbox], [type=radio]") || (one.type === "file" && one.offsetWidth <= 1);
    const seen = hasLabel ? (one.labels[0] ?? one) : one;
    const { width, height } = seen.getClientRects()[0] ?? { width: 0, height: 0 };
    if (!one.checkVisibility({ visibilityProperty: true }) || Math.min(width, height) <= 1 || one.matches(".skip")) continue;
    const isInLine = getComputedStyle(seen).display === "inline" || seen.closest("mark, td, th, .tags, .meta, .swagger-ui");
    if (Math.min(width, height) >= (isInLine ? 24 : 44) - 0.5) continue;
    wrong.add(`${Math.round(width)} × ${Math.round(height)} px: ${seen.outerHTML.replace(/\s+/g, " ").slice(0, 120)}`);
  }
  return [...wrong];
}
