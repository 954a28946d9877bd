/** Real authentication for benches: people with live sessions, one agent, its tokens, and requests that prove them. */
import { createSecretKey, type KeyObject, randomBytes, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Credential } from '../broker/contract.ts';
import { issueAgentToken } from '../broker/identity/agent-token.ts';
import { createAuthenticate } from '../broker/identity/authenticate.ts';
import { createMemoryRecords } from '../broker/identity/keyed-records.ts';
import { createMemoryRevocation } from '../broker/identity/revocation.ts';
import { createSchedules, type Schedule } from '../broker/identity/schedules.ts';
import { createSessionCache } from '../broker/identity/session-cache.ts';
import { newTokenKeyFile, openTokenKeys } from '../broker/identity/token-keys.ts';
import { createUserFile } from '../broker/identity/users.ts';
import { createMemorySessions } from '../broker/stores/memory-sessions.ts';
import { mcpAudience } from '../protocols/oauth/access-token.ts';
import { generateSigningKey } from '../protocols/oauth/jwk.ts';
import { signRequest } from '../protocols/oauth/request-signature.ts';
import { createSingleUse } from '../protocols/oauth/single-use.ts';

export const ISSUER = 'http://127.0.0.1:7420';

/** What a client needs to make requests: a token and the key of its session (base64url). */
export interface Login {
  readonly url: string;
  readonly token: string;
  readonly secret: string;
}

/** Header fields of one request, signed as agents do (RFC 9421). */
export const signFor = ({ url, token }: Login, key: KeyObject, content: string): Record<string, string> => ({
  ...signRequest(key, { method: 'POST', url, token, content }, Date.now(), randomUUID()),
});

export const keyOf = ({ secret }: Login): KeyObject => createSecretKey(Buffer.from(secret, 'base64url'));

export const credentialFor = (login: Login, key: KeyObject, content: string): Credential => ({
  ...{ scheme: 'HTTPSig', token: login.token, method: 'POST', url: login.url, content },
  fields: signRequest(key, { method: 'POST', url: login.url, token: login.token, content }, Date.now(), randomUUID()),
});

/** One operator in each tenant. */
export async function openIdentity(folder: string, tenants: readonly string[]) {
  const file = path.join(folder, 'users.json');
  const users = tenants.map((tenant) => ({
    ...{ name: `operator@${tenant}`, tenant, roles: ['tenant-operator'], passwordHash: '$argon2id$x' },
  }));
  writeFileSync(file, JSON.stringify({ users }));
  const clock = { now: () => Date.now() };
  const keyFile = newTokenKeyFile(clock.now());
  const keys = openTokenKeys({ load: () => keyFile, save: () => undefined, clock });
  const sessionSecret = createSecretKey(randomBytes(32));
  const proofKey = generateSigningKey();
  const agent = { agent: 'troubleshooter', digest: `sha256:${'a'.repeat(64)}`, jwks: [], model: 'none' } as const;
  const revocation = createMemoryRevocation();
  const sessions = createSessionCache(createMemorySessions(), revocation);
  const createdAt = new Date(clock.now()).toISOString();
  for (const { name, tenant } of users) await sessions.put({ id: `ses_${tenant}`, human: name, tenant, createdAt });
  const ids = { id: (prefix: string) => `${prefix}_${randomUUID().replaceAll('-', '')}` };
  const people = createUserFile(file);
  const authenticate = createAuthenticate({
    ...{ issuer: ISSUER, findKey: (kid) => keys.find(kid), clock, users: people, sessions, revocation, sessionSecret },
    schedules: createSchedules(createMemoryRecords<Schedule>(), revocation),
    certificates: false,
    agents: { find: () => agent, launched: () => [agent] },
    proofs: createSingleUse(clock.now, 120_000, 1_000_000),
  });
  const logIn = (tenant: string, domain: Parameters<typeof mcpAudience>[1]): Login => {
    const url = mcpAudience(ISSUER, domain);
    const { access_token: token, session_key: secret } = issueAgentToken(
      { issuer: ISSUER, keys, sessionSecret, clock, ids },
      {
        ...{ human: `operator@${tenant}`, tenant, session: `ses_${tenant}`, agent, audience: url },
        ...{ jkt: proofKey.thumbprint, notAfter: Number.MAX_SAFE_INTEGER },
      },
    );
    return { url, token, secret };
  };
  return { authenticate, clock, ids, logIn, proofKey, people };
}
