/** SSH keys for both ends: ed25519 pairs in OpenSSH's formats, and fingerprints as OpenSSH prints them. */
import { createHash, timingSafeEqual } from 'node:crypto';
import ssh2 from 'ssh2';

export interface SshKeyPair {
  /** OpenSSH private key file. A secret. */
  readonly privateKey: string;
  /** `ssh-ed25519 AAAA…`. */
  readonly publicKey: string;
  /** `SHA256:` and unpadded base64 of the hash of the public key blob. */
  readonly fingerprint: string;
}

/** About 1 in 250 pairs is written in a way that ssh2 itself cannot read: eight in a row do not happen. */
const ATTEMPTS = 8;

/** Makes a pair that is known to parse. */
export function generateSshKeyPair(): SshKeyPair {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519');
    const parsed = ssh2.utils.parseKey(pair.private);
    if (parsed instanceof Error || ssh2.utils.parseKey(pair.public) instanceof Error) continue;
    return {
      privateKey: pair.private,
      publicKey: pair.public.trim(),
      fingerprint: fingerprintOf(parsed.getPublicSSH()),
    };
  }
  throw new Error('no ed25519 key could be generated');
}

/** Fingerprint of a public key blob (RFC 4253 §6.6) as `ssh-keygen -l` prints it. */
export function fingerprintOf(publicKeyBlob: Buffer): string {
  return `SHA256:${createHash('sha256').update(publicKeyBlob).digest('base64').replace(/=+$/, '')}`;
}

/** Whether a presented key has the pinned fingerprint; takes the same time wherever they differ. */
export function matchesFingerprint(publicKeyBlob: Buffer, pinned: string): boolean {
  const presented = Buffer.from(fingerprintOf(publicKeyBlob));
  const expected = Buffer.from(pinned.trim().replace(/=+$/, ''));
  return presented.length === expected.length && timingSafeEqual(presented, expected);
}
