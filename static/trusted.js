// Text becomes HTML here only if it can run nothing but what is ours: htmx hands over what the server answered, as do our own
// scripts and the administration's. Where there is script in it, a handler, or an address that is script, somebody smuggled
// it in, and it is refused. Browsers with trusted types ask this policy; the others have the Content-Security-Policy alone.
if (window.trustedTypes) {
  const raw = trustedTypes.createPolicy("inert", { createHTML: (text) => text });
  const home = new URL(".", document.currentScript.src).href;
  const worker = new URL("/service-worker.js", home).href; // it looks after the whole site, so it comes from the top of it
  const isOurs = (address) => new URL(address, document.baseURI).href.startsWith(home);

  const runs = (element) =>
    (element.localName === "script" && element.type !== "application/json" && !(element.src && isOurs(element.src))) ||
    ["iframe", "object", "embed", "base"].includes(element.localName) ||
    [...element.attributes].some(
      ({ name, value }) => name.startsWith("on") || name === "srcdoc" || /^[\s\0]*javascript:/i.test(value),
    );

  // The content of a template is no part of its document.
  const isTemplate = (element) => element instanceof HTMLTemplateElement;
  const isInert = (part) =>
    [...part.querySelectorAll("*")].every((element) => !runs(element) && (!isTemplate(element) || isInert(element.content)));

  trustedTypes.createPolicy("default", {
    createHTML: (text) => {
      const parsed = new DOMParser().parseFromString(raw.createHTML(text), "text/html"); // runs nothing
      return isInert(parsed) ? text : null;
    },
    createScriptURL: (address) => (isOurs(address) || new URL(address, document.baseURI).href === worker ? address : null),
  });
}
