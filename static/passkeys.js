// Forms with data-passkey="create" or "get": sending one asks the browser for a passkey first. What it is asked is in the
// form, or where the form is sent to.

const isAddress = /^[\d.]+$|^\[/.test(location.hostname); // browsers keep passkeys for names only

document.addEventListener("htmx:load", () => {
  if (!window.PublicKeyCredential || !window.isSecureContext || isAddress) return;
  for (const form of document.querySelectorAll("form[data-passkey][hidden]")) form.hidden = false;
});
document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-passkey]");
  if (!form || form.elements.credential.value) return;
  event.preventDefault();
  const problem = form.querySelector("[role=alert][hidden], [role=alert][data-ours]");
  try {
    const credential = await passkey(form);
    form.elements.credential.value = JSON.stringify(credential);
    form.submit();
  } catch (error) {
    problem.dataset.ours = "";
    problem.hidden = false;
    problem.textContent = words(`passkey-${problemOf(error)}`);
  }
});

async function passkey(form) {
  const options = await asked(form);
  if (form.dataset.passkey === "get") return window.webauthnJSON.get(options.request_options);
  const creation = options.creation_options;
  const alone = form.elements.passwordless.checked;
  Object.assign(creation.publicKey.authenticatorSelection, {
    residentKey: alone ? "required" : "discouraged",
    requireResidentKey: alone,
    ...(alone && { userVerification: "required" }),
  });
  return window.webauthnJSON.create(creation);
}

async function asked(form) {
  const here = form.querySelector("script[type='application/json']");
  if (here) return JSON.parse(here.textContent);
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(answer.status);
  return answer.json();
}

const KNOWN = ["NotAllowedError", "InvalidStateError", "SecurityError"];
function problemOf({ name }) {
  if (!window.PublicKeyCredential || !window.isSecureContext) return "unsupported";
  return KNOWN.includes(name) ? name : "unanswered";
}
