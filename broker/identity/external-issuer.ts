/**
 * Logins at an OpenID Connect issuer of the organisation: the broker is its client, reads who the person is from the ID
 * token, and gives tokens of its own. What the issuer says is checked each time against the keys it publishes then.
 */
import * as oidc from 'openid-client';
import { z } from 'zod';
import { ROLES, type Role } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import type { Clock } from '../ports.ts';
import { demandSoundKeys, KeySetRefused } from './issuer-keys.ts';

export interface ExternalIssuerSettings {
  /** URL of the issuer; `https`, or `http` on loopback. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Claims of the ID token; a dot leads into an object (`realm_access.roles`). */
  readonly nameClaim: string;
  readonly tenantClaim: string;
  readonly rolesClaim: string;
  /** Which of our roles a name in the roles claim stands for; what is not here gives none. */
  readonly roleMap: ReadonlyMap<string, Role>;
}

/** Whom the issuer vouches for. `subject` is what it never gives to another (OpenID Connect Core §2 `sub`). */
export interface ExternalIdentity {
  readonly issuer: string;
  readonly subject: string;
  readonly name: string;
  readonly tenant: string;
  readonly roles: readonly Role[];
}

/** A login that was sent to the issuer and has not come back. */
interface Begun {
  readonly uid: string;
  readonly verifier: string;
  readonly nonce: string;
  /** Epoch milliseconds. */
  readonly until: number;
}

const LIFE_MS = 600_000;
const CAPACITY = 1_000;
/** Bytes of one answer of the issuer. */
const MAX_ANSWER = 262_144;
const TIMEOUT_SECONDS = 10;

export interface ExternalIssuer {
  readonly issuer: string;
  /** Where to send the browser of the interaction `uid`. */
  begin(uid: string): Promise<string>;
  /** The interaction that a `state` belongs to; undefined when it is none of ours. */
  interactionOf(state: string): string | undefined;
  /** Who logged in, from the address to which the issuer sent the browser. Throws `LOGIN_FAILED`; `reason` is for the log. */
  finish(uid: string, query: URLSearchParams): Promise<ExternalIdentity>;
}

export class ExternalLoginRefused extends WayleaveError {
  readonly reason: string;
  constructor(reason: string) {
    super('LOGIN_FAILED', 'The login at the issuer was not accepted.');
    this.reason = reason;
  }
}

