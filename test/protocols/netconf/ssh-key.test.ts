/** SSH keys: pairs that parse, and fingerprints that match only their own key. */
import ssh2 from 'ssh2';
import { describe, expect, it } from 'vitest';
import {
  fingerprintOf,
  generateHostKey,
  generateSshKeyPair,
  matchesFingerprint,
} from '../../../protocols/netconf/ssh-key.ts';

describe.each([
  ['generateSshKeyPair', generateSshKeyPair],
  ['generateHostKey', generateHostKey],
] as const)('%s', (_name, generate) => {
  it('gives keys that parse and belong together', () => {
    const pair = generate();
    const parsed = ssh2.utils.parseKey(pair.publicKey);
    if (parsed instanceof Error) throw parsed;
    expect(fingerprintOf(parsed.getPublicSSH())).toBe(pair.fingerprint);
    expect(pair.fingerprint).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
    expect(pair.privateKey).toContain('BEGIN OPENSSH PRIVATE KEY');
    expect(matchesFingerprint(parsed.getPublicSSH(), `${pair.fingerprint}=`)).toBe(true);
    expect(matchesFingerprint(parsed.getPublicSSH(), generateSshKeyPair().fingerprint)).toBe(false);
    expect(matchesFingerprint(parsed.getPublicSSH(), '')).toBe(false);
  });

  // Numbers of some keys are shorter than others, or begin with a bit that would be a sign.
  it('gives private keys that sign for their public ones, all of them', () => {
    for (let count = 0; count < 400; count += 1) {
      const pair = generate();
      const [own, shown] = [ssh2.utils.parseKey(pair.privateKey), ssh2.utils.parseKey(pair.publicKey)];
      if (own instanceof Error || shown instanceof Error) throw new Error(`not a key: ${pair.privateKey}`);
      const signature = own.sign('hello');
      if (signature instanceof Error) throw signature;
      expect(shown.verify('hello', signature)).toBe(true);
    }
  });
});
