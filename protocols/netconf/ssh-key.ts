/** SSH keys for both ends, in OpenSSH's formats, and fingerprints as OpenSSH prints them: ed25519 for people and programs, ECDSA for many devices. */
import { createECDH, generateKeyPairSync, hash, randomBytes, timingSafeEqual } from 'node:crypto';

export interface SshKeyPair {
  /** OpenSSH private key file. A secret. */
  readonly privateKey: string;
  /** `ssh-ed25519 AAAA…` or `ecdsa-sha2-nistp256 AAAA…`. */
  readonly publicKey: string;
  /** `SHA256:` and unpadded base64 of the hash of the public key blob. */
  readonly fingerprint: string;
}

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

const sshStrings = (...values: readonly (string | Buffer)[]): Buffer => Buffer.concat(values.map(sshString));

/** An unencrypted private key file (OpenSSH's PROTOCOL.key) of a public key and the fields of the private one. */
function writePrivateKey(fields: readonly (string | Buffer)[], blob: Buffer): string {
  const check = randomBytes(4);
  const secret = Buffer.concat([check, check, sshStrings(...fields, '')]);
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

/** A kind of keys, and what the numbers of a pair are in the formats. */
interface Kind {
  readonly type: string;
  /** The public key as SSH sends it, and the fields of the private one. */
  readonly read: (octets: Buffer) => { readonly blob: Buffer; readonly fields: readonly (string | Buffer)[] };
}

/** Octets of a seed and of a point; in DER they stand at the end (RFC 8410 §4 and §7). */
const KEY_BYTES = 32;
const DER = {
  publicKeyEncoding: { type: 'spki', format: 'der' },
  privateKeyEncoding: { type: 'pkcs8', format: 'der' },
} as const;
/** RFC 8709 §4. */
const ED25519: Kind = {
  type: 'ssh-ed25519',
  read(octets) {
    const point = octets.subarray(KEY_BYTES);
    return { blob: sshStrings(ED25519.type, point), fields: [ED25519.type, point, octets] };
  },
};

/** Makes an ed25519 pair. ssh2's own generator is slower, and about 1 in 250 of its pairs is written so that ssh2 cannot read it. */
export function generateSshKeyPair(): SshKeyPair {
  // Its types know key objects only, whatever encoding is asked for.
  const { privateKey, publicKey }: Record<'privateKey' | 'publicKey', unknown> = generateKeyPairSync('ed25519', DER);
  if (!Buffer.isBuffer(privateKey) || !Buffer.isBuffer(publicKey)) throw new TypeError('the key is not in DER');
  return new Pair(ED25519, Buffer.concat([privateKey.subarray(-KEY_BYTES), publicKey.subarray(-KEY_BYTES)]));
}

const CURVE = 'nistp256';
/** Octets of an uncompressed point of that curve (SEC 1 §2.3.3). */
const POINT_BYTES = 65;
/** RFC 5656 §3.1. */
const ECDSA: Kind = {
  type: `ecdsa-sha2-${CURVE}`,
  read(octets) {
    const point = octets.subarray(0, POINT_BYTES);
    const number = mpint(octets.subarray(POINT_BYTES));
    return { blob: sshStrings(ECDSA.type, CURVE, point), fields: [ECDSA.type, CURVE, point, number] };
  },
};

/** Holds one pair at a time, the last one that it made. */
const CURVE_KEYS = createECDH('prime256v1');

/**
 * Makes the host key of a simulated device: a pair on this curve costs a tenth of an ed25519 one in Node, which counts
 * where thousands of devices start at once.
 */
export function generateHostKey(): SshKeyPair {
  return new Pair(ECDSA, Buffer.concat([CURVE_KEYS.generateKeys(), CURVE_KEYS.getPrivateKey()]));
}

/** A positive number of the SSH wire format (RFC 4251 §5): as short as it can be, its first bit 0. */
function mpint(octets: Buffer): Buffer {
  const short = octets.subarray(octets.findIndex((octet) => octet !== 0));
  return (short[0] ?? 0) < 0x80 ? short : Buffer.concat([Buffer.of(0), short]);
}

/** Texts are written when they are asked for: of many devices most keys never are. */
class Pair implements SshKeyPair {
  readonly #kind: Kind;
  /** An octet a character: a buffer of its own costs three times as much. */
  readonly #octets: string;
  #privateKey: string | undefined;

  constructor(kind: Kind, octets: Buffer) {
    this.#kind = kind;
    this.#octets = octets.toString('latin1');
  }

  get privateKey(): string {
    const { blob, fields } = this.#read();
    this.#privateKey ??= writePrivateKey(fields, blob);
    return this.#privateKey;
  }

  get publicKey(): string {
    return `${this.#kind.type} ${this.#read().blob.toString('base64')}`;
  }

  get fingerprint(): string {
    return fingerprintOf(this.#read().blob);
  }

  #read(): ReturnType<Kind['read']> {
    return this.#kind.read(Buffer.from(this.#octets, 'latin1'));
  }
}

/** Fingerprint of a public key blob (RFC 4253 §6.6) as `ssh-keygen -l` prints it. */
export function fingerprintOf(publicKeyBlob: Buffer): string {
  return `SHA256:${hash('sha256', publicKeyBlob, 'base64').replace(/=+$/, '')}`;
}

/** Whether a presented key has the pinned fingerprint; takes the same time wherever they differ. */
export function matchesFingerprint(publicKeyBlob: Buffer, pinned: string): boolean {
  const presented = Buffer.from(fingerprintOf(publicKeyBlob));
  const expected = Buffer.from(pinned.trim().replace(/=+$/, ''));
  return presented.length === expected.length && timingSafeEqual(presented, expected);
}
