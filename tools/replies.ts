/** What tools take out of replies: each reader answers nothing for a reply that failed or is of another protocol. */
import type { z } from 'zod';
import type { Observation, OperationReply } from '../broker/contract.ts';
import { readRows } from '../protocols/controller/rows.ts';
import type { MibValue } from '../protocols/mib/read-table.ts';
import type { XmlNode } from '../protocols/netconf/xml.ts';
import { parseData } from '../protocols/yang/state-from-xml.ts';

/** Name of the controller whose REST API is asked. */
export const DIRECTOR = 'director';

/** Device that the operation named; '' for the broker's own records. */
export const deviceOf = ({ operation }: OperationReply): string =>
  operation.protocol === 'records' ? '' : operation.device;

/** Replies do not change, and a reader looks at each several times. */
const parsed = new WeakMap<OperationReply, readonly XmlNode[]>();

export function xmlOf(reply: OperationReply): readonly XmlNode[] {
  if (!reply.ok || reply.protocol !== 'netconf') return [];
  const known = parsed.get(reply);
  if (known !== undefined) return known;
  const nodes = parseData(reply.xml);
  parsed.set(reply, nodes);
  return nodes;
}

export const varbindsOf = (reply: OperationReply): readonly MibValue[] =>
  reply.ok && reply.protocol === 'snmp' ? reply.varbinds : [];

/** Devices that a question to the director was about. */
export const askedOf = ({ operation }: OperationReply): readonly string[] =>
  operation.protocol === 'rest' ? (operation.query['deviceId'] ?? '').split(',') : [];

/** Rows of the director's answer to `path` that have the form and are about a device that was asked about. */
export function rowsAbout<Row extends { readonly 'vdevice-name': string }>(
  reply: OperationReply,
  path: string,
  form: z.ZodType<Row>,
): readonly Row[] {
  const asked = new Set(askedOf(reply));
  return rowsOf(reply, path, form).filter((row) => asked.has(row['vdevice-name']));
}

/** Rows of the director's answer to `path` that have the form. */
export function rowsOf<Row>(reply: OperationReply, path: string, form: z.ZodType<Row>): readonly Row[] {
  const { operation } = reply;
  if (!reply.ok || reply.protocol !== 'rest' || operation.protocol !== 'rest' || operation.path !== path) return [];
  return readRows(form, reply.json);
}

export const jsonOf = (reply: OperationReply): unknown =>
  reply.ok && reply.protocol === 'records' ? reply.json : undefined;

/** An observation of what the reply itself says is so now. */
export function observe(
  reply: OperationReply,
  resource: string,
  signal: string,
  value: Observation['value'],
): Observation {
  const { operation, collectedAt } = reply;
  const { protocol } = operation;
  const source = protocol === 'records' ? protocol : `${protocol}:${protocol === 'rest' ? DIRECTOR : operation.device}`;
  return { resource, signal, value, observedAt: collectedAt, source };
}

/** The same, of a row that says when it was so (epoch milliseconds). */
export const observeAt = (
  reply: OperationReply,
  at: number,
  ...[resource, signal, value]: readonly [string, string, Observation['value']]
): Observation => ({ ...observe(reply, resource, signal, value), observedAt: new Date(at).toISOString() });

/** Observations of the members that are there. */
export function observeAll(
  reply: OperationReply,
  resource: string,
  values: Readonly<Record<string, Observation['value'] | undefined>>,
): readonly Observation[] {
  return Object.entries(values).flatMap(([signal, value]) =>
    value === undefined ? [] : [observe(reply, resource, signal, value)],
  );
}
