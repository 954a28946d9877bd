/** How a command responder answers a request from the part of the MIB that the asker may see (RFC 3416 §4.2). */
import type { Access } from '../../../protocols/snmp/access.ts';
import type { Oid } from '../../../protocols/snmp/ber.ts';
import { ERROR_STATUS, encodeVarbind, type Pdu, type PduVarbind } from '../../../protocols/snmp/pdu.ts';

/** Longest answer, bytes of the whole message; what the asker accepts may be less. */
const MAX_RESPONSE_BYTES = 1_400;
/** Bound of everything in a message around its varbinds: engine ids, user and MAC at their longest, and headers. */
const ENVELOPE_BYTES = 220;
const MAX_REPETITIONS = 64;

/** Undefined for kinds of PDU that a command responder does not answer. */
export function answerPdu(access: Access, request: Pdu, maxSize: number): Pdu | undefined {
  const room = Math.min(MAX_RESPONSE_BYTES, maxSize) - ENVELOPE_BYTES;
  switch (request.kind) {
    case 'get':
      return respondWhole(
        request,
        room,
        request.varbinds.map(({ oid }) => readInstance(access, oid)),
      );
    case 'get-next':
      return respondWhole(
        request,
        room,
        request.varbinds.map(({ oid }) => readNext(access, oid)),
      );
    case 'get-bulk':
      return respond(request, readBulk(access, request, room));
    case 'set':
      return refuseSet(access, request);
    default:
      return undefined;
  }
}

/** Nothing is writable: of a name that the asker may not see `noAccess`, else `notWritable` (RFC 3416 §4.2.5 steps 1 and 2). */
function refuseSet(access: Access, request: Pdu): Pdu {
  const hidden = request.varbinds.findIndex(({ oid }) => !access.covers(oid));
  if (hidden >= 0) return respond(request, request.varbinds, 'noAccess', hidden + 1);
  return request.varbinds.length === 0 ? respond(request, []) : respond(request, request.varbinds, 'notWritable', 1);
}

/** What the asker may not see does not exist for him; what is not there has no instance (RFC 3416 §4.2.1). */
function readInstance({ mib, covers }: Access, oid: Oid): PduVarbind {
  return { oid, value: mib.get(oid) ?? { type: covers(oid) ? 'noSuchInstance' : 'noSuchObject' } };
}

function readNext({ mib }: Access, oid: Oid): PduVarbind {
  return mib.next(oid) ?? { oid, value: { type: 'endOfMibView' } };
}

/** As many varbinds as fit (RFC 3416 §4.2.3); ends early when all columns are at the end of the view. */
function readBulk(access: Access, request: Pdu, room: number): readonly PduVarbind[] {
  const once = request.varbinds.slice(0, request.status);
  let columns = request.varbinds.slice(request.status).map(({ oid }) => oid);
  const found: PduVarbind[] = [];
  let bytes = 0;
  const add = (varbind: PduVarbind): boolean => {
    bytes += encodeVarbind(varbind).length;
    if (bytes > room) return false;
    found.push(varbind);
    return true;
  };
  for (const { oid } of once) if (!add(readNext(access, oid))) return found;
  for (let i = 0; i < Math.min(request.index, MAX_REPETITIONS) && columns.length > 0; i += 1) {
    const row: PduVarbind[] = [];
    for (const oid of columns) {
      const varbind = readNext(access, oid);
      if (!add(varbind)) return found;
      row.push(varbind);
    }
    if (row.every(({ value }) => value.type === 'endOfMibView')) return found;
    columns = row.map(({ oid }) => oid);
  }
  return found;
}

/** All varbinds or none (RFC 3416 §4.2.1). */
function respondWhole(request: Pdu, room: number, varbinds: readonly PduVarbind[]): Pdu {
  const bytes = varbinds.reduce((sum, varbind) => sum + encodeVarbind(varbind).length, 0);
  return bytes > room ? respond(request, [], 'tooBig') : respond(request, varbinds);
}

function respond(
  { requestId }: Pdu,
  varbinds: readonly PduVarbind[],
  status: (typeof ERROR_STATUS)[number] = 'noError',
  index = 0,
): Pdu {
  return { kind: 'response', requestId, status: ERROR_STATUS.indexOf(status), index, varbinds };
}
