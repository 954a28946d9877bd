/**
 * The embedded authorization server for a single-machine install: authorization code with PKCE, DPoP and resource
 * indicators for people, token exchange for agents. Every login is a session of ours, and every token names it.
 */
import type { KeyObject } from 'node:crypto';
import { errors, interactionPolicy, type KoaContext, Provider } from 'oidc-provider';
import { HUMAN_TOKEN_SECONDS } from '../../protocols/oauth/access-token.ts';
import { importPublicJwk, jwkThumbprint, type SigningKey } from '../../protocols/oauth/jwk.ts';
import type { SingleUse } from '../../protocols/oauth/single-use.ts';
import type { AuditEntry, Clock, Ids, Sessions } from '../ports.ts';
import type { AgentRegistry } from './agent-registry.ts';
import { createArtefactStores } from './artefact-store.ts';
import { HUMAN_AUDIENCES } from './audiences.ts';
import { createTokenExchange, EXCHANGE_PARAMETERS, TOKEN_EXCHANGE } from './token-exchange.ts';
import type { UserDirectory } from './users.ts';

export interface AuthorizationServerDeps {
  /** The broker's URL without a trailing slash, e.g. `http://127.0.0.1:8100`. */
  readonly issuer: string;
  readonly signingKey: SigningKey;
  /** At least 32 random characters; signs the login's cookies. */
  readonly cookieSecret: string;
  readonly users: UserDirectory;
  readonly sessions: Sessions;
  readonly agents: AgentRegistry;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly proofs: SingleUse;
  /** Writes logins, good and bad, to the audit log. */
  readonly record: (entry: AuditEntry) => Promise<unknown>;
  readonly log: { error(fields: { readonly [key: string]: unknown }, message: string): void };
}

export interface AuthorizationServer {
  readonly provider: Provider;
  /** Public keys by `kid`, for verification. */
  readonly keys: ReadonlyMap<string, KeyObject>;
}

/** The public native client of people (RFC 8252: loopback redirect, any port). */
export const CLI_CLIENT = 'wayleave-cli';
export const CLI_REDIRECT = 'http://127.0.0.1/callback';

/** All audiences are granted with this one scope: what a person may do is decided by policy, at each call. */
export const SCOPE = 'wayleave';

/** A login ends after this many seconds, refreshed or not. */
const LOGIN_SECONDS = 12 * 3600;

