/** A second authorization server, set up by itself as somebody else would: an OpenID Connect issuer with its own keys and people. */
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type KoaContext, Provider } from 'oidc-provider';

export const OTHER_CLIENT = { id: 'wayleave', secret: 'a secret that only two know, long enough' };

export interface OtherPerson {
  readonly sub: string;
  readonly preferred_username?: string;
  readonly tenant?: string;
  readonly realm_access?: { readonly roles: readonly string[] };
}

/** Logs everybody in as `person` without a question. `rotate` replaces every key. */
export async function startOtherIssuer() {
  const state: { person: OtherPerson; callback: string; provider?: Provider; kid: number } = {
    person: {
      sub: 'u-1',
      preferred_username: 'Mia',
      tenant: 'acme',
      realm_access: { roles: ['netops', 'tenant-admin'] },
    },
    callback: '',
    kid: 0,
  };
  const server = createServer((request, response) => {
    const [, uid] = /^\/interaction\/([^/?]+)/.exec(request.url ?? '') ?? [];
    const provider = state.provider;
    if (provider === undefined) return void response.writeHead(503).end();
    if (uid === undefined) return void provider.callback()(request, response);
    const result = { login: { accountId: state.person.sub }, consent: {} };
    return void provider
      .interactionResult(request, response, result)
      .then((location) => response.writeHead(303, { location }).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  function rotate(): void {
    state.kid += 1;
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    state.provider = new Provider(issuer, {
      clients: [
        {
          client_id: OTHER_CLIENT.id,
          client_secret: OTHER_CLIENT.secret,
          redirect_uris: [state.callback],
          grant_types: ['authorization_code'],
          response_types: ['code'],
        },
      ],
      jwks: {
        keys: [{ ...privateKey.export({ format: 'jwk' }), kid: `other-${state.kid}`, alg: 'RS256', use: 'sig' }],
      },
      cookies: { keys: ['other cookies'] },
      claims: { profile: ['preferred_username', 'tenant', 'realm_access'] },
      conformIdTokenClaims: false,
      features: { devInteractions: { enabled: false } },
      interactions: { url: (_context: KoaContext, { uid }: { readonly uid: string }) => `/interaction/${uid}` },
      findAccount: (_context: KoaContext, accountId: string) => ({ accountId, claims: async () => state.person }),
      loadExistingGrant: async ({ oidc }: KoaContext) => {
        const grant = new oidc.provider.Grant({
          accountId: oidc.session?.accountId ?? '',
          clientId: oidc.client?.clientId ?? '',
        });
        grant.addOIDCScope('openid profile');
        await grant.save();
        return grant;
      },
    });
  }

  return {
    issuer,
    /** Registers where the broker wants people sent back, and begins. */
    begin(callback: string): void {
      state.callback = callback;
      rotate();
    },
    rotate,
    setPerson(person: OtherPerson): void {
      state.person = person;
    },
    close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  };
}
