/** The SNMPv3 message with the security parameters of USM (RFC 3412 §6, RFC 3414 §2.4): bytes to fields and back. */
import { BerError, BerReader, decodeInteger, encodeInteger, encodeTlv, headBytes, TAG } from './ber.ts';

const VERSION_3 = 3;
const SECURITY_MODEL_USM = 3;
/** RFC 3412 §6: no engine may claim to accept less. */
const LEAST_MAX_SIZE = 484;

export const FLAG = { auth: 0x01, priv: 0x02, reportable: 0x04 } as const;

export interface SnmpMessage {
  readonly id: number;
  /** Longest answer the sender accepts, bytes. */
  readonly maxSize: number;
  readonly auth: boolean;
  readonly priv: boolean;
  readonly reportable: boolean;
  /** Authoritative engine. */
  readonly engineId: Buffer;
  readonly engineBoots: number;
  readonly engineTime: number;
  readonly user: string;
  /** Of a decoded message: a view on its bytes, so that the place of the MAC is known. */
  readonly authParameters: Buffer;
  readonly privParameters: Buffer;
  /** Scoped PDU, or its ciphertext when `priv`. */
  readonly data: Buffer;
}

export function encodeMessage(message: SnmpMessage): Buffer {
  const flags =
    (message.auth ? FLAG.auth : 0) | (message.priv ? FLAG.priv : 0) | (message.reportable ? FLAG.reportable : 0);
  const security = encodeTlv(
    TAG.sequence,
    encodeTlv(TAG.octets, message.engineId),
    encodeInteger(message.engineBoots),
    encodeInteger(message.engineTime),
    encodeTlv(TAG.octets, Buffer.from(message.user)),
    encodeTlv(TAG.octets, message.authParameters),
    encodeTlv(TAG.octets, message.privParameters),
  );
  return encodeTlv(
    TAG.sequence,
    encodeInteger(VERSION_3),
    encodeTlv(
      TAG.sequence,
      encodeInteger(message.id),
      encodeInteger(message.maxSize),
      encodeTlv(TAG.octets, Buffer.from([flags])),
      encodeInteger(SECURITY_MODEL_USM),
    ),
    encodeTlv(TAG.octets, security),
    message.priv ? encodeTlv(TAG.octets, message.data) : message.data,
  );
}

/** Where the MAC stands in an encoded message: behind it are the other parameters and the data only. */
export function placeOfMac(message: SnmpMessage, bytes: Buffer): number {
  const data = message.data.length + (message.priv ? headBytes(message.data.length) : 0);
  const parameters = message.privParameters.length + headBytes(message.privParameters.length);
  return bytes.length - data - parameters - message.authParameters.length;
}

/** Throws `BerError` unless `bytes` are exactly one such message. */
export function decodeMessage(bytes: Buffer): SnmpMessage {
  const whole = new BerReader(bytes);
  const message = whole.enter();
  whole.end();
  if (message.takeCount() !== VERSION_3) throw new BerError('not version 3');
  const header = message.enter();
  const id = header.takeCount();
  const maxSize = decodeInteger(header.take(TAG.integer), LEAST_MAX_SIZE, 0x7fff_ffff);
  const flagOctets = header.take(TAG.octets);
  const flags = flagOctets[0];
  if (flags === undefined || flagOctets.length !== 1) throw new BerError('flags of a wrong size');
  if (header.takeCount() !== SECURITY_MODEL_USM) throw new BerError('unknown security model');
  header.end();
  const auth = (flags & FLAG.auth) !== 0;
  const priv = (flags & FLAG.priv) !== 0;
  if (priv && !auth) throw new BerError('privacy without authentication'); // RFC 3412 §7.2 step 5d
  const parameters = new BerReader(message.take(TAG.octets));
  const security = parameters.enter();
  parameters.end();
  const engineId = Buffer.from(security.take(TAG.octets));
  const engineBoots = security.takeCount();
  const engineTime = security.takeCount();
  const user = security.take(TAG.octets);
  if (engineId.length > 32 || user.length > 32) throw new BerError('name too long'); // RFC 3411 §5, RFC 3414 §2.4
  const authParameters = security.take(TAG.octets);
  const privParameters = security.take(TAG.octets);
  security.end();
  const { tag, content } = message.next();
  message.end();
  if (tag !== (priv ? TAG.octets : TAG.sequence)) throw new BerError('unexpected tag');
  return {
    // Written out: an object that is put together of others has a shape of its own, and every look at it is slow.
    id,
    maxSize,
    auth,
    priv,
    reportable: (flags & FLAG.reportable) !== 0,
    engineId,
    engineBoots,
    engineTime,
    user: user.toString('utf8'),
    authParameters,
    privParameters,
    data: priv ? content : encodeTlv(tag, content),
  };
}
