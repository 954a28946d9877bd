/** The login form: one plain HTML page without script, and the headers that keep it so. */

/**
 * No script, no style, no frame. `form-action` names loopback beside `'self'`, because browsers apply it to the redirect
 * that follows the post, and a native client listens there (RFC 8252 §7.3).
 */
export const LOGIN_PAGE_CSP =
  "default-src 'none'; form-action 'self' http://127.0.0.1:* http://[::1]:*; frame-ancestors 'none'; base-uri 'none'";

/** The page; `action` is a path of ours, `problem` one of our own sentences. Nothing of the request is echoed. */
export function renderLoginPage(action: string, problem?: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Wayleave login</title></head>
<body>
<main>
<h1>Wayleave</h1>
${problem === undefined ? '' : `<p role="alert">${escapeHtml(problem)}</p>`}
<form method="post" action="${escapeHtml(action)}" autocomplete="on">
<p><label>User <input name="user" autocomplete="username" required maxlength="130"></label></p>
<p><label>Password <input name="password" type="password" autocomplete="current-password" required maxlength="1024"></label></p>
<p><button type="submit">Log in</button></p>
</form>
</main>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
