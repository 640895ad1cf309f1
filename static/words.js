// What scripts say, in the language of the page, from its templates [data-words]: words("goal", { seconds: 6 }). And numbers.

function words(name, values = {}) {
  const all = [...document.querySelectorAll("template[data-words]")].map(({ content }) => content.querySelector(`[data-word="${name}"]`));
  const text = all.find(Boolean)?.textContent.trim() ?? "";
  return fill(text, values);
}
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");

function inWords(number, options) {
  return number.toLocaleString(document.documentElement.lang, { useGrouping: "always", ...options });
}
const decimal = (number, places = 1) => inWords(number, { minimumFractionDigits: places, maximumFractionDigits: places });
const percent = (share) => inWords(share, { style: "percent", maximumFractionDigits: 0 });