export function createAuthorizationServer(deps: AuthorizationServerDeps): AuthorizationServer {
  const { issuer, signingKey } = deps;
  const kid = signingKey.thumbprint;
  const provider = new Provider(issuer, {
    adapter: createArtefactStores(() => deps.clock.now()),
    clients: [cliClient(), ...deps.agents.map(agentClient)],
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    jwks: { keys: [{ ...signingKey.privateKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' }] },
    cookies: { keys: [deps.cookieSecret], short: cookieOptions(issuer), long: cookieOptions(issuer) },
    pkce: { required: () => true },
    scopes: [],
    responseTypes: ['code'],
    clientAuthMethods: ['none', 'private_key_jwt'],
    enabledJWA: {
      clientAuthSigningAlgValues: ['ES256'],
      dPoPSigningAlgValues: ['ES256'],
      idTokenSigningAlgValues: ['ES256'],
    },
    clientBasedCORS: () => false,
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      dPoP: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => undefined,
        getResourceServerInfo: (_context: KoaContext, resource: string) => resourceServer(resource, kid),
      },
    },
    routes: {
      authorization: '/oauth/auth',
      token: '/oauth/token',
      jwks: '/oauth/jwks',
      end_session: '/oauth/session/end',
    },
    ttl: {
      AccessToken: HUMAN_TOKEN_SECONDS,
      AuthorizationCode: 60,
      Interaction: 600,
      RefreshToken: LOGIN_SECONDS,
      Session: 600,
      Grant: LOGIN_SECONDS,
    },
    issueRefreshToken: () => true,
    expiresWithSession: () => false, // our session decides, at each refresh and each call
    // The provider's account is our login session: a token then names it, and ending it ends every refresh.
    findAccount: (_context: KoaContext, session: string) => findAccount(deps, session),
    loadExistingGrant: grantRequested,
    interactions: { url: loginUrl, policy: [passwordEveryTime()] },
    formats: {
      customizers: { jwt: (_context: KoaContext, token: TokenFields, jwt: Jwt) => nameHuman(deps, token, jwt) },
    },
    renderError: (context: KoaContext, out: Readonly<Record<string, string>>) => {
      context.type = 'json'; // nothing of ours renders what a request said
      context.body = out;
    },
  });
  provider.registerGrantType(
    TOKEN_EXCHANGE,
    createTokenExchange({ ...deps, tokenUrl: `${issuer}/oauth/token` }),
    EXCHANGE_PARAMETERS,
  );
  provider.on('server_error', (_context, error) => deps.log.error({ err: error }, 'the authorization server failed'));
  return { provider, keys: new Map([[kid, importPublicJwk(signingKey.publicJwk)]]) };
}

interface TokenFields {
  readonly accountId?: string;
}
interface Jwt {
  readonly payload: Record<string, unknown>;
}

function cliClient(): Readonly<Record<string, unknown>> {
  return {
    client_id: CLI_CLIENT,
    application_type: 'native',
    redirect_uris: [CLI_REDIRECT],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    dpop_bound_access_tokens: true,
  };
}

function agentClient({ agent, jwks }: AgentRegistry[number]): Readonly<Record<string, unknown>> {
  return {
    client_id: agent,
    redirect_uris: [],
    response_types: [],
    grant_types: [TOKEN_EXCHANGE],
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES256',
    dpop_bound_access_tokens: true,
    jwks: { keys: jwks.map((jwk) => ({ ...jwk, kid: jwkThumbprint(jwk), alg: 'ES256', use: 'sig' })) },
  };
}

function resourceServer(resource: string, kid: string): Readonly<Record<string, unknown>> {
  if (!HUMAN_AUDIENCES.includes(resource)) throw new errors.InvalidTarget();
  return {
    scope: SCOPE,
    audience: resource,
    accessTokenFormat: 'jwt',
    accessTokenTTL: HUMAN_TOKEN_SECONDS,
    jwt: { sign: { alg: 'ES256', kid } },
  };
}

function cookieOptions(issuer: string): Readonly<Record<string, unknown>> {
  return { httpOnly: true, sameSite: 'lax', signed: true, secure: issuer.startsWith('https:') };
}

const loginUrl = (_context: KoaContext, interaction: { readonly uid: string }): string =>
  `/oauth/login/${interaction.uid}`;

/** No silent login from an old cookie: each authorization asks for the password. */
function passwordEveryTime(): interactionPolicy.Prompt {
  const check = new interactionPolicy.Check(
    'password',
    'Every login asks for the password',
    ({ oidc }) => oidc.result?.login === undefined,
  );
  return new interactionPolicy.Prompt({ name: 'login', requestable: true }, check);
}

/** Our client is first-party: it is granted what it asks for, which policy then narrows at each call. */
async function grantRequested({ oidc }: KoaContext): Promise<unknown> {
  const accountId = oidc.session?.accountId;
  if (accountId === undefined || oidc.client === undefined) return undefined;
  const grant = new oidc.provider.Grant({ accountId, clientId: oidc.client.clientId });
  for (const resource of [oidc.params['resource']].flat()) {
    if (typeof resource === 'string') grant.addResourceScope(resource, SCOPE);
  }
  await grant.save();
  return grant;
}

async function findAccount(
  deps: AuthorizationServerDeps,
  id: string,
): Promise<{ readonly accountId: string; readonly claims: () => Promise<{ readonly sub: string }> } | undefined> {
  const session = await deps.sessions.get(id);
  if (session === undefined || session.endedAt !== undefined) return undefined;
  const user = await deps.users.find(session.human);
  if (user === undefined || user.disabled === true || user.tenant !== session.tenant) return undefined;
  return { accountId: id, claims: async () => ({ sub: session.human }) };
}

/** Puts the human, the session and the tenant in place of the provider's account. */
async function nameHuman(deps: AuthorizationServerDeps, token: TokenFields, jwt: Jwt): Promise<void> {
  const session = token.accountId === undefined ? undefined : await deps.sessions.get(token.accountId);
  if (session === undefined) throw new Error('a token without a session');
  Object.assign(jwt.payload, { sub: session.human, sid: session.id, tenant: session.tenant });
}
