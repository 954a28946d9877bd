/**
 * Dynamic client registration (RFC 7591), so that an MCP client of a person can log in by itself. Only on a broker that
 * only this machine reaches, only public clients with a loopback redirect, only what we understand, and not many.
 */
import type { ArtefactStore } from 'oidc-provider';
import { z } from 'zod';
import { WayleaveError } from '../errors.ts';
import type { AuditEntry, Clock, Ids } from '../ports.ts';

const PREFIX = 'reg';
/** How long a client is known that nobody logged in by yet, and how long after each login, in seconds. */
const UNUSED_SECONDS = 7 * 24 * 3600;
const USED_SECONDS = 90 * 24 * 3600;
/** Registrations in an hour: a person connects a handful of clients, and each is kept. */
const PER_HOUR = 60;
const HOUR_MS = 3_600_000;

/** RFC 8252 §7.3: the redirect of a native client goes to this machine, on any port. */
const redirect = z.url().max(500).refine(isLoopback, 'must be http on 127.0.0.1, [::1] or localhost');

const registrationRequest = z.object({
  redirect_uris: z.array(redirect).min(1).max(5),
  client_name: z.string().max(100).optional(),
  token_endpoint_auth_method: z.literal('none').optional(),
  grant_types: z.array(z.enum(['authorization_code', 'refresh_token'])).optional(),
  response_types: z.array(z.literal('code')).optional(),
  application_type: z.enum(['native', 'web']).optional(),
});

export interface ClientRegistration {
  /** The answer of RFC 7591 §3.2.1. Throws `USAGE` (what is not acceptable) and `LIMITED`. */
  register(body: unknown): Promise<Readonly<Record<string, unknown>>>;
}

export interface ClientRegistrationDeps {
  readonly clients: ArtefactStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly record: (entry: AuditEntry) => Promise<unknown>;
}

/** Clients of this kind may look at the network with tokens that no key proves, and do nothing else. */
export const isRegisteredClient = (id: string): boolean => id.startsWith(`${PREFIX}_`);

/**
 * To be called at each login; what is no client that registered itself is left alone. Few clients find out by themselves that they are not known
 * any more, so that one which is in use must not be forgotten.
 */
export async function keepRegistration(clients: ArtefactStore, id: string): Promise<void> {
  const metadata = isRegisteredClient(id) ? await clients.find(id) : undefined;
  if (metadata !== undefined) await clients.upsert(id, metadata, USED_SECONDS);
}

export function createClientRegistration(deps: ClientRegistrationDeps): ClientRegistration {
  let recent: readonly number[] = [];
  return {
    async register(body) {
      const parsed = registrationRequest.safeParse(body);
      if (!parsed.success) {
        const issue = parsed.error.issues[0];
        throw new WayleaveError('USAGE', `${issue?.path.join('.') ?? 'The body'}: ${issue?.message ?? 'not valid'}`);
      }
      const now = deps.clock.now();
      recent = recent.filter((at) => at > now - HOUR_MS);
      if (recent.length >= PER_HOUR) throw new WayleaveError('LIMITED', 'Too many clients registered themselves.');
      recent = [...recent, now];
      const id = deps.ids.id(PREFIX);
      const metadata = {
        client_id: id,
        client_name: (parsed.data.client_name ?? 'an unnamed client').replace(/[^\x20-\x7e]/g, '?'),
        application_type: 'native',
        redirect_uris: parsed.data.redirect_uris,
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'none',
      };
      const { client_name: name, redirect_uris: redirects } = metadata;
      const content = { client: id, name, redirects };
      await deps.record({ at: new Date(now).toISOString(), tenant: '-', kind: 'client.registered', content });
      await deps.clients.upsert(id, metadata, UNUSED_SECONDS);
      return { ...metadata, client_id_issued_at: Math.floor(now / 1000) };
    },
  };
}

function isLoopback(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.protocol !== 'http:' || url.username !== '' || url.password !== '' || url.hash !== '')
    return false;
  return ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
}
