/**
 * The embedded authorization server for a single-machine install: authorization code with PKCE, DPoP and resource
 * indicators for people, token exchange for agents. Every login is a session of ours, and every token names it.
 */
import { type ArtefactStore, errors, interactionPolicy, type KoaContext, Provider } from 'oidc-provider';
import {
  AGENT_TOKEN_SECONDS,
  AGENTS_AUDIENCE,
  CONTROL_AUDIENCE,
  HUMAN_TOKEN_SECONDS,
  mcpAudience,
} from '../../protocols/oauth/access-token.ts';
import { jwkThumbprint, type PublicJwk, type SigningKey } from '../../protocols/oauth/jwk.ts';
import type { AuditEntry } from '../ports.ts';
import { humanAudiences, mcpAudiences } from './audiences.ts';
import {
  type ClientRegistration,
  createClientRegistration,
  isRegisteredClient,
  keepRegistration,
} from './client-registration.ts';
import { dpopNonces } from './dpop-nonces.ts';
import { showError } from './login-error.ts';
import { type Jwt, nameHuman, type TokenFields } from './name-human.ts';
import { CONSOLE_CLIENT, cliClient, consoleClient } from './own-clients.ts';
import type { RefusalTally } from './refusal-tally.ts';
import { WORKER_CLIENT } from './schedules.ts';
import { ACR_PASSWORD, ACR_SECOND_FACTOR } from './step-up.ts';
import { actIn, lostOrigin } from './tenant-switch.ts';
import {
  type AgentGrantDeps,
  createScheduleGrant,
  createTokenExchange,
  EXCHANGE_PARAMETERS,
  SCHEDULE_GRANT,
  SCHEDULE_PARAMETERS,
  TOKEN_EXCHANGE,
} from './token-exchange.ts';

export interface AuthorizationServerDeps extends AgentGrantDeps {
  /** At least 32 random characters; signs the login's cookies. */
  readonly cookieSecret: string;
  /** Where the server keeps what belongs to each of its models; the same for all its providers. */
  readonly artefacts: (model: string) => ArtefactStore;
  /** Keys of the workers that run schedules. */
  readonly workerKeys: () => readonly PublicJwk[];
  /** Clients may register themselves: for a broker that only this machine can reach. */
  readonly registration: boolean;
  /** Counts what the token endpoint refuses. */
  readonly refusals: RefusalTally;
  /** Writes logins to the audit log. */
  readonly record: (entry: AuditEntry) => Promise<unknown>;
  readonly log: { error(fields: { readonly [key: string]: unknown }, message: string): void };
}

export interface AuthorizationServer {
  /** Made anew when a key of ours or of an agent changed; what was begun at the one before goes on at the next. */
  readonly provider: Provider;
  /** Absent when clients may not register themselves. */
  readonly registration?: ClientRegistration;
}

/** All audiences are granted with this one scope: what a person may do is decided by policy, at each call. */
export const SCOPE = 'wayleave';

/** Name under which `acr_values` reaches the login. */
export const WANTED_ACR = 'wanted_acr';

/** Name under which the ticket of somebody who goes to another tenant comes. */
export const SWITCH_TICKET = 'switch_ticket';

/** A login ends after this many seconds, refreshed or not. */
const LOGIN_SECONDS = 12 * 3600;

export function createAuthorizationServer(deps: AuthorizationServerDeps): AuthorizationServer {
  const thumbprints = (): string =>
    [
      ...deps.keys.published().map(({ thumbprint }) => thumbprint),
      ...[...deps.agents.launched().flatMap(({ jwks }) => jwks), ...deps.workerKeys()].map(jwkThumbprint),
    ].join(' ');
  let known = thumbprints();
  let provider = createProvider(deps);
  return {
    get provider() {
      const now = thumbprints();
      if (now !== known) {
        provider = createProvider(deps);
        known = now;
      }
      return provider;
    },
    ...(deps.registration
      ? { registration: createClientRegistration({ ...deps, clients: deps.artefacts('Client') }) }
      : {}),
  };
}

