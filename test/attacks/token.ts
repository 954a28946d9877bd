/** Attacks on access tokens: forged, confused, malformed, stale (RFC 8725, RFC 9068). Over 300 lines because every attack has its spellings. */
import { createHmac, createPublicKey } from 'node:crypto';
import { HUMAN_TOKEN_SECONDS } from '../../protocols/oauth/access-token.ts';
import { generateSigningKey } from '../../protocols/oauth/jwk.ts';
import { type Attack, type Attempt, attemptAll } from './attack.ts';
import type { DefenceName } from './defences.ts';
import { type FrontUnderAttack, openFront, openRotatedFront } from './front.ts';

/** After this a key that was retired verifies nothing, with some seconds of skew. */
const GRACE_OVER_MS = (HUMAN_TOKEN_SECONDS + 10) * 1000;

type Variants = (lab: FrontUnderAttack) => Iterable<readonly [what: string, token: string]>;

const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** Sends each token with a proof that fits it. */
const tokens = (id: string, guard: DefenceName, variants: Variants): Attack => ({
  id,
  guard,
  attempt: async (): Promise<Attempt> => {
    const lab = await openFront();
    const entries = [...variants(lab)].map(
      ([what, token]) => [what, (): Promise<Attempt> => lab.attempt({ token, proof: lab.prove(token) })] as const,
    );
    return attemptAll(entries);
  },
});

/** The same payload under another header and another signature. */
const assemble = (header: unknown, payload: unknown, signature = ''): string =>
  `${encode(header)}.${encode(payload)}.${signature}`;

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** The order of P-256 (FIPS 186-4, D.1.2.3), and one more. */
const ORDER = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551';

