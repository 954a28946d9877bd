/**
 * The message of SNMPv2c (RFC 1901 §3): a PDU beside a word in the clear. Whoever sees the network knows the word, and
 * whoever knows it can forge both ends: it protects nothing, and is there for tools that speak nothing better.
 */
import { BerError, BerReader, encodeInteger, encodeTlv, TAG } from './ber.ts';
import { decodePdu, encodePdu, type Pdu } from './pdu.ts';

/** The number that stands for version 2c (RFC 1901 §3). */
const VERSION_2C = 1;

export interface CommunityMessage {
  readonly community: string;
  readonly pdu: Pdu;
}

export function encodeCommunityMessage({ community, pdu }: CommunityMessage): Buffer {
  return encodeTlv(
    TAG.sequence,
    encodeInteger(VERSION_2C),
    encodeTlv(TAG.octets, Buffer.from(community)),
    encodePdu(pdu),
  );
}

/** Throws `BerError` unless `bytes` are exactly one such message. */
export function decodeCommunityMessage(bytes: Buffer): CommunityMessage {
  const whole = new BerReader(bytes);
  const message = whole.enter();
  whole.end();
  if (message.takeCount() !== VERSION_2C) throw new BerError('not version 2c');
  const community = message.take(TAG.octets).toString('utf8');
  const { tag, content } = message.next();
  message.end();
  return { community, pdu: decodePdu(tag, content) };
}

/** Whether the bytes begin as a message of version 2c; never throws. */
export function isCommunityMessage(bytes: Buffer): boolean {
  try {
    return new BerReader(bytes).enter().takeCount() === VERSION_2C;
  } catch (error) {
    if (error instanceof BerError) return false;
    throw error;
  }
}
