/** The login form: one plain HTML page without script, and the headers that keep it so. */

/**
 * No script, no style, no frame. `form-action` names loopback beside `'self'`, because browsers apply it to the redirect
 * that follows the post, and a native client listens there (RFC 8252 §7.3).
 */
export const LOGIN_PAGE_CSP =
  "default-src 'none'; form-action 'self' http://127.0.0.1:* http://[::1]:* http://localhost:*; frame-ancestors 'none'; base-uri 'none'";

/** What the page shows. `action` is a path of ours, `problem` one of our own sentences. */
export interface LoginPage {
  readonly action: string;
  readonly problem?: string;
  /** Where people of the organisation log in: the issuer's URL, and the path of ours that leads there. */
  readonly elsewhere?: { readonly issuer: string; readonly path: string };
  /** A client that registered itself: it is named, with where it gets the answer and what it asks for. */
  readonly client?: { readonly name: string; readonly redirect: string; readonly resources: readonly string[] };
}

/** The page; what a client says of itself is escaped, all else that a request said is not shown. */
export function renderLoginPage({ action, problem, client, elsewhere }: LoginPage): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Wayleave login</title></head>
<body>
<main>
<h1>Wayleave</h1>
${problem === undefined ? '' : `<p role="alert">${escapeHtml(problem)}</p>`}
${client === undefined ? '' : describeClient(client)}
${elsewhere === undefined ? '' : `<p><a href="${escapeHtml(elsewhere.path)}">Log in at ${escapeHtml(elsewhere.issuer)}</a></p>`}
<form method="post" action="${escapeHtml(action)}" autocomplete="on">
<p><label>User <input name="user" autocomplete="username" required maxlength="130"></label></p>
<p><label>Password <input name="password" type="password" autocomplete="current-password" required maxlength="1024"></label></p>
<p><label>One-time code, if you have a second factor <input name="code" inputmode="numeric" autocomplete="one-time-code" pattern="[0-9]{6}" maxlength="6"></label></p>
<p><button type="submit">Log in</button></p>
</form>
</main>
</body>
</html>
`;
}

/** The person decides with this in view (RFC 6819 §5.2.4.1): a registered name is only what a program calls itself. */
function describeClient({ name, redirect, resources }: NonNullable<LoginPage['client']>): string {
  const wanted = resources.map((one) => `<li>${escapeHtml(one)}</li>`).join('');
  return `<section>
<p>A program that calls itself <strong>${escapeHtml(name)}</strong> asks to look at the network in your name. It registered
itself and is not part of Wayleave. It gets its answer at ${escapeHtml(redirect)} and asks for:</p>
<ul>${wanted}</ul>
<p>It may read and probe what you may, and change nothing. Log in only if you started it.</p>
</section>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
