/** Signed requests: the base string of RFC 9421, what a signature covers, and everything near it refused. */
import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  contentDigest,
  deriveSessionKey,
  type SignatureFields,
  signatureBase,
  signRequest,
  verifyRequest,
} from '../../../protocols/oauth/request-signature.ts';

const NOW = 1_700_000_000_000;
const NONCE = 'n'.repeat(22);
const secret = createSecretKey(randomBytes(32));
const request = { method: 'POST', url: 'http://127.0.0.1:7420/mcp/wan', token: 'a.b.c', content: '{"a":1}' };
const key = deriveSessionKey(secret, request.token);
const fields = signRequest(key, request, NOW, NONCE);

describe('the base', () => {
  it('gives the signature of the example in RFC 9421, appendix B.2.5', () => {
    const shared = Buffer.from(
      'uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==',
      'base64',
    );
    const base = signatureBase(
      [
        ['date', 'Tue, 20 Apr 2021 02:07:55 GMT'],
        ['@authority', 'example.com'],
        ['content-type', 'application/json'],
      ],
      '("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"',
    );
    expect(createHmac('sha256', shared).update(base).digest('base64')).toBe(
      'pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=',
    );
  });

  it('has the body as RFC 9530 writes it', () => {
    expect(contentDigest('{"hello": "world"}')).toBe('sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:');
  });
});

describe('a signature', () => {
  it('holds for what was signed, and names nonce and time', () => {
    expect(verifyRequest(key, request, fields, NOW + 59_000)).toEqual({ nonce: NONCE, madeAt: NOW });
  });

  it.each<[string, Partial<typeof request>]>([
    ['another method', { method: 'PUT' }],
    ['another URL', { url: 'http://127.0.0.1:7420/mcp/security' }],
    ['a query', { url: `${request.url}?x` }],
    ['another body', { content: '{"a":2}' }],
    ['no body', { content: '' }],
    ['another token', { token: 'a.b.d' }],
  ])('does not hold for %s', (_what, changed) => {
    expect(() => verifyRequest(key, { ...request, ...changed }, fields, NOW)).toThrow(/^signature: /);
  });

  it('does not hold under the key of another token, too late, or from the future', () => {
    expect(() => verifyRequest(deriveSessionKey(secret, 'a.b.d'), request, fields, NOW)).toThrow('not under this key');
    expect(() => verifyRequest(key, request, fields, NOW + 61_000)).toThrow('too old');
    expect(() => verifyRequest(key, request, fields, NOW - 6_000)).toThrow('future');
  });

  const input = fields['Signature-Input'];
  it.each<[string, Partial<SignatureFields>]>([
    ['fewer components', { 'Signature-Input': input.replace('"content-digest" ', '') }],
    ['another order', { 'Signature-Input': input.replace('"@method" "@target-uri"', '"@target-uri" "@method"') }],
    ['no nonce', { 'Signature-Input': input.replace(/;nonce="[^"]*"/, '') }],
    ['another algorithm', { 'Signature-Input': input.replace('hmac-sha256', 'ed25519') }],
    ['a key named', { 'Signature-Input': `${input};keyid="x"` }],
    ['two signatures', { 'Signature-Input': `${input}, ${input}` }],
    ['another spelling of the time', { 'Signature-Input': input.replace('created=', 'created=0') }],
    ['a newer time', { 'Signature-Input': input.replace('created=17', 'created=18') }],
    ['two digests', { 'Content-Digest': `${fields['Content-Digest']}, ${fields['Content-Digest']}` }],
    ['no signature', { Signature: '' }],
    ['a short signature', { Signature: 'wayleave=:AAAA:' }],
    ['trailing bits', { Signature: fields.Signature.replace(/.=:$/, (end) => `${end === 'A=:' ? 'B' : 'A'}=:`) }],
    ['another label', { Signature: fields.Signature.replace('wayleave', 'sig1') }],
  ])('is refused with %s', (_what, changed) => {
    expect(() => verifyRequest(key, request, { ...fields, ...changed }, NOW)).toThrow(
      expect.objectContaining({ name: 'TokenRefused' }),
    );
  });

  it('is never anything but refused when a character of it changes', () => {
    const names = ['Content-Digest', 'Signature-Input', 'Signature'] as const;
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.nat(400), fc.string({ maxLength: 2 }), (name, at, put) => {
        const old = fields[name];
        const where = at % old.length;
        const changed = old.slice(0, where) + put + old.slice(where + 1);
        fc.pre(changed !== old);
        expect(() => verifyRequest(key, request, { ...fields, [name]: changed }, NOW)).toThrow(
          expect.objectContaining({ name: 'TokenRefused' }),
        );
      }),
    );
  });
});
