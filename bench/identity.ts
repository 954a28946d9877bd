/** What it costs to know who asks: a whole authentication with each kind of proof, and its parts. */
import { createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
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
import { createProof } from '../protocols/oauth/dpop.ts';
import { generateSigningKey } from '../protocols/oauth/jwk.ts';
import { signRequest } from '../protocols/oauth/request-signature.ts';
import { createSingleUse } from '../protocols/oauth/single-use.ts';
import type { Figure } from './bench.ts';

const CALLS = 20_000;
/** Proofs with ECDSA take long to make; fewer are enough to time them. */
const DPOP_CALLS = 3_000;
const ISSUER = 'http://127.0.0.1:7420';
const AUDIENCE = 'urn:wayleave:mcp:wan';
const BODY = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: 'bgp.read', arguments: {} },
});

/** Microseconds: mean and 99th percentile of `work` over the inputs, one after the other. */
async function time<T>(inputs: readonly T[], work: (input: T) => unknown): Promise<{ mean: number; p99: number }> {
  for (const input of inputs.slice(0, inputs.length / 10)) await work(input);
  const taken: number[] = [];
  for (const input of inputs.slice(inputs.length / 10)) {
    const begun = process.hrtime.bigint();
    await work(input);
    taken.push(Number(process.hrtime.bigint() - begun) / 1000);
  }
  taken.sort((a, b) => a - b);
  return {
    mean: taken.reduce((sum, one) => sum + one, 0) / taken.length,
    p99: taken[Math.floor(taken.length * 0.99)] ?? 0,
  };
}

export async function benchIdentity(): Promise<readonly Figure[]> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'wayleave-bench-'));
  const file = path.join(folder, 'users.json');
  const person = { name: 'operator@acme', tenant: 'acme', roles: ['tenant-operator'], passwordHash: '$argon2id$x' };
  writeFileSync(file, JSON.stringify({ users: [person] }));

  const clock = { now: () => Date.now() };
  const keyFile = newTokenKeyFile(clock.now());
  const keys = openTokenKeys({ load: () => keyFile, save: () => undefined, clock });
  const sessionSecret = createSecretKey(randomBytes(32));
  const proofKey = generateSigningKey();
  const agent = { agent: 'troubleshooter', digest: `sha256:${'a'.repeat(64)}`, jwks: [], model: 'none' } as const;
  const revocation = createMemoryRevocation();
  const sessions = createSessionCache(createMemorySessions(), revocation);
  await sessions.put({
    id: 'ses_1',
    human: person.name,
    tenant: 'acme',
    createdAt: new Date(clock.now()).toISOString(),
  });
  const tokenDeps = {
    issuer: ISSUER,
    keys,
    sessionSecret,
    clock,
    ids: { id: (prefix: string) => `${prefix}_${randomUUID()}` },
  };
  const url = mcpAudience(ISSUER, 'wan');
  const issue = () =>
    issueAgentToken(tokenDeps, {
      ...{ human: person.name, tenant: 'acme', session: 'ses_1', agent, audience: url },
      ...{ jkt: proofKey.thumbprint, notAfter: Number.MAX_SAFE_INTEGER },
    });
  const users = createUserFile(file);
  const authenticate = createAuthenticate({
    issuer: ISSUER,
    findKey: (kid) => keys.find(kid),
    clock,
    users,
    sessions,
    schedules: createSchedules(createMemoryRecords<Schedule>(), revocation),
    revocation,
    sessionSecret,
    certificates: false,
    agents: { find: () => agent, launched: () => [agent] },
    proofs: createSingleUse(clock.now, 120_000, 1_000_000),
  });

  const { access_token: token, session_key: secret } = issue();
  const sessionKey = createSecretKey(Buffer.from(secret, 'base64url'));
  const sign = (presented: string, key = sessionKey): Credential => ({
    ...{ scheme: 'HTTPSig', token: presented, method: 'POST', url, content: BODY },
    fields: signRequest(key, { method: 'POST', url, token: presented, content: BODY }, clock.now(), randomUUID()),
  });
  const signed = Array.from({ length: CALLS }, () => sign(token));
  const proven = Array.from({ length: DPOP_CALLS }, (): Credential => {
    const proof = createProof(proofKey, { method: 'POST', url, accessToken: token }, clock.now(), randomUUID());
    return { scheme: 'DPoP', token, proof, method: 'POST', url };
  });
  const unseen = Array.from({ length: DPOP_CALLS }, () => {
    const other = issue();
    return sign(other.access_token, createSecretKey(Buffer.from(other.session_key, 'base64url')));
  });

  const whole = (credential: Credential): Promise<unknown> => authenticate(credential, AUDIENCE);
  const hmac = await time(signed, whole);
  const dpop = await time(proven, whole);
  const first = await time(unseen, whole);
  const making = await time(signed.slice(0, DPOP_CALLS), () => sign(token));
  const proving = await time(proven, () =>
    createProof(proofKey, { method: 'POST', url, accessToken: token }, clock.now(), randomUUID()),
  );
  const lookUp = await time(signed, () => users.find(person.name));
  rmSync(folder, { recursive: true });
  return [
    {
      what: 'authenticate a signed request (RFC 9421), mean',
      value: hmac.mean,
      unit: 'µs',
      aim: 'with decision ≤ 50 µs',
    },
    { what: 'authenticate a signed request (RFC 9421), p99', value: hmac.p99, unit: 'µs' },
    { what: 'authenticate a DPoP proof (RFC 9449), mean', value: dpop.mean, unit: 'µs' },
    { what: 'authenticate a DPoP proof (RFC 9449), p99', value: dpop.p99, unit: 'µs' },
    { what: 'the same with a token that was never seen, signed', value: first.mean, unit: 'µs' },
    { what: 'make a signature (agent’s side)', value: making.mean, unit: 'µs' },
    { what: 'make a DPoP proof (client’s side)', value: proving.mean, unit: 'µs' },
    { what: 'roles of a person now (file system asked)', value: lookUp.mean, unit: 'µs' },
  ];
}
