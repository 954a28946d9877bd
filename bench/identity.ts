/** What it costs to know who asks: a whole authentication with each kind of proof, and its parts. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Credential } from '../broker/contract.ts';
import { createProof } from '../protocols/oauth/dpop.ts';
import type { Figure } from './bench.ts';
import { credentialFor, keyOf, openIdentity } from './open-identity.ts';

const CALLS = 20_000;
/** Proofs with ECDSA take long to make; fewer are enough to time them. */
const DPOP_CALLS = 3_000;
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
  const { authenticate, clock, logIn, proofKey, people } = await openIdentity(folder, ['acme']);
  const login = logIn('acme', 'wan');
  const { url, token } = login;
  const key = keyOf(login);
  const signed = Array.from({ length: CALLS }, () => credentialFor(login, key, BODY));
  const prove = (): string =>
    createProof(proofKey, { method: 'POST', url, accessToken: token }, clock.now(), randomUUID());
  const proven = Array.from(
    { length: DPOP_CALLS },
    (): Credential => ({
      ...{ scheme: 'DPoP', token, proof: prove(), method: 'POST', url },
    }),
  );
  const unseen = Array.from({ length: DPOP_CALLS }, () => {
    const other = logIn('acme', 'wan');
    return credentialFor(other, keyOf(other), BODY);
  });

  const whole = (credential: Credential): Promise<unknown> => authenticate(credential, AUDIENCE);
  const hmac = await time(signed, whole);
  const dpop = await time(proven, whole);
  const first = await time(unseen, whole);
  const making = await time(signed.slice(0, DPOP_CALLS), () => credentialFor(login, key, BODY));
  const proving = await time(proven, prove);
  const lookUp = await time(signed, () => people.find('operator@acme'));
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
