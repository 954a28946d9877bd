/** Attacks by repetition: proofs used twice, elsewhere, by others and with other keys, and intents that change under one key (RFC 9449). Over 300 lines because every attack has its spellings. */
import { createHmac, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { IDENTITY_MIGRATIONS } from '../../broker/identity/keyed-records.ts';
import { currentCode } from '../../broker/identity/second-factors.ts';
import { createSqlSingleUse } from '../../broker/identity/sql-single-use.ts';
import { signCompactJws, TokenRefused } from '../../protocols/oauth/compact-jws.ts';
import { generateSigningKey } from '../../protocols/oauth/jwk.ts';
import {
  deriveSessionKey,
  SIGNED_SCHEME,
  type SignatureFields,
  signRequest,
} from '../../protocols/oauth/request-signature.ts';
import { createSingleUse, type SingleUse } from '../../protocols/oauth/single-use.ts';
import { createCredentialVerifier, PROOF_RETENTION_MS } from '../../protocols/oauth/verify-credential.ts';
import { migrate } from '../../storage/migrate.ts';
import { openDatabase } from '../../storage/open-database.ts';
import { startFront } from '../broker/http/fixture.ts';
import { AGENT, createBench, OPERATOR, outcomeOf, propose, RIGHT_AS } from '../broker/pipeline/bench.ts';
import { type Attack, type Attempt, attemptAll, laboratory } from './attack.ts';
import type { DefenceName } from './defences.ts';
import { type FrontUnderAttack, MCP_PATH, openReplayFront, openSteadyFront, type Sending } from './front.ts';

/** Each is sent once; refused means 401, one entry in the log, and no call of the broker. */
const requests = (
  id: string,
  guard: DefenceName,
  variants: (lab: FrontUnderAttack) => Readonly<Record<string, Sending>>,
): Attack => ({
  id,
  guard,
  attempt: async () => {
    const lab = await openSteadyFront();
    return attemptAll(
      Object.entries(variants(lab)).map(([what, sending]) => [what, () => lab.attempt(sending)] as const),
    );
  },
});

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A proof whose header or claims are anything. */
function proofOf(lab: FrontUnderAttack, token: string, header: object, key = lab.key): string {
  const claims = JSON.parse(Buffer.from(lab.prove(token).split('.')[1] ?? '', 'base64url').toString());
  return signCompactJws({ typ: 'dpop+jwt', jwk: key.publicJwk, ...header }, claims, key.privateKey);
}

/** Brokers that one after the other see the same credential; refused means that only the first of them takes it. */
async function replayAt(brokers: readonly (() => SingleUse | Promise<SingleUse>)[]): Promise<Attempt> {
  const lab = await openSteadyFront();
  const token = lab.forge();
  const credential = {
    scheme: 'DPoP',
    token,
    proof: lab.prove(token),
    method: 'POST',
    url: `${lab.url}${MCP_PATH}`,
  } as const;
  const heard: string[] = [];
  for (const open of brokers) {
    const verifier = createCredentialVerifier({
      ...{ issuer: lab.url, findKey: (kid: string) => lab.keys.find(kid), now: lab.clock.now, proofs: await open() },
    });
    const how = verifier.verifyCredential(credential, `${lab.url}/mcp/wan`).then(
      () => 'accepted',
      (error: unknown) => (error instanceof TokenRefused ? error.message : String(error)),
    );
    heard.push(await how);
  }
  const [first, ...others] = heard;
  if (first !== 'accepted') throw new Error(`the good credential is refused: ${first}`);
  return { refused: others.every((how) => how === 'proof: used before'), how: others.join(', ') };
}

export const REPLAY_ATTACKS: readonly Attack[] = [
  {
    id: 'RPL-01',
    guard: 'proof-once',
    attempt: async () => {
      const lab = await openSteadyFront();
      const times = async (count: number): Promise<Attempt> => {
        const token = lab.forge();
        const proof = lab.prove(token);
        const answers = await Promise.all(Array.from({ length: count }, () => lab.send({ token, proof })));
        await Promise.all(answers.map((answer) => answer.arrayBuffer()));
        const taken = answers.filter(({ status }) => status === 200).length;
        return { refused: taken === 1, how: `${taken} of ${count} taken` };
      };
      return attemptAll([
        ['one after the other', () => replayTwice(lab)],
        ['100 at once', () => times(100)],
      ]);
    },
  },
  {
    id: 'RPL-02',
    guard: 'proofs-before-the-start',
    attempt: async () => {
      const lab = await openSteadyFront();
      const memory = () => createSingleUse(lab.clock.now, PROOF_RETENTION_MS, 100);
      return attemptAll([
        [
          'two seconds after a restart',
          () =>
            replayAt([
              memory,
              () => {
                lab.clock.offset += 2_000;
                return memory();
              },
            ]),
        ],
      ]);
    },
  },
  {
    id: 'RPL-03',
    guard: 'proofs-in-database',
    attempt: async () => {
      const folder = mkdtempSync(path.join(tmpdir(), 'wayleave-replay-'));
      const database = await openDatabase({ folder });
      try {
        await migrate(database.pool, IDENTITY_MIGRATIONS);
        const broker = () => createSqlSingleUse(database.pool, PROOF_RETENTION_MS);
        return await attemptAll([['at two more brokers', () => replayAt([broker, broker, broker])]]);
      } finally {
        await database.close();
        rmSync(folder, { recursive: true, force: true });
      }
    },
  },
  requests('RPL-04', 'proof-of-request', (lab) => {
    const token = lab.forge();
    const proof = (changed: object): Sending => ({ token, proof: lab.prove(token, changed) });
    return {
      'another method': proof({ method: 'GET' }),
      'another path': proof({ url: `${lab.url}/mcp/diagnostics` }),
      'another host': proof({ url: `http://localhost${MCP_PATH}` }),
      'with a query': proof({ url: `${lab.url}${MCP_PATH}?x=1` }),
      'another spelling': proof({ url: `${lab.url}/mcp/./wan` }),
    };
  }),
  requests('RPL-06', 'proof-of-token', (lab) => {
    const [token, other] = [lab.forge(), lab.forge()];
    return {
      'the hash of another token': { token, proof: lab.prove(other) },
      'no hash': { token, proof: lab.prove(token, { accessToken: undefined }) },
    };
  }),
  requests('RPL-07', 'proof-of-key', (lab) => {
    const token = lab.forge();
    const thief = generateSigningKey();
    return { 'a key of the thief': { token, proof: lab.prove(token, {}, thief) } };
  }),
  requests('RPL-08', 'proof-key-form', (lab) => {
    const token = lab.forge();
    const jwk = lab.key.publicJwk;
    const proof = (header: object): Sending => ({ token, proof: proofOf(lab, token, header) });
    const symmetric = (key: object): Sending => {
      const [, claims = ''] = lab.prove(token).split('.');
      const input = `${encode({ typ: 'dpop+jwt', alg: 'HS256', jwk: key })}.${claims}`;
      return { token, proof: `${input}.${createHmac('sha256', 'k').update(input).digest('base64url')}` };
    };
    return {
      'the private key': proof({ jwk: lab.key.privateKey.export({ format: 'jwk' }) }),
      'a symmetric key': symmetric({ kty: 'oct', k: encode('k') }),
      'a symmetric algorithm': symmetric(jwk),
      'another type': proof({ jwk: { ...jwk, kty: 'RSA' } }),
      'another curve': proof({ jwk: { ...jwk, crv: 'P-384' } }),
      'another use': proof({ jwk: { ...jwk, use: 'enc' } }),
      'a point off the curve': proof({ jwk: { ...jwk, y: jwk.x } }),
      'no key': proof({ jwk: undefined }),
    };
  }),
  {
    id: 'RPL-11',
    guard: 'one-content-a-key',
    attempt: () =>
      attemptAll([
        ['another value', () => reuseKey({ input: { localAs: RIGHT_AS + 1 } })],
        ['another device', () => reuseKey({ target: { devices: ['br1_edge'] } })],
        ['another purpose', () => reuseKey({ purpose: 'chat:2' })],
      ]),
  },
  {
    id: 'RPL-09',
    guard: 'proof-once',
    attempt: async () => {
      const lab = await openReplayFront();
      const nonce = (): string => randomUUID().replaceAll('-', '');
      const used = nonce();
      const first = signed(lab, used);
      const honest = await lab.send(first);
      if (honest.status !== 200) throw new Error(`a signed request is refused: ${honest.status}`);
      await honest.arrayBuffer();
      const [one, other] = [signed(lab, nonce()), signed(lab, nonce())];
      const without = signed(lab, nonce(), (fields) => fields['Signature-Input'].replace(/;nonce="[^"]*"/, ''));
      const forged = signed(lab, nonce(), (fields) =>
        fields['Signature-Input'].replace(/nonce="[^"]*"/, `nonce="${nonce()}"`),
      );
      const proof = lab.prove(lab.forge());
      const jti = (change: (claims: Record<string, unknown>) => unknown): Sending => {
        const token = lab.forge();
        const claims: Record<string, unknown> = JSON.parse(
          Buffer.from(lab.prove(token).split('.')[1] ?? '', 'base64url').toString(),
        );
        return { token, proof: `${proof.split('.')[0]}.${encode(change(claims))}.${proof.split('.')[2]}` };
      };
      return attemptAll([
        ['no nonce', () => challengedOnce(lab, without)],
        ['the same request', () => challengedOnce(lab, first)],
        ['the same nonce, a second later', () => challengedOnce(lab, signed(lab, used, undefined, first.token, 1000))],
        ['a nonce that was not signed', () => challengedOnce(lab, forged)],
        ['the signature of another nonce', () => challengedOnce(lab, mixed(one, other))],
        [
          'a proof without one',
          () =>
            challengedOnce(
              lab,
              jti(({ jti: _, ...claims }) => claims),
            ),
        ],
        [
          'a proof with another one',
          () =>
            challengedOnce(
              lab,
              jti((claims) => ({ ...claims, jti: nonce() })),
            ),
        ],
      ]);
    },
  },
  {
    id: 'RPL-12',
    guard: 'codes-once',
    attempt: async () => {
      const { front } = await openCodes();
      const { factors, clock } = front;
      const { secret } = await factors.begin(HUMAN);
      const at = clock.now();
      const code = (step: number): string => currentCode(secret, at + step * STEP_MS);
      if (!(await factors.confirm(HUMAN, code(0)))) throw new Error('the first code is refused');
      clock.offset += 5 * STEP_MS;
      if (!(await factors.verify(HUMAN, code(5)))) throw new Error('a later code is refused');
      const lab = await openSteadyFront();
      const created = (when: string): Sending =>
        signed(lab, randomUUID(), (fields) => fields['Signature-Input'].replace(/created=\d+/, `created=${when}`));
      return attemptAll([
        ...[4, 5, 0, -1, 2 ** 31, 7].map((step) => {
          const use = async (): Promise<Attempt> => {
            const taken = await factors.verify(HUMAN, code(step));
            return { refused: !taken, how: taken ? 'taken' : 'a code that does not rise' };
          };
          return [`step ${step} after step 5`, use] as const;
        }),
        ...['9007199254740992', '-1', '1e9', '01', '0', '9007199254740993'].map(
          (when) => [`created ${when}`, () => lab.attempt(created(when))] as const,
        ),
      ]);
    },
  },
];

const HUMAN = 'admin@acme';
const STEP_MS = 30_000;
/** A front of its own: who has a second factor there needs it at each login. */
const openCodes = laboratory(async () => {
  const front = await startFront();
  return { front, close: front.close };
});

/** A request of an agent, signed under the key of its exchange; `bend` rewrites what the signature says it covers. */
function signed(
  lab: FrontUnderAttack,
  nonce: string,
  bend?: (fields: SignatureFields) => string,
  token = lab.forge(),
  laterMs = 0,
): Sending {
  const url = `${lab.url}${MCP_PATH}`;
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });
  const key = deriveSessionKey(lab.front.sessionSecret, token);
  const fields = signRequest(key, { method: 'POST', url, token, content: body }, lab.clock.now() + laterMs, nonce);
  const bent = bend === undefined ? fields : { ...fields, 'Signature-Input': bend(fields) };
  return { token, body, headers: { Authorization: `${SIGNED_SCHEME} ${token}`, ...bent }, proofless: true };
}