export const TOKEN_ATTACKS: readonly Attack[] = [
  tokens('TOK-01', 'token-signature', ({ header, claims }) => {
    const payload = { ...claims(), roles: ['tenant-admin'] };
    return [
      ['alg none', assemble({ ...header, alg: 'none' }, payload, 'AA')],
      ['no signature', assemble({ ...header, alg: 'none' }, payload)],
    ];
  }),
  tokens('TOK-02', 'token-signature', ({ header, claims }) =>
    ['None', 'NONE', 'nOnE', '', null, ['none'], undefined].map(
      (alg) => [`alg ${JSON.stringify(alg)}`, assemble({ ...header, alg }, claims(), 'AA')] as const,
    ),
  ),
  tokens('TOK-03', 'token-signature', ({ front, header, claims }) => {
    const jwk = JSON.stringify(front.signingKey.publicJwk);
    const key = createPublicKey(front.signingKey.privateKey);
    const pem = key.export({ type: 'spki', format: 'pem' }).toString();
    const secrets = [pem, ` ${pem}`, `\uFEFF${pem}`, key.export({ type: 'spki', format: 'der' }), jwk];
    return secrets.map((secret, index) => {
      const input = `${encode({ ...header, alg: 'HS256' })}.${encode(claims())}`;
      return [
        `public key spelling ${index}`,
        `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`,
      ] as const;
    });
  }),
  tokens('TOK-04', 'token-signature', ({ forge }) => {
    const own = generateSigningKey();
    return [
      ['jwk', forge({}, { jwk: own.publicJwk }, own)],
      ['jwk without kid', forge({}, { jwk: own.publicJwk, kid: undefined }, own)],
      ['x5c', forge({}, { x5c: [encode('certificate')], kid: own.thumbprint }, own)],
    ];
  }),
  tokens('TOK-06', 'known-key', ({ forge }) =>
    ['../../dev/null', "' OR 1=1", '|id', 'k'.repeat(5000), '\u0000', { a: 1 }].map(
      (kid) => [`kid ${JSON.stringify(kid).slice(0, 20)}`, forge({}, { kid })] as const,
    ),
  ),
  tokens('TOK-07', 'known-key', ({ forge }) => [
    ['unknown', forge({}, { kid: generateSigningKey().thumbprint })],
    ['missing', forge({}, { kid: undefined })],
  ]),
  tokens('TOK-09', 'critical-header', ({ forge }) =>
    [['exp'], [], ['absent'], 'exp', null].map(
      (crit) => [`crit ${JSON.stringify(crit)}`, forge({}, { crit })] as const,
    ),
  ),
  tokens('TOK-11', 'one-spelling', ({ forge }) => {
    const token = forge();
    const [head = '', body = '', tail = ''] = token.split('.');
    return [
      ['padding', `${token}==`],
      ['padding of the payload', `${head}.${body}=.${tail}`],
      ['plus for minus', `${head}.${body.slice(0, 4)}+${body.slice(4)}.${tail}`],
      ['a fourth part', `${token}.`],
    ];
  }),
  tokens('TOK-12', 'one-spelling', ({ forge }) => {
    const token = forge();
    const twin = ALPHABET[ALPHABET.indexOf(token.slice(-1)) + 1] ?? 'A';
    return [['trailing bits of the signature', `${token.slice(0, -1)}${twin}`]];
  }),
  {
    id: 'TOK-13',
    guard: 'strict-json',
    attempt: async () => {
      const lab = await openFront();
      return attemptAll(
        (['tenant', 'sub', 'aud'] as const).map((name) => {
          const text = JSON.stringify(lab.claims());
          const token = lab.signText(`{"${name}":"somebody-else",${text.slice(1)}`);
          return [`${name} twice`, () => lab.attempt({ token, proof: lab.prove(token) })] as const;
        }),
      );
    },
  },
  {
    id: 'TOK-14',
    guard: 'claims-schema',
    attempt: async () => {
      const lab = await openFront();
      const text = JSON.stringify(lab.claims()).slice(1);
      const spellings = [
        [
          '__proto__ for the subject',
          `{"__proto__":{"sub":"admin@acme"},${text.replace('"sub":"operator@acme",', '')}`,
        ],
        ['__proto__ in the delegation', `{${text.replace('"act":{', '"act":{"__proto__":{"sub":"admin"},')}`],
        ['constructor in the delegation', `{${text.replace('"act":{', '"act":{"constructor":"admin",')}`],
        [
          'an object for the subject',
          `{${text.replace('"sub":"operator@acme"', '"sub":{"toString":"operator@acme"}')}`,
        ],
        ['a list for the tenant', `{${text.replace('"tenant":"acme"', '"tenant":["acme"]')}`],
        ['an object for the session', `{${text.replace(/"sid":"[^"]*"/, '"sid":{"constructor":"x"}')}`],
      ] as const;
      return attemptAll(
        spellings.map(([what, payload]) => {
          const token = lab.signText(payload);
          return [what, () => lab.attempt({ token, proof: lab.prove(token) })] as const;
        }),
      );
    },
  },
  tokens('TOK-16', 'token-life', ({ forge, claims }) => [
    ['ten years', forge({ exp: claims().iat + 315_360_000 })],
    ['an hour', forge({ exp: claims().iat + 3600 })],
  ]),
  {
    id: 'TOK-17',
    guard: 'claims-schema',
    attempt: async () => {
      const lab = await openFront();
      const odd = [
        `"${lab.claims().exp}"`,
        '1e400',
        '"NaN"',
        '-1',
        `${lab.claims().exp}.5`,
        `[${lab.claims().exp}]`,
        'null',
      ];
      return attemptAll(
        odd.map((exp) => {
          const token = lab.signText(JSON.stringify(lab.claims()).replace(/"exp":\d+/, `"exp":${exp}`));
          return [`exp ${exp}`, () => lab.attempt({ token, proof: lab.prove(token) })] as const;
        }),
      );
    },
  },
  tokens('TOK-18', 'token-times', ({ forge, claims }) => {
    const { iat } = claims();
    return [
      ['not yet', forge({ nbf: iat + 60 })],
      ['made in the future', forge({ iat: iat + 60, exp: iat + 120 })],
      ['ended', forge({ iat: iat - 600, exp: iat - 300 })],
    ];
  }),
  tokens('TOK-19', 'token-audience', ({ forge, url }) =>
    [`${url}/mcp/diagnostics`, 'urn:wayleave:agents', 'urn:wayleave:control', 'urn:ticket-system'].map(
      (aud) => [aud, forge({ aud })] as const,
    ),
  ),
  tokens('TOK-21', 'token-issuer', ({ forge, url }) =>
    ['https://login.example', `${url}/`, url.toUpperCase(), `${url}@login.example`, ''].map(
      (iss) => [`issuer ${iss}`, forge({ iss })] as const,
    ),
  ),
  tokens('TOK-22', 'token-type', ({ forge }) =>
    ['JWT', 'dpop+jwt', 'approval+jwt', undefined, 'AT+JWT'].map((typ) => [`typ ${typ}`, forge({}, { typ })] as const),
  ),
  tokens('TOK-23', 'token-size', ({ forge }) => [
    ['9 kB of claims', forge({ filler: 'x'.repeat(6000) })],
    ['600 claims', forge(Object.fromEntries(Array.from({ length: 600 }, (_, index) => [`claim${index}`, index])))],
    ['1 MB', forge({ filler: 'x'.repeat(800_000) })],
  ]),
  tokens('TOK-24', 'token-signature', ({ header, claims }) => [
    [
      'PBES2 with 2^31 rounds',
      assemble({ ...header, alg: 'PBES2-HS256+A128KW', p2c: 2 ** 31, zip: 'DEF' }, claims(), 'AA'),
    ],
    ['ECDH-ES', assemble({ ...header, alg: 'ECDH-ES', enc: 'A128GCM' }, claims(), 'AA')],
  ]),
  tokens('TOK-26', 'token-signature', ({ header, claims }) => {
    const input = { ...header, alg: 'ES256' };
    const sign = (hex: string): string => assemble(input, claims(), Buffer.from(hex, 'hex').toString('base64url'));
    return [
      ['zeros', sign('00'.repeat(64))],
      ['r = s = order', sign(ORDER + ORDER)],
      ['DER', sign(`30440220${'01'.repeat(32)}0220${'01'.repeat(32)}`)],
      ['r = s = 1', sign(`${'00'.repeat(31)}01${'00'.repeat(31)}01`)],
    ];
  }),
  {
    id: 'TOK-28',
    guard: 'token-cache-key',
    attempt: async () => {
      const lab = await openFront();
      const good = lab.forge();
      const [head = '', body = '', tail = ''] = good.split('.');
      if ((await lab.send({ token: good })).status !== 200) throw new Error('the good token is refused');
      const admin = encode({ ...lab.claims(), sub: 'admin@acme' });
      const turned = `${tail.startsWith('A') ? 'B' : 'A'}${tail.slice(1)}`;
      return attemptAll(
        [
          ['another signature', `${head}.${body}.${turned}`],
          ['another payload', `${head}.${admin}.${tail}`],
        ].map(([what = '', token = '']) => [what, () => lab.attempt({ token, proof: lab.prove(token) })] as const),
      );
    },
  },
  {
    id: 'TOK-29',
    guard: 'session-alive',
    attempt: async () => {
      const lab = await openFront();
      const own = await lab.ownSession();
      const token = lab.forge({ sid: own });
      if ((await lab.send({ token })).status !== 200) throw new Error('the good token is refused');
      lab.endSession(own);
      return attemptAll(
        [1, 2, 3].map((turn) => [`use ${turn}`, () => lab.attempt({ token, proof: lab.prove(token) })] as const),
      );
    },
  },
  {
    id: 'TOK-31',
    guard: 'key-grace',
    attempt: async () => {
      const lab = await openRotatedFront();
      const old = (): string => lab.forge();
      lab.keys.rotate();
      const token = old();
      if ((await lab.send({ token })).status !== 200) throw new Error('a key is of no use from one moment to the next');
      lab.clock.offset += GRACE_OVER_MS;
      // Made now by whoever has the retired key, so that nothing but the key is old.
      return attemptAll([1, 2].map((turn) => [`use ${turn}`, () => lab.attempt({ token: old() })] as const));
    },
  },
  {
    id: 'TOK-32',
    guard: 'clock-never-back',
    attempt: async () => {
      const lab = await openFront();
      const token = lab.forge({ exp: lab.claims().iat + 30 });
      if ((await lab.send({ token })).status !== 200) throw new Error('the good token is refused');
      lab.clock.offset += 120_000;
      const proof = lab.prove(token);
      const late = await lab.attempt({ token, proof: lab.prove(token) });
      lab.clock.offset -= 120_000;
      // With a proof of either time, so that only the token is old.
      const back = await lab.attempt({ token, proof });
      const now = await lab.attempt({ token, proof: lab.prove(token) });
      return attemptAll([
        ['after its end', async () => late],
        ['clock set back', async () => back],
        ['clock set back, proof of now', async () => now],
      ]);
    },
  },
];
