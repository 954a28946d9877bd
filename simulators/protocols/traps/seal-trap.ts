/** Puts a notification into an SNMPv3 message of the device's own engine: authenticated, encrypted, not to be answered. */
import type { MibRow } from '../../../protocols/snmp/mib.ts';
import { encodeScopedPdu } from '../../../protocols/snmp/pdu.ts';
import { sealMessage, type UsmKeys } from '../../../protocols/snmp/usm.ts';

export interface TrapSender {
  readonly engineId: Buffer;
  readonly engineBoots: number;
  /** Seconds since that start. */
  readonly engineTime: number;
  readonly user: string;
  /** Localised to the engine. */
  readonly keys: UsmKeys;
  /** Never the same twice. */
  readonly salt: Buffer;
  /** Number of the message, 31 bits. */
  readonly id: number;
}

/** For a trap the sender's engine is the authority (RFC 3412 §6.3, RFC 3414 §1.5.1). */
export function sealTrap(varbinds: readonly MibRow[], sender: TrapSender): Buffer {
  const { engineId, engineBoots, engineTime, user, keys, salt, id } = sender;
  const pdu = { kind: 'trap' as const, requestId: id, status: 0, index: 0, varbinds };
  const data = encodeScopedPdu({ contextEngineId: engineId, contextName: '', pdu });
  return sealMessage(
    { id, maxSize: 1_472, priv: true, reportable: false, engineId, engineBoots, engineTime, user, data },
    keys,
    salt,
  );
}
