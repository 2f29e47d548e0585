// Passkeys: asks the site what to sign, the device to sign it, puts the answer into a field of the form
// and sends that. Buttons show themselves only where this can work.

const read = text => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), letter => letter.charCodeAt(0));
const write = bytes => btoa(String.fromCharCode(...new Uint8Array(bytes))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

async function question(button, form) {
  const told = new URLSearchParams();
  for (const name of ["name", "email"]) {
    const field = form.elements[name];
    if (field && !field.disabled) told.set(name, field.value);
  }
  const answer = await fetch(button.dataset.ask, { method: "POST", body: told, headers: { accept: "application/json" } });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.errors?.[0]?.message ?? said.detail);
  said.challenge = read(said.challenge);
  return said;
}

async function made(asked) {
  asked.user.id = read(asked.user.id);
  for (const known of asked.excludeCredentials) known.id = read(known.id);
  const { response } = await navigator.credentials.create({ publicKey: asked });
  return { client_data: write(response.clientDataJSON), attestation: write(response.attestationObject) };
}

async function signed(asked) {
  const { rawId, response } = await navigator.credentials.get({ publicKey: asked });
  return {
    credential: write(rawId),
    client_data: write(response.clientDataJSON),
    authenticator_data: write(response.authenticatorData),
    signature: write(response.signature),
    handle: response.userHandle?.byteLength ? write(response.userHandle) : null,
  };
}

function explain(error) {
  if (error.name === "NotAllowedError") return "Nothing was done: the device was not asked to the end, or it took too long.";
  if (error.name === "InvalidStateError") return "This device has a passkey for you already.";
  if (error.name === "SecurityError") return "Passkeys work only at the site’s own address.";
  return error.message;
}

for (const button of document.querySelectorAll("[data-passkey]")) {
  if (!window.PublicKeyCredential) break;
  const { form } = button;
  const trouble = form.querySelector("[data-passkey-trouble]");
  const instead = [...form.querySelectorAll("[data-instead] input")];
  button.hidden = false;
  button.addEventListener("click", async () => {
    trouble.hidden = true;
    for (const field of instead) field.disabled = true;
    try {
      if (!form.reportValidity()) return;
      const asked = await question(button, form);
      const answer = await (button.dataset.passkey === "create" ? made(asked) : signed(asked));
      form.elements[button.dataset.field].value = JSON.stringify(answer);
      form.submit();
    } catch (error) {
      trouble.textContent = explain(error);
      trouble.hidden = false;
    } finally {
      for (const field of instead) field.disabled = false;
    }
  });
}