/** `callback` is the redirect URI that is registered at the issuer. */
export function createExternalIssuer(
  settings: ExternalIssuerSettings,
  callback: string,
  clock: Clock,
  request: typeof fetch,
): ExternalIssuer {
  const begun = new Map<string, Begun>();

  /** Metadata and, with the checks of signatures, keys: fetched for each login, so that rotated keys are never old ones. */
  async function discover(): Promise<oidc.Configuration> {
    const url = new URL(settings.issuer);
    const local = isLocal(url);
    const published: { at?: string | undefined } = {};
    const configuration = await oidc.discovery(url, settings.clientId, settings.clientSecret, undefined, {
      execute: [oidc.enableNonRepudiationChecks, ...(local ? [oidc.allowInsecureRequests] : [])],
      timeout: TIMEOUT_SECONDS,
      [oidc.customFetch]: async (input, init) => {
        const answer = await bound(await request(input, { ...init, redirect: 'error' } as RequestInit));
        if (new URL(input).href === published.at) demandSoundKeys(await answer.clone().json());
        return answer;
      },
    });
    const { jwks_uri: keys, authorization_endpoint: authorization } = configuration.serverMetadata();
    published.at = URL.parse(keys ?? '')?.href;
    demandBrowsable(URL.parse(authorization ?? ''), local);
    return configuration;
  }

  return {
    issuer: settings.issuer,
    async begin(uid) {
      const now = clock.now();
      for (const [state, { until }] of begun) if (until <= now) begun.delete(state);
      if (begun.size >= CAPACITY) throw new WayleaveError('LIMITED', 'Too many logins are under way.');
      const configuration = await discover().catch((error: unknown) => {
        if (error instanceof ExternalLoginRefused) throw error;
        throw new WayleaveError('UNAVAILABLE', 'The issuer of logins cannot be reached.');
      });
      const [verifier, state, nonce] = [oidc.randomPKCECodeVerifier(), oidc.randomState(), oidc.randomNonce()];
      begun.set(state, { uid, verifier, nonce, until: now + LIFE_MS });
      const url = oidc.buildAuthorizationUrl(configuration, {
        redirect_uri: callback,
        scope: 'openid profile',
        state,
        nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      });
      return url.href;
    },
    interactionOf: (state) => begun.get(state)?.uid,
    async finish(uid, query) {
      const state = query.get('state') ?? '';
      const known = begun.get(state);
      begun.delete(state); // once, whatever comes of it
      if (known === undefined || known.uid !== uid || known.until <= clock.now())
        throw new ExternalLoginRefused('no such login is under way');
      try {
        const configuration = await discover();
        const answer = await oidc.authorizationCodeGrant(configuration, new URL(`${callback}?${query.toString()}`), {
          pkceCodeVerifier: known.verifier,
          expectedState: state,
          expectedNonce: known.nonce,
          idTokenExpected: true,
        });
        return readIdentity(settings, answer.claims() ?? {});
      } catch (error) {
        if (error instanceof WayleaveError) throw error;
        const cause = error instanceof Error && error.cause instanceof KeySetRefused ? error.cause : error;
        if (cause instanceof KeySetRefused) throw new ExternalLoginRefused(`the issuer's keys: ${cause.message}`);
        const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
        throw new ExternalLoginRefused(`the issuer's answer does not hold: ${code}`);
      }
    },
  };
}

const isLocal = ({ hostname }: URL): boolean => ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);

/** A browser is sent to a page only: `https`, or `http` on this machine, which an issuer of this machine alone may name. */
function demandBrowsable(url: URL | null, local: boolean): void {
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && local && isLocal(url))) return;
  throw new ExternalLoginRefused('the issuer names an address for logins that is none');
}

/** Reads at most `MAX_ANSWER` bytes of an answer. */
async function bound(response: Response): Promise<Response> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_ANSWER) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  const { status, headers } = response;
  return new Response(size === 0 ? null : Buffer.concat(chunks), { status, headers });
}

const localName = /^[a-z0-9._-]{1,64}$/;
const tenantName = /^[a-z0-9-]{1,64}$/;

/** The person as our directory names them: `who@tenant`. A claim of another form refuses the login; unknown roles give nothing. */
export function readIdentity(settings: ExternalIssuerSettings, claims: object): ExternalIdentity {
  const subject = z.string().min(1).max(255).safeParse(readClaim(claims, 'sub')).data;
  const tenant = z.string().regex(tenantName).safeParse(readClaim(claims, settings.tenantClaim)).data;
  const given = z.string().max(130).safeParse(readClaim(claims, settings.nameClaim)).data?.toLowerCase();
  if (subject === undefined) throw new ExternalLoginRefused('the ID token has no subject');
  if (tenant === undefined) throw new ExternalLoginRefused(`the claim ${settings.tenantClaim} names no tenant`);
  const name = given?.endsWith(`@${tenant}`) === true ? given.slice(0, -tenant.length - 1) : given;
  if (name === undefined || !localName.test(name))
    throw new ExternalLoginRefused(`the claim ${settings.nameClaim} is no name of a person`);
  const names = z.array(z.string()).max(200).safeParse(readClaim(claims, settings.rolesClaim)).data ?? [];
  const roles = ROLES.filter((role) => names.some((one) => settings.roleMap.get(one) === role));
  return { issuer: settings.issuer, subject, name: `${name}@${tenant}`, tenant, roles };
}

/** Own properties only: a claim named `constructor` is none. */
function readClaim(claims: object, path: string): unknown {
  let value: unknown = claims;
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = Object.entries(value).find(([name]) => name === part)?.[1];
  }
  return value;
}
