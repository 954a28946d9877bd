/** The login form, and what is shown when a login cannot go on: plain HTML pages, with a style and, where passkeys can be used, a script of ours, and the headers that keep it so. */
import { escapeHtml } from '../../protocols/escape-html.ts';
import { PASSKEY_SCRIPT_PATH } from './passkey-page.ts';

/**
 * No script and no style but our own files, no frame. `form-action` names loopback beside `'self'`, because browsers apply it to the redirect
 * that follows the post, and a native client listens there (RFC 8252 §7.3).
 */
export const LOGIN_PAGE_CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; form-action 'self' http://127.0.0.1:* http://[::1]:* http://localhost:*; frame-ancestors 'none'; base-uri 'none'";

/** What the page shows. `action` is a path of ours, `problem` one of our own sentences. */
export interface LoginPage {
  readonly action: string;
  readonly problem?: string;
  /** What a passkey is asked here, for the script; absent where none can be used. */
  readonly passkey?: object;
  /** Where people of the organisation log in: the issuer's URL, and the path of ours that leads there. */
  readonly elsewhere?: { readonly issuer: string; readonly path: string };
  /** A client that registered itself: it is named, with where it gets the answer and what it asks for. */
  readonly client?: { readonly name: string; readonly redirect: string; readonly resources: readonly string[] };
}

/** The page; what a client says of itself is escaped, all else that a request said is not shown. */
export function renderLoginPage({ action, problem, passkey, client, elsewhere }: LoginPage): string {
  return renderPage(`${problem === undefined ? '' : `<p role="alert">${escapeHtml(problem)}</p>`}
${client === undefined ? '' : describeClient(client)}
${elsewhere === undefined ? '' : `<p><a href="${escapeHtml(elsewhere.path)}">Log in at ${escapeHtml(elsewhere.issuer)}</a></p>`}
<form method="post" id="form" action="${escapeHtml(action)}" autocomplete="on">
<p><label>User <input name="user" autocomplete="username" required maxlength="130"></label></p>
<p><label>Password <input name="password" type="password" autocomplete="current-password" required maxlength="1024"></label></p>
<p><label>One-time code, if you have a second factor <input name="code" inputmode="numeric" autocomplete="one-time-code" pattern="[0-9]{6}" maxlength="6"></label></p>
<p><button type="submit">Log in</button>${passkey === undefined ? '' : askPasskey(passkey)}</p>
</form>${passkey === undefined ? '' : `\n<p role="alert" id="says"></p>\n<script src="${PASSKEY_SCRIPT_PATH}"></script>`}`);
}

/** What a person sees whose login cannot go on, and what to do. `unknown`: the program that sent them here is not known. */
export function renderStuckPage(unknown: boolean): string {
  return renderPage(
    unknown
      ? `<p role="alert">The program that sent you here is not known to this broker, or not any more.</p>
<p>In that program, remove this server with what is kept of its login, and add it again: the program then registers anew.</p>`
      : `<p role="alert">This login cannot go on: it took too long, or what sent you here asked for something wrong.</p>
<p>Close this page, and begin again where you came from.</p>`,
  );
}

const renderPage = (content: string): string => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Wayleave login</title><link rel="stylesheet" href="/console/login.css"></head>
<body>
<main>
<h1>Wayleave</h1>
${content}
</main>
</body>
</html>
`;

/** The button stays hidden in a browser that knows no passkeys. */
const askPasskey = (options: object): string =>
  ` <button type="button" id="passkey" hidden data-options="${escapeHtml(JSON.stringify(options))}">Log in with a passkey as second factor</button><input type="hidden" name="passkey" id="answer">`;

/** The person decides with this in view (RFC 6819 §5.2.4.1): a registered name is only what a program calls itself. */
function describeClient({ name, redirect, resources }: NonNullable<LoginPage['client']>): string {
  const wanted = resources.map((one) => `<li>${escapeHtml(one)}</li>`).join('');
  return `<section>
<p>A program that calls itself <strong>${escapeHtml(name)}</strong> asks to act in your name. It registered
itself and is not part of Wayleave. It gets its answer at ${escapeHtml(redirect)} and asks for:</p>
<ul>${wanted}</ul>
<p>It may read and probe what you may. It changes nothing, unless it proves each request by a key of its own: then it may also
ask for the changes that you may ask for, which are approved as yours are. Log in only if you started it.</p>
</section>`;
}
