/** A login in the person's own browser, which comes back on loopback with a code. */
import { beginLogin, type ClientDeps } from '../client/login.ts';
import type { ClientSession } from '../client/session.ts';
import { askBrowser } from './ask-browser.ts';

export interface BrowserLogin {
  readonly issuer: string;
  readonly audiences: readonly string[];
  /** Tells the person which address to open. */
  readonly show: (url: string) => void;
  /** Aborts the wait. */
  readonly interrupted: AbortSignal;
}

/** Errors: `LOGIN_FAILED`, also when nobody came in time. */
export async function loginInBrowser(login: BrowserLogin, deps: ClientDeps): Promise<ClientSession> {
  const thanks = 'You are logged in, or were not; the terminal tells. This page can be closed.';
  const question = { path: '/callback', interrupted: login.interrupted, thanks };
  const finish = await askBrowser(question, async (port) => {
    const redirect = `http://127.0.0.1:${port}/callback`;
    const begun = await beginLogin({ issuer: login.issuer, user: '', audiences: login.audiences }, redirect, deps);
    login.show(begun.url);
    return ({ url }) =>
      () =>
        begun.finish(url);
  });
  return finish();
}
