/** SSH keys: pairs that parse, and fingerprints that match only their own key. */
import ssh2 from 'ssh2';
import { describe, expect, it } from 'vitest';
import { fingerprintOf, generateSshKeyPair, matchesFingerprint } from '../../../protocols/netconf/ssh-key.ts';

describe('generateSshKeyPair', () => {
  it('gives keys that parse and belong together', () => {
    const pair = generateSshKeyPair();
    const parsed = ssh2.utils.parseKey(pair.publicKey);
    if (parsed instanceof Error) throw parsed;
    expect(fingerprintOf(parsed.getPublicSSH())).toBe(pair.fingerprint);
    expect(pair.fingerprint).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
    expect(pair.privateKey).toContain('BEGIN OPENSSH PRIVATE KEY');
    expect(matchesFingerprint(parsed.getPublicSSH(), `${pair.fingerprint}=`)).toBe(true);
    expect(matchesFingerprint(parsed.getPublicSSH(), generateSshKeyPair().fingerprint)).toBe(false);
    expect(matchesFingerprint(parsed.getPublicSSH(), '')).toBe(false);
  });
});
