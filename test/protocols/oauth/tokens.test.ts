/** The strict reading of JSON, tokens and proofs: one spelling is accepted, everything near it is refused. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCompactJws, signatureHolds, signCompactJws } from '../../../protocols/oauth/compact-jws.ts';
import { createProof, readProof } from '../../../protocols/oauth/dpop.ts';
import {
  exportSigningKey,
  generateSigningKey,
  importPublicJwk,
  importSigningKey,
  jwkThumbprint,
  parsePublicJwk,
} from '../../../protocols/oauth/jwk.ts';
import { createSingleUse } from '../../../protocols/oauth/single-use.ts';
import { parseStrictJson } from '../../../protocols/oauth/strict-json.ts';
import { neverBack } from '../../../protocols/oauth/verify-credential.ts';

const key = generateSigningKey();
const b64 = (text: string): string => Buffer.from(text).toString('base64url');

describe('parseStrictJson', () => {
  it('reads what JSON.parse reads, when names are unique', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const text = JSON.stringify(value);
        expect(parseStrictJson(text, 32)).toEqual(JSON.parse(text));
      }),
    );
  });

  it.each([
    ['{"a":1,"a":2}', 'duplicate name'],
    ['{"a":1,"\\u0061":2}', 'duplicate name'],
    ['{"x":{"a":[{"b":1,"b" :2}]}}', 'duplicate name'],
    ['{"a":1,"a"\n:2}', 'duplicate name'],
    ['{"a":{"__proto__":1}}', 'a name that is none'],
    ['{"\\u005f_proto__":1}', 'a name that is none'],
    ['{"a":}', 'not JSON'],
    ['', 'not JSON'],
    ['{"a":1} {}', 'not JSON'],
    ['}{', 'not JSON'],
    [`${'['.repeat(33)}${']'.repeat(33)}`, 'nested too deeply'],
    [`${'{"a":'.repeat(33)}1${'}'.repeat(33)}`, 'nested too deeply'],
    ['['.repeat(200_000), 'nested too deeply'],
  ])('refuses %#: %s', (text, reason) => {
    expect(() => parseStrictJson(text, 32)).toThrow(reason);
  });

  it('takes the same name in different objects, and names inside strings, for what they are', () => {
    expect(parseStrictJson('{"a":{"a":1},"b":[{"a":2},{"a":3}]}', 4)).toEqual({ a: { a: 1 }, b: [{ a: 2 }, { a: 3 }] });
    expect(parseStrictJson('{"a":"{\\"a\\":1,\\"a\\":[[[[[["}', 2)).toEqual({ a: '{"a":1,"a":[[[[[[' });
  });
});

describe('parseCompactJws', () => {
  const token = signCompactJws({ typ: 'at+jwt', kid: 'k' }, { sub: 'a' }, key.privateKey);
  const [head = '', body = '', tail = ''] = token.split('.');

  it('reads what was signed', () => {
    const jws = parseCompactJws(token);
    expect(jws.header).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: 'k' });
    expect(jws.payload).toEqual({ sub: 'a' });
    expect(signatureHolds(jws, importPublicJwk(key.publicJwk))).toBe(true);
    expect(signatureHolds(jws, importPublicJwk(generateSigningKey().publicJwk))).toBe(false);
  });

  /** Same bytes in another spelling: the last character of 64 bytes carries 2 bits only. */
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const twin = alphabet[alphabet.indexOf(tail.slice(-1)) + 1];

  it.each([
    ['trailing bits', `${head}.${body}.${tail.slice(0, -1)}${twin}`],
    ['padding', `${head}.${body}.${tail}==`],
    ['standard base64', `${head}.${body}.${tail.slice(0, -1)}+`],
    ['white space', `${head}.${body}.${tail}\n`],
    ['a character that looks like ASCII', `${head}.${body}.${tail.slice(0, -1)}Ａ`],
    ['two parts', `${head}.${body}`],
    ['four parts', `${token}.`],
    ['an empty part', `${head}..${tail}`],
    ['more than 8 kB', `${head}.${b64(JSON.stringify({ sub: 'a'.repeat(9000) }))}.${tail}`],
    ['alg none', `${b64('{"alg":"none"}')}.${body}.`],
    ['alg none with a signature', `${b64('{"alg":"none"}')}.${body}.${tail}`],
    ['alg HS256', `${b64('{"alg":"HS256"}')}.${body}.${tail}`],
    ['alg in another case', `${b64('{"alg":"es256"}')}.${body}.${tail}`],
    ['crit', `${b64('{"alg":"ES256","crit":["exp"]}')}.${body}.${tail}`],
    ['a duplicate claim', `${head}.${b64('{"sub":"a","sub":"b"}')}.${tail}`],
    ['a duplicate header', `${b64('{"alg":"none","alg":"ES256"}')}.${body}.${tail}`],
    ['a payload that is no object', `${head}.${b64('["a"]')}.${tail}`],
    [
      'broken UTF-8',
      `${head}.${Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]).toString('base64url')}.${tail}`,
    ],
    ['a byte order mark', `${head}.${b64('\ufeff{"sub":"a"}')}.${tail}`],
    ['a short signature', `${head}.${body}.${b64('short')}`],
  ])('refuses %s', (_what, text) => {
    expect(() => parseCompactJws(text)).toThrow(expect.objectContaining({ name: 'TokenRefused' }));
  });

  it('accepts no other text as the same token', () => {
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom(...alphabet, '=', '.', ' '), (at, character) => {
        const changed = token.slice(0, at) + character + token.slice(at + 1);
        fc.pre(changed !== token);
        let held = false;
        try {
          held = signatureHolds(parseCompactJws(changed), importPublicJwk(key.publicJwk));
        } catch (error) {
          expect(error).toMatchObject({ name: 'TokenRefused' });
        }
        expect(held).toBe(false);
      }),
    );
  });
});

