/** SSH keys for both ends: ed25519 pairs in OpenSSH's formats, and fingerprints as OpenSSH prints them. */
import { createHash, generateKeyPairSync, randomBytes, timingSafeEqual } from 'node:crypto';

export interface SshKeyPair {
  /** OpenSSH private key file. A secret. */
  readonly privateKey: string;
  /** `ssh-ed25519 AAAA…`. */
  readonly publicKey: string;
  /** `SHA256:` and unpadded base64 of the hash of the public key blob. */
  readonly fingerprint: string;
}

const TYPE = 'ssh-ed25519';
/** Columns of OpenSSH's own key files. */
const COLUMNS = 70;
/** Block of the `none` cipher, which the private part is padded to. */
const BLOCK = 8;

/** A string of the SSH wire format: its length, then its bytes (RFC 4251 §5). */
function sshString(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** An unencrypted private key file (OpenSSH's PROTOCOL.key), of the seed and the public key. */
function writePrivateKey(seed: Buffer, point: Buffer, blob: Buffer, check: Buffer): string {
  const secret = Buffer.concat([check, check, ...[TYPE, point, Buffer.concat([seed, point]), ''].map(sshString)]);
  const padding = Buffer.from(Array.from({ length: (BLOCK - (secret.length % BLOCK)) % BLOCK }, (_, at) => at + 1));
  const count = Buffer.from([0, 0, 0, 1]);
  const file = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    ...['none', 'none', ''].map(sshString),
    count,
    sshString(blob),
    sshString(Buffer.concat([secret, padding])),
  ]).toString('base64');
  const lines = file.match(new RegExp(`.{1,${COLUMNS}}`, 'g')) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n');
}

/** Makes a pair. ssh2's own generator is slower, and about 1 in 250 of its pairs is written so that ssh2 cannot read it. */
export function generateSshKeyPair(): SshKeyPair {
  const { d, x } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const [seed, point] = [Buffer.from(d ?? '', 'base64url'), Buffer.from(x ?? '', 'base64url')];
  const blob = Buffer.concat([TYPE, point].map(sshString));
  return {
    privateKey: writePrivateKey(seed, point, blob, randomBytes(4)),
    publicKey: `${TYPE} ${blob.toString('base64')}`,
    fingerprint: fingerprintOf(blob),
  };
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
