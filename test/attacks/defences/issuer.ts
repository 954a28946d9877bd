/** Defences against an issuer of logins, or against whoever speaks in its place. */
import type { Defence } from './defence.ts';

export const ISSUER_DEFENCES = {
  'sound-key-sets': {
    what: 'the keys that an issuer publishes are taken as a whole: each with a name of its own, none a secret, none that breaks',
    without: [
      {
        file: 'broker/identity/external-issuer.ts',
        find: 'if (new URL(input).href === published.at) demandSoundKeys(await answer.clone().json());',
        replace: 'void demandSoundKeys; void published;',
      },
    ],
  },
  'addresses-for-logins': {
    what: 'people are sent to pages only: of the broker itself, or of an issuer by https',
    without: [
      {
        file: 'broker/identity/external-issuer.ts',
        find: "demandBrowsable(URL.parse(authorization ?? ''), local);",
        replace: 'void demandBrowsable; void authorization;',
      },
      {
        file: 'apps/client/login.ts',
        find: 'endpoints.some((endpoint) => !isPathOf(issuer, endpoint))',
        replace: 'endpoints.some((endpoint) => !isPathOf(issuer, endpoint)) === null',
      },
    ],
  },
  'consent-per-login': {
    what: 'each authorization asks for the password, whatever cookie there is from another, which is not looked at either',
    without: [
      {
        file: 'broker/identity/authorization-server.ts',
        find: '({ oidc }) => oidc.result?.login === undefined,',
        replace: '({ oidc }) => oidc.result?.login === undefined && oidc.session?.accountId === undefined,',
      },
      // And the cookie is not even read.
      { file: 'broker/http/oauth-routes.ts', find: "incoming.headers.cookie = kept.join('; ');", replace: '' },
    ],
  },
} as const satisfies Readonly<Record<string, Defence>>;