/** The token and fields of one request with the signature of another. */
const mixed = (one: Sending, other: Sending): Sending => ({
  ...one,
  headers: { ...one.headers, Signature: other.headers?.['Signature'] ?? '' },
});

/** Refused, and asked for a proof once for each way to give one: no refusal leads to another question. */
async function challengedOnce(lab: FrontUnderAttack, sending: Sending): Promise<Attempt> {
  let challenges = '';
  const tried = await lab.attempt({
    ...sending,
    seen: (answer) => {
      challenges = answer.headers.get('www-authenticate') ?? '';
    },
  });
  const once = challenges.split('DPoP algs=').length === 2 && !challenges.includes('use_dpop_nonce');
  return { refused: tried.refused && once, how: once ? tried.how : `challenged: ${challenges}` };
}

async function replayTwice(lab: FrontUnderAttack): Promise<Attempt> {
  const token = lab.forge();
  const proof = lab.prove(token);
  const first = await lab.send({ token, proof });
  if (first.status !== 200) throw new Error('the good request is refused');
  await first.arrayBuffer();
  return lab.attempt({ token, proof });
}

/** The key of an approved change with other content. Refused means a conflict, and a device that holds what it held. */
export async function reuseKey(more: Parameters<typeof propose>[2]): Promise<Attempt> {
  const bench = await createBench();
  bench.inject();
  await bench.vote('admin@acme', await propose(bench, OPERATOR));
  const how = await outcomeOf(bench.change(OPERATOR, more));
  const other = await outcomeOf(bench.change(AGENT, { ...more, intent: await intentOf(bench) }));
  const commits = ['br1_edge', 'br2_edge'].flatMap((name) => bench.device('acme', name).commits).length;
  return { refused: how === 'CONFLICT' && other === 'CONFLICT' && commits === 0, how: `${how}, ${commits} commits` };
}

const intentOf = async (bench: Awaited<ReturnType<typeof createBench>>): Promise<string> =>
  (await bench.approvals.list('acme'))[0]?.intent.id ?? randomUUID();