function createProvider(deps: AuthorizationServerDeps): Provider {
  const { issuer } = deps;
  const kid = deps.keys.current().thumbprint;
  const provider = new Provider(issuer, {
    adapter: deps.artefacts,
    clients: [cliClient(), consoleClient(issuer), ...keyClients(deps)],
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    jwks: { keys: deps.keys.published().map(privateJwk) },
    cookies: { keys: [deps.cookieSecret], short: cookieOptions(issuer), long: cookieOptions(issuer) },
    pkce: { required: () => true },
    scopes: [],
    acrValues: [ACR_PASSWORD, ACR_SECOND_FACTOR],
    extraParams: [WANTED_ACR, SWITCH_TICKET],
    responseTypes: ['code'],
    clientAuthMethods: ['none', 'private_key_jwt'],
    enabledJWA: {
      clientAuthSigningAlgValues: ['ES256'],
      dPoPSigningAlgValues: ['ES256'],
      idTokenSigningAlgValues: ['ES256'],
    },
    // The console's page is of our own origin, and a browser names that in every POST.
    clientBasedCORS: (_context: KoaContext, origin: string, client: { readonly clientId: string }) =>
      origin === issuer && client.clientId === CONSOLE_CLIENT,
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      dPoP: { enabled: true, ...dpopNonces(deps.cookieSecret) },
      // The endpoint in the metadata; what it does is in client-registration.ts.
      registration: { enabled: deps.registration },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => undefined,
        getResourceServerInfo: (_context: KoaContext, resource: string, client: { readonly clientId: string }) =>
          resourceServer(issuer, resource, client.clientId, kid),
      },
    },
    routes: {
      authorization: '/oauth/auth',
      token: '/oauth/token',
      jwks: '/oauth/jwks',
      registration: '/oauth/register',
      end_session: '/oauth/session/end',
    },
    ttl: {
      AccessToken: (_context: KoaContext, _token: unknown, client: { readonly clientId: string }) =>
        lifeOf(client.clientId),
      AuthorizationCode: 60,
      Interaction: 600,
      RefreshToken: LOGIN_SECONDS,
      Session: 600,
      Grant: LOGIN_SECONDS,
    },
    issueRefreshToken: () => true,
    rotateRefreshToken: ({ oidc }: KoaContext) => isRegisteredClient(oidc.client?.clientId ?? ''),
    expiresWithSession: () => false, // our session decides, at each refresh and each call
    // The provider's account is our login session: a token then names it, and ending it ends every refresh.
    findAccount: (_context: KoaContext, session: string) => findAccount(deps, session),
    loadExistingGrant: (context: KoaContext) => grantRequested(deps, context),
    interactions: { url: loginUrl, policy: [passwordEveryTime()] },
    formats: {
      customizers: { jwt: (_context: KoaContext, token: TokenFields, jwt: Jwt) => nameHuman(deps, token, jwt) },
    },
    renderError: showError,
  });
  provider.registerGrantType(TOKEN_EXCHANGE, createTokenExchange(deps), EXCHANGE_PARAMETERS);
  provider.registerGrantType(SCHEDULE_GRANT, createScheduleGrant(deps), SCHEDULE_PARAMETERS);
  provider.on('server_error', (_context, error) => deps.log.error({ err: error }, 'the authorization server failed'));
  provider.on('grant.error', (context, error) => void noteRefusal(deps, context, error));
  return provider;
}

/** Runs beside the answer: a refused request waits for no log, and the tally keeps a flood of them short. */
async function noteRefusal(deps: AuthorizationServerDeps, context: KoaContext, error: Error): Promise<void> {
  if (error.message === 'use_dpop_nonce') return; // a question, and no refusal
  const detail = 'error_detail' in error && typeof error.error_detail === 'string' ? `: ${error.error_detail}` : '';
  const reason = `${error.message}${detail}`;
  const source = context.req.socket.remoteAddress ?? 'local';
  try {
    await deps.refusals.note({ source, audience: 'token endpoint', reason });
  } catch (failure) {
    deps.log.error({ err: failure }, 'a refusal of the token endpoint could not be recorded');
  }
}

