/** What no honest client sends, by kind: tokens, proofs, JSON and headers that are wrong in their own ways, and too much of them. */
import type { Login } from './open-identity.ts';

/** A header of honest requests, by which they are told apart to be measured. */
export const HONEST = 'x-honest';

/** One request. */
export interface Shot {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const noise = (length: number): string =>
  Array.from({ length }, (_, n) => (n * 7919) % 36)
    .map((n) => n.toString(36))
    .join('');
const base64 = (text: string): string => Buffer.from(text).toString('base64url');
const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const call = (input: string): string =>
  `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"inventory.devices","arguments":{"input":${input},"purpose":"chat:1"}}}`;
const CALL = call('{}');
const many = (count: number): string => `{${Array.from({ length: count }, (_, n) => `"k${n}":1`).join(',')}}`;

/** Each kind has its spellings, which are sent in turns. */
export const SHOTS = {
  'malformed tokens': ({ token }: Login): readonly Shot[] => {
    const [header = '', claims = '', signature = ''] = token.split('.');
    const tokens = [
      ...[
        noise(7000),
        '.'.repeat(4000),
        `${header}.${claims}.`,
        `${header}.${claims}.${signature.slice(1)}A`,
        `${token}=`,
      ],
      `${base64('{"alg":"none","typ":"at+jwt"}')}.${claims}.`,
      `${base64(`{"alg":"ES256","typ":"at+jwt","kid":${nested(600)}}`)}.${claims}.${signature}`,
      `${header}.${base64(`{"exp":${'9'.repeat(3000)}}`)}.${signature}`,
      `${header}.${base64(many(500))}.${signature}`,
    ];
    return tokens.map((one) => ({ headers: { authorization: `DPoP ${one}`, dpop: token }, body: CALL }));
  },
  'malformed proofs': ({ token }) => {
    const proofs = [noise(7000), '.'.repeat(6000), token, `${base64(nested(1000))}.${base64(many(400))}.x`, 'x,y'];
    return [
      ...proofs.map((dpop) => ({ headers: { authorization: `DPoP ${token}`, dpop }, body: CALL })),
      ...[noise(6000), `wayleave=(${'"@method" '.repeat(400)})`, 'wayleave=("@method");created=1;nonce="x"'].map(
        (input) => ({
          headers: {
            ...{ authorization: `HTTPSig ${token}`, 'signature-input': input, signature: `wayleave=:${noise(43)}=:` },
            'content-digest': `sha-256=:${noise(43)}=:`,
          },
          body: CALL,
        }),
      ),
    ];
  },
  'malformed JSON': ({ token }) =>
    [
      nested(100_000),
      many(25_000),
      `"${'\\u0041'.repeat(40_000)}"`,
      '{"a":1,"a":2}',
      '{"a":',
      `"${'"'.repeat(200_000)}`,
      noise(250_000),
    ].map((input) => ({ headers: { authorization: `DPoP ${token}`, dpop: token }, body: call(input) })),
  'odd headers': ({ token }) => [
    { headers: Object.fromEntries(Array.from({ length: 900 }, (_, n) => [`x-h${n}`, 'x'])), body: CALL },
    { headers: { 'x-long': noise(23_000) }, body: CALL },
    { headers: { 'x-too-long': noise(40_000) }, body: CALL },
    { headers: { authorization: `DPoP ${'a '.repeat(4000)}`, host: 'elsewhere' }, body: CALL },
    { headers: { authorization: `Bearer ${token}`, origin: 'http://elsewhere' }, body: CALL },
    { headers: { authorization: `DPoP ${token}`, 'content-type': noise(8000) }, body: CALL },
  ],
  'oversized requests': ({ token }) => [
    { headers: { authorization: `DPoP ${token}`, dpop: token }, body: call(`"${'x'.repeat(4_000_000)}"`) },
    { headers: { authorization: `Bearer ${token}` }, body: noise(300_000) },
  ],
} as const satisfies Readonly<Record<string, (login: Login) => readonly Shot[]>>;

/** Slow requests are no shots: they never end. */
export const HOSTILE_KINDS = [...(Object.keys(SHOTS) as readonly (keyof typeof SHOTS)[]), 'slow requests'] as const;
export type HostileKind = (typeof HOSTILE_KINDS)[number];
