/** A browser and its authenticator in software (WebAuthn Level 3 §6, COSE ES256), so that passkeys are tested without either. */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { z } from 'zod';

const creation = z.looseObject({ challenge: z.string(), rp: z.looseObject({ id: z.string() }) });
const request = z.looseObject({ challenge: z.string(), rpId: z.string() });

/** What a dishonest or foreign one does otherwise. */
export interface Deviation {
  readonly origin?: string;
  readonly rpId?: string;
  readonly type?: string;
  /** Flags of the authenticator data (§6.1): user present 1, user verified 4, attested credential 64. */
  readonly flags?: number;
  readonly counter?: number;
  readonly id?: string;
}

const b64 = (bytes: Buffer): string => bytes.toString('base64url');
const sha256 = (data: Buffer | string): Buffer => createHash('sha256').update(data).digest();

/** CBOR (RFC 8949) of what an attestation needs: a byte string, a text, a small map in the given order. */
const head = (major: number, size: number): Buffer =>
  size < 24
    ? Buffer.from([(major << 5) | size])
    : size < 256
      ? Buffer.from([(major << 5) | 24, size])
      : Buffer.from([(major << 5) | 25, size >> 8, size & 255]);
const bytesOf = (value: Buffer): Buffer => Buffer.concat([head(2, value.length), value]);
const textOf = (value: string): Buffer => Buffer.concat([head(3, value.length), Buffer.from(value)]);
const integer = (value: number): Buffer => (value < 0 ? head(1, -1 - value) : head(0, value));
const map = (...entries: readonly (readonly [Buffer, Buffer])[]): Buffer =>
  Buffer.concat([head(5, entries.length), ...entries.flat()]);

export function createSoftwareAuthenticator(origin: string) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const credentialId = randomBytes(32);
  let counter = 0;
  const cose = map(
    [integer(1), integer(2)],
    [integer(3), integer(-7)],
    [integer(-1), integer(1)],
    [integer(-2), bytesOf(Buffer.from(x, 'base64url'))],
    [integer(-3), bytesOf(Buffer.from(y, 'base64url'))],
  );
  const clientData = (type: string, challenge: string, bent: Deviation): Buffer =>
    Buffer.from(
      JSON.stringify({ type: bent.type ?? type, challenge, origin: bent.origin ?? origin, crossOrigin: false }),
    );
  const authenticatorData = (rpId: string, flags: number, bent: Deviation): Buffer => {
    counter += 1;
    const count = Buffer.alloc(4);
    count.writeUInt32BE(bent.counter ?? counter);
    return Buffer.concat([sha256(bent.rpId ?? rpId), Buffer.from([bent.flags ?? flags]), count]);
  };
  const id = b64(credentialId);

  return {
    id,
    /** `navigator.credentials.create(...).toJSON()`. */
    create(options: unknown, bent: Deviation = {}) {
      const { challenge, rp } = creation.parse(options);
      const size = Buffer.from([0, credentialId.length]);
      const data = Buffer.concat([authenticatorData(rp.id, 0x45, bent), Buffer.alloc(16), size, credentialId, cose]);
      const attestation = map(
        [textOf('fmt'), textOf('none')],
        [textOf('attStmt'), map()],
        [textOf('authData'), bytesOf(data)],
      );
      const clientDataJSON = b64(clientData('webauthn.create', challenge, bent));
      const response = { clientDataJSON, attestationObject: b64(attestation), transports: ['internal'] };
      return { id, rawId: id, type: 'public-key', response, clientExtensionResults: {} };
    },
    /** `navigator.credentials.get(...).toJSON()`. */
    get(options: unknown, bent: Deviation = {}) {
      const { challenge, rpId } = request.parse(options);
      const client = clientData('webauthn.get', challenge, bent);
      const data = authenticatorData(rpId, 0x05, bent);
      const signature = sign('sha256', Buffer.concat([data, sha256(client)]), privateKey);
      const shown = bent.id ?? id;
      return {
        ...{ id: shown, rawId: shown, type: 'public-key', clientExtensionResults: {} },
        response: { clientDataJSON: b64(client), authenticatorData: b64(data), signature: b64(signature) },
      };
    },
  };
}
