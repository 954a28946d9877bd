/** Secrets do not come into the log: by name, in configuration, and by form; what is no secret stays readable. */
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createRedaction } from '../../../broker/audit/redact.ts';

const key = generateKeyPairSync('ed25519').privateKey;
const redact = createRedaction(key);
const SECRET = 'hunter2-Zx9';
const JWT = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl';

describe('redaction', () => {
  it.each([
    ['a field', { password: SECRET }],
    ['a field of a compound name', { snmp_community: SECRET, authPassword: SECRET, 'x-api-key': SECRET }],
    ['nested fields', { input: { peers: [{ name: 'p', 'pre-shared-key': SECRET }] } }],
    ['an object under such a name', { credential: { user: 'a', value: SECRET } }],
    [
      'an element',
      { operations: [`netconf edit-config br1 <user><name>a</name><password>${SECRET}</password></user>`] },
    ],
    ['an element with a prefix and an attribute', { config: `<s:auth-key xmlns:s="urn:x">${SECRET}</s:auth-key>` }],
    ['an element that was cut off', { config: `<psk>${SECRET}` }],
    ['a header', { detail: `Authorization: Bearer ${SECRET}-0123456789` }],
    ['a private key', { detail: `-----BEGIN PRIVATE KEY-----\n${SECRET}\n-----END PRIVATE KEY-----` }],
  ])('takes out %s', (_name, content) => {
    const text = JSON.stringify(redact(content));
    expect(text).not.toContain(SECRET);
    expect(text).toContain('[redacted ');
  });

  it('takes out a signed token wherever it stands', () => {
    expect(JSON.stringify(redact({ reason: `refused ${JWT}` }))).not.toContain('eyJ');
  });

  it('gives the same secret the same digest in one log, and another in another', () => {
    const other = createRedaction(generateKeyPairSync('ed25519').privateKey);
    expect(redact({ secret: SECRET })).toEqual(createRedaction(key)({ secret: SECRET }));
    expect(redact({ secret: SECRET })).not.toEqual(redact({ secret: 'other' }));
    expect(redact({ secret: SECRET })).not.toEqual(other({ secret: SECRET }));
  });

  it('leaves alone what is none', () => {
    const content = {
      operations: ['netconf edit-config br1 <interface><description>token ring</description></interface>'],
      digest: 'sha256:abc',
      policies: ['agents-observe'],
      keys: [{ id: 'k', of: 'access tokens', status: 'signs' }],
      evidence: 3,
      secret: null,
    };
    expect(redact(content)).toEqual(content);
  });
});
