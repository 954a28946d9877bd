/** The browser's half of passkeys: one script without dependencies, and the page at which a command asks for one. */

/** No inline script, no style, no frame; a form may be sent on to a native client, which listens on loopback. */
export const PASSKEY_PAGE_CSP =
  "default-src 'none'; script-src 'self'; form-action 'self' http://127.0.0.1:*; frame-ancestors 'none'; base-uri 'none'";

export const PASSKEY_SCRIPT_PATH = '/oauth/passkey.js';
export const PASSKEY_PAGE_PATH = '/oauth/passkey';

/**
 * At the login page the button answers the options that came with it and sends the form. At the page of a command,
 * options, port and state stand behind `#`, which no server and no log sees, and the answer goes to that port on this
 * machine and nowhere else: whoever is sent such an address by others answers nobody but themselves.
 */
export const PASSKEY_SCRIPT = `'use strict';
const says = document.getElementById('says');
const able = () => typeof PublicKeyCredential === 'function' && 'parseRequestOptionsFromJSON' in PublicKeyCredential;
async function answer(kind, options) {
  const publicKey = kind === 'create'
    ? PublicKeyCredential.parseCreationOptionsFromJSON(options)
    : PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const made = await navigator.credentials[kind]({ publicKey });
  return JSON.stringify(made.toJSON());
}
const button = document.getElementById('passkey');
const form = document.getElementById('form');
const field = document.getElementById('answer');
let asked;
if (button.dataset.options) asked = { kind: 'get', options: JSON.parse(button.dataset.options) };
else {
  try {
    const text = atob(location.hash.slice(1).replace(/-/g, '+').replace(/_/g, '/'));
    asked = JSON.parse(new TextDecoder().decode(Uint8Array.from(text, (letter) => letter.charCodeAt(0))));
    if (!Number.isInteger(asked.port) || asked.port < 1 || asked.port > 65535) throw new Error('port');
    form.action = 'http://127.0.0.1:' + asked.port + '/passkey';
    document.getElementById('state').value = String(asked.state);
    document.getElementById('why').textContent =
      asked.kind === 'create' ? 'A command on this machine asks to add a passkey.' : 'A command on this machine asks for your passkey.';
  } catch {
    says.textContent = 'This address is not complete. Run the command again.';
  }
}
if (!able()) says.textContent = 'This browser is too old for passkeys.';
else if (asked) button.hidden = false;
button.addEventListener('click', async () => {
  if (form.reportValidity && !form.reportValidity()) return;
  try {
    says.textContent = '';
    field.value = await answer(asked.kind, asked.options);
    form.submit();
  } catch (error) {
    says.textContent = 'The passkey was not used: ' + (error && error.name) + '. Try again.';
  }
});
`;

/** The page of a command; it holds nothing of anybody. */
export const PASSKEY_PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Wayleave passkey</title></head>
<body>
<main>
<h1>Wayleave</h1>
<p id="why"></p>
<p>Go on only if you started it a moment ago.</p>
<form method="post" id="form" action="${PASSKEY_PAGE_PATH}">
<input type="hidden" name="state" id="state"><input type="hidden" name="answer" id="answer">
<p><button type="button" id="passkey" hidden>Use a passkey</button></p>
</form>
<p role="alert" id="says"></p>
</main>
<script src="${PASSKEY_SCRIPT_PATH}"></script>
</body>
</html>
`;
