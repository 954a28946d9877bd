/** The two reads of the driver, get and walk, with every name, order, type and amount of the answers checked. */

import { rememberByName } from '../../../protocols/name-memo.ts';
import type { Oid } from '../../../protocols/snmp/ber.ts';
import { compareOids, formatOid, isBelow, parseOid } from '../../../protocols/snmp/oid.ts';
import { ERROR_STATUS, encodeVarbind, type Pdu, type PduVarbind } from '../../../protocols/snmp/pdu.ts';
import { showOctets } from '../../../protocols/snmp/varbind.ts';
import type { Varbind } from '../../contract.ts';
import { DriverError } from '../driver.ts';
import type { Question } from './session.ts';

/** Sends one question and gives its response. */
export type Ask = (question: Question) => Promise<Pdu>;

/** Names in one GET: their answers fit the 484 octets that every agent can send unless they are long texts. */
const GET_BATCH = 10;
const REPETITIONS = 25;

/** What one operation may bring at most; beyond is PROTOCOL. */
export interface ReadLimits {
  readonly rows: number;
  readonly bytes: number;
}
export const READ_LIMITS: ReadLimits = { rows: 10_000, bytes: 4_194_304 };

/** The instances, in the order asked; what the device does not have is left out. */
export async function getVarbinds(ask: Ask, oids: readonly string[]): Promise<readonly Varbind[]> {
  const names = oids.map(parseOrRefuse);
  const found: Varbind[] = [];
  for (let start = 0; start < names.length; start += GET_BATCH) {
    const asked = names.slice(start, start + GET_BATCH);
    const varbinds = asked.map((oid) => ({ oid, value: { type: 'null' as const } }));
    const answer = readAnswer(await ask({ kind: 'get', status: 0, index: 0, varbinds }));
    if (answer.length !== asked.length) throw new DriverError('PROTOCOL', 'more or fewer values than were asked');
    answer.forEach((varbind, i) => {
      if (compareOids(varbind.oid, asked[i] ?? []) !== 0)
        throw new DriverError('PROTOCOL', 'a value that was not asked');
      const { type } = varbind.value;
      if (type !== 'noSuchObject' && type !== 'noSuchInstance') found.push(toVarbind(varbind));
    });
  }
  return found;
}

/** All instances of the columns, column by column. */
export async function walkColumns(
  ask: Ask,
  columns: readonly string[],
  limits: ReadLimits = READ_LIMITS,
): Promise<readonly Varbind[]> {
  const found: Varbind[] = [];
  let bytes = 0;
  for (const column of columns.map(parseOrRefuse)) {
    for await (const varbind of walkColumn(ask, column)) {
      bytes += encodeVarbind(varbind).length;
      if (found.length === limits.rows || bytes > limits.bytes) {
        throw new DriverError('PROTOCOL', 'the table is larger than the limit');
      }
      found.push(toVarbind(varbind));
    }
  }
  return found;
}

/** Names must grow strictly, so that no agent can keep a walk going for ever. */
async function* walkColumn(ask: Ask, column: Oid): AsyncGenerator<PduVarbind> {
  let last: Oid = column;
  for (;;) {
    const varbinds = [{ oid: last, value: { type: 'null' as const } }];
    const answer = readAnswer(await ask({ kind: 'get-bulk', status: 0, index: REPETITIONS, varbinds }));
    if (answer.length === 0 || answer.length > REPETITIONS) {
      throw new DriverError('PROTOCOL', 'more or fewer values than were asked');
    }
    for (const varbind of answer) {
      if (varbind.value.type === 'endOfMibView') return;
      if (compareOids(varbind.oid, last) <= 0) throw new DriverError('PROTOCOL', 'names that do not grow');
      if (!isBelow(varbind.oid, column)) return;
      yield varbind;
      last = varbind.oid;
    }
  }
}

function readAnswer(pdu: Pdu): readonly PduVarbind[] {
  if (pdu.status === 0) return pdu.varbinds;
  const name = ERROR_STATUS[pdu.status];
  if (name === undefined) throw new DriverError('PROTOCOL', 'an unknown error-status');
  throw new DriverError('RPC_ERROR', `the device answered ${name}`, name);
}

function toVarbind({ oid, value }: PduVarbind): Varbind {
  const name = formatOid(oid);
  switch (value.type) {
    case 'string':
      return { oid: name, type: 'string', value: showOctets(value.value) };
    case 'oid':
      return { oid: name, type: 'oid', value: formatOid(value.value) };
    case 'counter64':
      return { oid: name, type: 'counter64', value: value.value.toString() };
    case 'null':
    case 'noSuchObject':
    case 'noSuchInstance':
    case 'endOfMibView':
      throw new DriverError('PROTOCOL', 'no value where there must be one');
    default:
      return { oid: name, type: value.type, value: value.value };
  }
}

/** The same few are asked for again and again. */
const known = rememberByName(parseOid);

function parseOrRefuse(text: string): Oid {
  const oid = known(text);
  if (oid === undefined) throw new DriverError('UNSUPPORTED', 'not an object identifier');
  return oid;
}
