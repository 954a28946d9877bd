/** A login in use: an access token for each audience, asked for anew in time, and a proven request. */
import { agentsConnection, connection } from '../api/connection.ts';
import { Problem, readProblem, toProblem } from '../api/problem.ts';
import { createProof, learnTime } from './dpop.ts';
import { type KeptLogin, keptLogins } from './kept.ts';
import { AGENTS_AUDIENCE, type Audience, askToken, CONTROL_AUDIENCE, diagnosticsAudience } from './login.ts';

/** Seconds before its end at which a token is replaced. */
const EARLY_SECONDS = 30;

export interface Session {
  readonly human: string;
  readonly tenant: string;
  readonly id: string;
  /** A request to the broker's API (`/api/…`), proven and checked: rejects with `Problem`. */
  broker(path: string, init?: RequestInit): Promise<Response>;
  /** The same to the broker's MCP server for reads and probes (`/mcp/diagnostics`). */
  diagnostics(path: string, init?: RequestInit): Promise<Response>;
  /** The same to the agents (`/chat`, `/threads/…`). */
  agents(path: string, init?: RequestInit): Promise<Response>;
  /** Whether the login has ended, and who wants to know when it does. */
  readonly ended: boolean;
  onEnd(listener: () => void): () => void;
}

export function createSession(login: KeptLogin): Session {
  const held = new Map<Audience, { readonly token: string; readonly until: number }>();
  const asking = new Map<Audience, Promise<string>>();
  const listeners = new Set<() => void>();
  let ended = false;
  let agentsUrl: Promise<string> | undefined;

  const end = (): void => {
    ended = true;
    for (const listener of listeners) listener();
  };

  function token(audience: Audience): Promise<string> {
    const known = held.get(audience);
    if (known !== undefined && known.until > Date.now()) return Promise.resolve(known.token);
    const underway = asking.get(audience);
    if (underway !== undefined) return underway;
    const fields = { grant_type: 'refresh_token', refresh_token: login.refreshToken, resource: audience };
    const asked = askToken(login.key, fields)
      .catch((error: unknown) => {
        if (error instanceof Problem && error.code === 'UNREACHABLE') connection.unreachable(window.location.origin);
        throw error;
      })
      .then((tokens) => {
        held.set(audience, { token: tokens.token, until: Date.now() + (tokens.expiresIn - EARLY_SECONDS) * 1000 });
        return tokens.token;
      })
      .finally(() => asking.delete(audience));
    asking.set(audience, asked);
    return asked;
  }

  async function attempt(audience: Audience, url: string, init: RequestInit): Promise<Response> {
    const accessToken = await token(audience);
    const method = init.method ?? 'GET';
    const proof = await createProof(login.key, { method, url: url.split(/[?#]/)[0] ?? '', accessToken });
    const headers = new Headers(init.headers);
    headers.set('Authorization', `DPoP ${accessToken}`);
    headers.set('DPoP', proof);
    const to = audience === AGENTS_AUDIENCE ? agentsConnection : connection;
    const response = await fetch(url, { ...init, method, headers, redirect: 'error', credentials: 'omit' }).catch(
      (error: unknown) => {
        if (init.signal?.aborted === true) throw error;
        to.unreachable(new URL(url).origin);
        throw new Problem('UNREACHABLE');
      },
    );
    to.reachable();
    return response;
  }

  async function send(audience: Audience, url: string, init: RequestInit = {}): Promise<Response> {
    try {
      let response = await attempt(audience, url, init);
      learnTime(response);
      if (response.status === 401) {
        // The token may be of before a restart, or the clock was wrong: once more with everything fresh.
        const { code } = await readProblem(response.clone());
        if (code === 'UNAUTHENTICATED') {
          held.delete(audience);
          response = await attempt(audience, url, init);
        }
      }
      if (response.ok) return response;
      throw await readProblem(response);
    } catch (error) {
      if (init.signal?.aborted === true) throw error;
      const problem = toProblem(error);
      if (problem.code === 'UNAUTHENTICATED') end();
      throw problem;
    }
  }

  async function findAgents(): Promise<string> {
    const response = await fetch('/console/where.json').catch(() => undefined);
    const answer: unknown = response?.ok === true ? await response.json() : undefined;
    const url = typeof answer === 'object' && answer !== null && 'agentsUrl' in answer ? answer.agentsUrl : null;
    if (typeof url === 'string') return url;
    agentsUrl = undefined;
    if (response === undefined) connection.unreachable(window.location.origin);
    throw new Problem(response === undefined ? 'UNREACHABLE' : 'UNAVAILABLE');
  }

  return {
    human: login.human,
    tenant: login.tenant,
    id: login.session,
    broker: (path, init) => send(CONTROL_AUDIENCE, `${window.location.origin}${path}`, init),
    diagnostics: (path, init) => send(diagnosticsAudience(), `${window.location.origin}${path}`, init),
    async agents(path, init) {
      agentsUrl ??= findAgents();
      return send(AGENTS_AUDIENCE, `${await agentsUrl}${path}`, init);
    },
    get ended() {
      return ended;
    },
    onEnd(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** The login for a tenant that this browser has; the latest one when none is named. */
export async function findSession(tenant: string | undefined): Promise<Session | undefined> {
  const logins = await keptLogins();
  const found = tenant === undefined ? logins[0] : logins.find((login) => login.tenant === tenant);
  return found === undefined ? undefined : createSession(found);
}
