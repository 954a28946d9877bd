/** SSH keys for both ends: ed25519 pairs in OpenSSH's formats, and fingerprints as OpenSSH prints them. */
import { createHash, generateKeyPair, generateKeyPairSync, randomBytes, timingSafeEqual } from 'node:crypto';

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
  const { privateKey, publicKey } = generateKeyPairSync('ed25519', DER);
  return describePair(privateKey, publicKey);
}

/** Makes many at once on the threads of the pool: the caller's thread is free meanwhile. */
export function generateSshKeyPairs(count: number): Promise<readonly SshKeyPair[]> {
  const one = (): Promise<SshKeyPair> =>
    new Promise((resolve, reject) => {
      generateKeyPair('ed25519', DER, (error, publicKey, privateKey) =>
        error === null ? resolve(describePair(privateKey, publicKey)) : reject(error),
      );
    });
  return Promise.all(Array.from({ length: count }, one));
}

const DER = {
  publicKeyEncoding: { type: 'spki', format: 'der' },
  privateKeyEncoding: { type: 'pkcs8', format: 'der' },
} as const;
/** Octets of a seed and of a point; in DER they stand at the end (RFC 8410 §4 and §7). */
const KEY_BYTES = 32;

function describePair(pkcs8: unknown, spki: unknown): SshKeyPair {
  // Its types know key objects only, whatever encoding is asked for.
  if (!Buffer.isBuffer(pkcs8) || !Buffer.isBuffer(spki)) throw new TypeError('the key is not in DER');
  return new Ed25519Pair(Buffer.concat([pkcs8.subarray(-KEY_BYTES), spki.subarray(-KEY_BYTES)]));
}

/** Texts are written when they are asked for: of many devices most keys never are. */
class Ed25519Pair implements SshKeyPair {
  /** Seed and point, an octet a character: a buffer of its own costs three times as much. */
  readonly #octets: string;
  #privateKey: string | undefined;

  constructor(octets: Buffer) {
    this.#octets = octets.toString('latin1');
  }

  get privateKey(): string {
    const octets = Buffer.from(this.#octets, 'latin1');
    const [seed, point] = [octets.subarray(0, KEY_BYTES), octets.subarray(KEY_BYTES)];
    this.#privateKey ??= writePrivateKey(seed, point, this.#blob(), randomBytes(4));
    return this.#privateKey;
  }

  get publicKey(): string {
    return `${TYPE} ${this.#blob().toString('base64')}`;
  }

  get fingerprint(): string {
    return fingerprintOf(this.#blob());
  }

  #blob(): Buffer {
    return Buffer.concat([TYPE, Buffer.from(this.#octets, 'latin1').subarray(KEY_BYTES)].map(sshString));
  }
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
