/** Defences against repetition. */
import type { Defence } from './defence.ts';

const DPOP = 'protocols/oauth/dpop.ts';
const VERIFY = 'protocols/oauth/verify-credential.ts';

export const REPLAY_DEFENCES = {
  'proof-once': {
    what: 'a proof is good once',
    without: [
      {
        file: VERIFY,
        find: "if (!(await deps.proofs.useOnce(key, madeAt))) throw new TokenRefused('proof: used before');",
        replace: 'void key; void madeAt;',
      },
    ],
  },
  'codes-once': {
    what: 'the time steps of one-time codes only rise',
    without: [
      {
        file: 'broker/identity/second-factors.ts',
        find: ' || before.lastStep >= step)',
        replace: ')',
      },
    ],
  },
  'proofs-before-the-start': {
    what: 'a proof that was made before the memory of used ones began is refused',
    without: [{ file: 'protocols/oauth/single-use.ts', find: 'if (madeAt < since) return false;', replace: '' }],
  },
  'proofs-in-database': {
    what: 'all brokers of a database share the memory of used proofs',
    without: [
      {
        file: 'broker/identity/sql-single-use.ts',
        find: 'const written = new Set(rows.map(({ proof }) => proof));',
        replace: 'const written = new Set([...firsts.keys(), ...rows.map(({ proof }) => proof)]);',
      },
    ],
  },
  'proof-of-request': {
    what: 'a proof is for one method and one URL, spelt as the server knows itself',
    without: [
      {
        file: DPOP,
        find: "if (payload.htm !== request.method) throw new TokenRefused('proof: other method');",
        replace: '',
      },
      { file: DPOP, find: "if (payload.htu !== request.url) throw new TokenRefused('proof: other URL');", replace: '' },
    ],
  },
  'proof-of-token': {
    what: 'a proof is for one token, by its hash',
    without: [
      {
        file: DPOP,
        find: 'if (request.accessToken !== undefined && payload.ath !== tokenHash(request.accessToken)) {',
        replace: 'if (false) {',
      },
    ],
  },
  'proof-of-key': {
    what: 'the key of a proof is the one that its token is bound to',
    without: [
      {
        file: VERIFY,
        find: "if (!sameThumbprint(proof.jkt, claims.cnf.jkt)) throw new TokenRefused('proof: other key');",
        replace: 'void sameThumbprint;',
      },
    ],
  },
  'proof-key-form': {
    what: 'a proof shows a public P-256 key and nothing more of it',
    without: [
      {
        file: 'protocols/oauth/jwk.ts',
        find: 'labelledJwk.parse(value);',
        replace: 'value as PublicJwk;',
      },
    ],
  },
  'one-content-a-key': {
    what: 'an intent key stands for one content of one caller, compared when it is frozen, claimed and executed',
    without: [
      {
        file: 'broker/stages/resolve.ts',
        find: "if (known !== undefined && !sameDigest(known.intent.digest, digest)) throw new WayleaveError('CONFLICT');",
        replace: '',
      },
      {
        file: 'broker/stages/claim.ts',
        find: "if (!same || !sameDigest(adopted, known.intent.digest)) throw new WayleaveError('CONFLICT');",
        replace: 'void same; void adopted; void sameDigest;',
      },
      {
        file: 'broker/stages/approve.ts',
        find: 'if (!sameDigest(approval.stateHash, change.stateHash))',
        replace: 'if (false)',
      },
    ],
  },
} as const satisfies Readonly<Record<string, Defence>>;
