/** A front whose people log in at another issuer, with somebody in the middle who may bend what the broker hears from it. */
import { randomUUID } from 'node:crypto';
import { createCookieJar } from '../../../apps/client/cookie-jar.ts';
import { beginLogin } from '../../../apps/client/login.ts';
import type { ClientSession } from '../../../apps/client/session.ts';
import { EXTERNAL_CALLBACK } from '../../../broker/http/oauth-routes.ts';
import { humanAudiences } from '../../../broker/identity/audiences.ts';
import { createExternalIssuer } from '../../../broker/identity/external-issuer.ts';
import { startFront } from '../http/fixture.ts';
import { OTHER_CLIENT, startOtherIssuer } from './other-issuer.ts';

export const SETTINGS = {
  issuer: '',
  clientId: OTHER_CLIENT.id,
  clientSecret: OTHER_CLIENT.secret,
  nameClaim: 'preferred_username',
  tenantClaim: 'tenant',
  rolesClaim: 'realm_access.roles',
  roleMap: new Map([
    ['netops', 'tenant-operator'],
    ['auditors', 'auditor'],
  ] as const),
};

export const MIA = {
  sub: 'u-1',
  preferred_username: 'Mia',
  tenant: 'acme',
  realm_access: { roles: ['netops', 'tenant-admin'] },
};

export type IssuerLab = Awaited<ReturnType<typeof openIssuerLab>>;

export async function openIssuerLab() {
  let middle: typeof fetch = fetch;
  const other = await startOtherIssuer();
  const front = await startFront((url, now) => {
    const through: typeof fetch = (...given) => middle(...given);
    return createExternalIssuer({ ...SETTINGS, issuer: other.issuer }, url + EXTERNAL_CALLBACK, { now }, through);
  });
  other.begin(front.url + EXTERNAL_CALLBACK);

  /** A browser with cookies for both servers. `at` may bend a step on the way. */
  async function browse(start: string, at: (url: URL) => URL = (url) => url): Promise<URL> {
    const jars = new Map([front.url, other.issuer].map((origin) => [origin, createCookieJar()]));
    let url = new URL(start);
    for (let step = 0; step < 14; step++) {
      const jar = jars.get(url.origin);
      if (jar === undefined) return url;
      const cookie = jar.header(url.pathname);
      const response = await fetch(url, {
        redirect: 'manual',
        headers: cookie === undefined ? {} : { Cookie: cookie },
      });
      jar.keep(response);
      const text = await response.text();
      const location = response.headers.get('location') ?? /<a href="([^"]*\/leave)">/.exec(text)?.[1];
      if (response.status >= 400 || location === undefined) throw new Error(`${url.pathname}: ${response.status}`);
      url = at(new URL(location, url));
    }
    throw new Error('the browser got nowhere');
  }

  return {
    front,
    other,
    /** From now on the broker hears the issuer through this. */
    bend(through: typeof fetch): void {
      middle = through;
    },
    async logIn(at?: (url: URL) => URL): Promise<ClientSession> {
      const begun = await beginLogin(
        { issuer: front.url, user: '', audiences: humanAudiences(front.url) },
        'http://127.0.0.1:9/callback',
        { fetch, now: front.clock.now, nonce: () => randomUUID().replaceAll('-', '') },
      );
      return begun.finish(await browse(begun.url, at));
    },
    /** Why the last refusal was one, in the log. */
    reason: () => front.audit.findLast(({ kind }) => kind === 'refused')?.content['reason'],
    close: async () => {
      await front.close();
      await other.close();
    },
  };
}

/** Rewrites one JSON answer of the issuer. */
export const bendJson =
  (path: string, change: (body: Record<string, unknown>) => unknown): typeof fetch =>
  async (input, init) => {
    const response = await fetch(input, init);
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.pathname !== path) return response;
    const body: Record<string, unknown> = JSON.parse(await response.text());
    return Response.json(change(body));
  };

/** Rewrites the ID token of the token answer. */
export const bendIdToken = (change: (claims: Record<string, unknown>, token: string) => string): typeof fetch =>
  bendJson('/token', (body) => {
    const token = String(body['id_token']);
    const claims: Record<string, unknown> = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    return { ...body, id_token: change(claims, token) };
  });

export const encodePart = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
