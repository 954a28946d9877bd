/** Attacks by programs that register themselves and hope for the consent that somebody gave to another (RFC 6819 §4.4.1). */
import { createHash, randomUUID } from 'node:crypto';
import { createCookieJar } from '../../apps/client/cookie-jar.ts';
import { PASSWORD } from '../broker/http/fixture.ts';
import { type Attack, type Attempt, attemptAll } from './attack.ts';
import { type FrontUnderAttack, openSteadyFront } from './front.ts';

const HONEST = 'http://127.0.0.1:9001/callback';
const verifier = 'v'.repeat(64);
const challenge = createHash('sha256').update(verifier).digest('base64url');

/** A browser of one person: its cookies outlive each login, as those of a real one. */
function openBrowser(lab: FrontUnderAttack) {
  const jar = createCookieJar();
  const send = async (path: string, body?: URLSearchParams): Promise<Response> => {
    const url = new URL(path, lab.url);
    const cookie = jar.header(url.pathname);
    const response = await fetch(url, {
      redirect: 'manual',
      headers: cookie === undefined ? {} : { Cookie: cookie },
      ...(body === undefined ? {} : { method: 'POST', body }),
    });
    jar.keep(response);
    return response;
  };
  const authorize = (client: string, redirect: string): Promise<Response> => {
    const asked = { client_id: client, redirect_uri: redirect, response_type: 'code', code_challenge: challenge };
    const more = {
      code_challenge_method: 'S256',
      scope: 'wayleave',
      resource: `${lab.url}/mcp/wan`,
      state: randomUUID(),
    };
    return send(`/oauth/auth?${new URLSearchParams({ ...asked, ...more }).toString()}`);
  };
  return { send, authorize };
}

async function register(lab: FrontUnderAttack, redirect: string): Promise<string> {
  const answer = await fetch(`${lab.url}/oauth/register`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ client_name: 'an editor', redirect_uris: [redirect] }),
  });
  const body: { readonly client_id: string } = JSON.parse(await answer.text());
  return body.client_id;
}

/** The first client, for which the person logs in with open eyes: the form that was sent, and the code. */
async function consent(lab: FrontUnderAttack, browser: ReturnType<typeof openBrowser>) {
  const client = await register(lab, HONEST);
  const begun = await browser.authorize(client, HONEST);
  const form = begun.headers.get('location') ?? '';
  const credentials = (): URLSearchParams => new URLSearchParams({ user: 'operator@acme', password: PASSWORD });
  const sent = await browser.send(form, credentials());
  const back = await browser.send(sent.headers.get('location') ?? '');
  const code = URL.parse(back.headers.get('location') ?? '')?.searchParams.get('code') ?? undefined;
  if (code === undefined) throw new Error('an honest client gets no code');
  return { client, form, credentials, code };
}

/** Where a request ends. Refused means: at a page that asks for a password, or at an error; never with a code. */
async function endOf(browser: ReturnType<typeof openBrowser>, response: Response): Promise<Attempt> {
  let now = response;
  for (let step = 0; step < 6; step++) {
    const location = now.headers.get('location');
    if (location === null) {
      const asks = (await now.text()).includes('type="password"');
      return { refused: now.status >= 400 || asks, how: asks ? 'asks for the password' : `${now.status}` };
    }
    if (!location.startsWith('/') && URL.parse(location)?.pathname === '/callback') {
      const code = new URL(location).searchParams.get('code');
      return { refused: code === null, how: code === null ? 'no code' : 'a code without a question' };
    }
    now = await browser.send(location);
  }
  throw new Error('the browser got nowhere');
}

export const OWN_CLIENT_ATTACKS: readonly Attack[] = [
  {
    id: 'MCP-02',
    guard: 'consent-per-login',
    attempt: async () => {
      const lab = await openSteadyFront();
      const browser = openBrowser(lab);
      const first = await consent(lab, browser);
      const thief = 'http://127.0.0.1:9002/callback';
      const second = await register(lab, thief);
      const redeem = (): Promise<Response> =>
        fetch(`${lab.url}/oauth/token`, {
          method: 'POST',
          body: new URLSearchParams({
            ...{ grant_type: 'authorization_code', client_id: first.client, code: first.code, redirect_uri: HONEST },
            ...{ code_verifier: verifier, resource: `${lab.url}/mcp/wan` },
          }),
        });
      if ((await redeem()).status !== 200) throw new Error('an honest client gets no token');
      const again = async (answer: Response): Promise<Attempt> => ({
        refused: answer.status >= 400,
        how: `${answer.status}`,
      });
      return attemptAll([
        ['a second client in the same browser', async () => endOf(browser, await browser.authorize(second, thief))],
        ['the first client once more', async () => endOf(browser, await browser.authorize(first.client, HONEST))],
        ['another port', async () => endOf(browser, await browser.authorize(first.client, thief))],
        [
          'another path',
          async () => endOf(browser, await browser.authorize(first.client, HONEST.replace('callback', 'x'))),
        ],
        ['a longer path', async () => endOf(browser, await browser.authorize(first.client, `${HONEST}/x`))],
        ['a query', async () => endOf(browser, await browser.authorize(first.client, `${HONEST}?to=x`))],
        ['the form sent again', async () => again(await browser.send(first.form, first.credentials()))],
        ['the code once more', async () => again(await redeem())],
      ]);
    },
  },
];