describe('keys', () => {
  it('names a key as the example of RFC 7638 does, adapted to P-256 (RFC 9449 §6.1)', () => {
    const jwk = parsePublicJwk({
      kty: 'EC',
      x: 'l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs',
      y: '9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA',
      crv: 'P-256',
    });
    expect(jwkThumbprint(jwk)).toBe('0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I');
  });

  it('survives export and import', () => {
    expect(importSigningKey(exportSigningKey(key)).thumbprint).toBe(key.thumbprint);
  });

  it.each([
    ['a private key', { ...key.publicJwk, d: key.publicJwk.x }],
    ['another curve', { ...key.publicJwk, crv: 'secp256k1' }],
    ['a symmetric key', { kty: 'oct', k: 'AAAA' }],
    ['a short coordinate', { ...key.publicJwk, x: key.publicJwk.x.slice(1) }],
    ['a remote key', { ...key.publicJwk, x5u: 'https://example.net/' }],
  ])('refuses %s', (_what, jwk) => {
    expect(() => parsePublicJwk(jwk)).toThrow();
  });
});

describe('readProof', () => {
  const now = 1_700_000_000_000;
  const request = { method: 'POST', url: 'http://127.0.0.1:1/mcp/wan', accessToken: 'token' };
  const proof = createProof(key, request, now, 'jti-1');

  it('establishes the key and the identifier', () => {
    expect(readProof(proof, request, now)).toEqual({ jkt: key.thumbprint, jti: 'jti-1', madeAt: now });
    expect(readProof(proof, request, now + 59_000).jkt).toBe(key.thumbprint);
  });

  const forge = (header: object, claims: object): string =>
    signCompactJws(
      { typ: 'dpop+jwt', jwk: key.publicJwk, ...header },
      { jti: 'j', htm: 'POST', htu: request.url, iat: now / 1000, ...claims },
      key.privateKey,
    );

  it.each([
    ['another method', proof, { ...request, method: 'GET' }, now],
    ['another URL', proof, { ...request, url: 'http://127.0.0.1:1/mcp/diagnostics' }, now],
    ['another token', proof, { ...request, accessToken: 'other' }, now],
    ['no token hash', forge({}, {}), request, now],
    ['a minute later', proof, request, now + 61_000],
    ['a clock that is ahead', proof, request, now - 6_000],
    ['another type', forge({ typ: 'at+jwt' }, {}), { method: 'POST', url: request.url }, now],
    [
      'a key that did not sign',
      forge({ jwk: generateSigningKey().publicJwk }, {}),
      { method: 'POST', url: request.url },
      now,
    ],
    [
      'a point off the curve',
      forge({ jwk: { ...key.publicJwk, y: key.publicJwk.x } }, {}),
      { method: 'POST', url: request.url },
      now,
    ],
    ['no identifier', forge({}, { jti: '' }), { method: 'POST', url: request.url }, now],
    ['a huge identifier', forge({}, { jti: 'j'.repeat(129) }), { method: 'POST', url: request.url }, now],
  ])('refuses %s', (_what, text, asked, at) => {
    expect(() => readProof(text, asked, at)).toThrow(expect.objectContaining({ name: 'TokenRefused' }));
  });
});

describe('single use', () => {
  it('accepts a key once within the retention, and refuses new ones when full', () => {
    let now = 0;
    const used = createSingleUse(() => now, 1000, 2);
    expect([used.useOnce('a', now), used.useOnce('a', now), used.useOnce('b', now), used.useOnce('c', now)]).toEqual([
      true,
      false,
      true,
      false,
    ]);
    now = 1000;
    expect([used.useOnce('c', now), used.useOnce('a', now)]).toEqual([true, true]);
  });

  it('refuses what was made before it began: it may have been used then', () => {
    const used = createSingleUse(() => 10_700, 60_000, 10);
    expect(used.useOnce('a', 9_000)).toBe(false);
    expect(used.useOnce('a', 10_000)).toBe(true);
  });

  it('time never goes back', () => {
    const times = [5, 3, 9, 1];
    const now = neverBack(() => times.shift() ?? 0);
    expect([now(), now(), now(), now()]).toEqual([5, 5, 9, 9]);
  });
});