const privateJwk = (key: SigningKey): Readonly<Record<string, unknown>> => ({
  ...key.privateKey.export({ format: 'jwk' }),
  kid: key.thumbprint,
  alg: 'ES256',
  use: 'sig',
});

/** Those who prove who they are with a key: each agent, for exchanges, and the workers, for schedules. */
function keyClients(deps: AuthorizationServerDeps): readonly Readonly<Record<string, unknown>>[] {
  const worker = deps.workerKeys();
  return [
    ...deps.agents.launched().map(({ agent, jwks }) => keyClient(agent, jwks, TOKEN_EXCHANGE)),
    ...(worker.length === 0 ? [] : [keyClient(WORKER_CLIENT, worker, SCHEDULE_GRANT)]),
  ];
}

function keyClient(id: string, jwks: readonly PublicJwk[], grantType: string): Readonly<Record<string, unknown>> {
  return {
    client_id: id,
    redirect_uris: [],
    response_types: [],
    grant_types: [grantType],
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES256',
    dpop_bound_access_tokens: true,
    jwks: { keys: jwks.map((jwk) => ({ ...jwk, kid: jwkThumbprint(jwk), alg: 'ES256', use: 'sig' })) },
  };
}

/** Seconds: of a token that a client got by itself, which no key has to prove, and of one that our own client got. */
const lifeOf = (client: string): number => (isRegisteredClient(client) ? AGENT_TOKEN_SECONDS : HUMAN_TOKEN_SECONDS);

/** What a client may ask tokens for: one that registered itself the MCP servers, the console what people decide, say and look at. */
function audiencesOf(issuer: string, client: string): readonly string[] {
  if (isRegisteredClient(client)) return mcpAudiences(issuer);
  // Of the MCP servers only the one that reads and probes: a change is proposed in a conversation or by a command.
  if (client === CONSOLE_CLIENT) return [AGENTS_AUDIENCE, CONTROL_AUDIENCE, mcpAudience(issuer, 'diagnostics')];
  return humanAudiences(issuer);
}

/** RFC 8707: one token, one resource. */
function resourceServer(
  issuer: string,
  resource: string,
  client: string,
  kid: string,
): Readonly<Record<string, unknown>> {
  if (!audiencesOf(issuer, client).includes(resource)) throw new errors.InvalidTarget();
  return {
    scope: SCOPE,
    audience: resource,
    accessTokenFormat: 'jwt',
    accessTokenTTL: lifeOf(client),
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

/**
 * What was asked for is granted, which policy then narrows at each call: our own client is first-party, and for one that
 * registered itself the login page named it and what it asks for before the person typed a password.
 */
async function grantRequested({ artefacts }: AuthorizationServerDeps, { oidc }: KoaContext): Promise<unknown> {
  const accountId = oidc.session?.accountId;
  if (accountId === undefined || oidc.client === undefined) return undefined;
  const grant = new oidc.provider.Grant({ accountId, clientId: oidc.client.clientId });
  for (const resource of [oidc.params['resource']].flat()) {
    if (typeof resource === 'string') grant.addResourceScope(resource, SCOPE);
  }
  await grant.save();
  await keepRegistration(artefacts('Client'), oidc.client.clientId);
  return grant;
}

async function findAccount(
  deps: AuthorizationServerDeps,
  id: string,
): Promise<{ readonly accountId: string; readonly claims: () => Promise<{ readonly sub: string }> } | undefined> {
  const session = await deps.sessions.get(id);
  if (session === undefined || session.endedAt !== undefined) return undefined;
  const user = await deps.users.find(session.human);
  if (actIn(user, session.tenant) === undefined) return undefined;
  if (await lostOrigin(deps.sessions, session, deps.clock.now())) return undefined;
  return { accountId: id, claims: async () => ({ sub: session.human }) };
}
