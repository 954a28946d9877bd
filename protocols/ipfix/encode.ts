/** Writes flow records as IPFIX messages (RFC 7011). Each message carries its template, so that a lost one hurts only itself. */
import type { FlowRecord } from '../device/flow.ts';
import { type FieldSpec, FLOW_FIELD_NAMES, FLOW_FIELDS, type FlowField, VARIABLE } from './elements.ts';

export const IPFIX_VERSION = 10;
export const TEMPLATE_SET = 2;
/** Template ids begin here (RFC 7011 §3.4.1). */
export const FIRST_TEMPLATE = 256;
export const HEADER_BYTES = 16;
/** Fits an Ethernet frame with room for tunnels (RFC 7011 §10.3.3: without path MTU discovery 512, which one template fills). */
const MAX_MESSAGE_BYTES = 1_400;

export interface ExportState {
  /** Observation domain (RFC 7011 §3.1). */
  readonly domain: number;
  /** Data records sent before this message, modulo 2³². */
  readonly sequence: number;
  /** Epoch seconds by the exporter's own clock. */
  readonly exportTime: number;
}

const TEMPLATE = encodeTemplate();

/** Messages that hold `flows` in their order, and the state for the next. */
export function encodeFlows(
  flows: readonly FlowRecord[],
  state: ExportState,
): { readonly messages: readonly Buffer[]; readonly sequence: number } {
  const room = MAX_MESSAGE_BYTES - HEADER_BYTES - TEMPLATE.length - 4;
  const messages: Buffer[] = [];
  let { sequence } = state;
  let batch: Buffer[] = [];
  let bytes = 0;
  const flush = (): void => {
    if (batch.length === 0) return;
    messages.push(encodeMessage({ ...state, sequence }, batch));
    sequence = (sequence + batch.length) % 0x1_0000_0000;
    batch = [];
    bytes = 0;
  };
  for (const flow of flows) {
    const record = encodeRecord(flow);
    if (bytes + record.length > room) flush();
    batch.push(record);
    bytes += record.length;
  }
  flush();
  return { messages, sequence };
}

function encodeMessage({ domain, sequence, exportTime }: ExportState, records: readonly Buffer[]): Buffer {
  const data = encodeSet(FIRST_TEMPLATE, records);
  const head = Buffer.alloc(HEADER_BYTES);
  head.writeUInt16BE(IPFIX_VERSION, 0);
  head.writeUInt16BE(HEADER_BYTES + TEMPLATE.length + data.length, 2);
  head.writeUInt32BE(exportTime >>> 0, 4);
  head.writeUInt32BE(sequence, 8);
  head.writeUInt32BE(domain, 12);
  return Buffer.concat([head, TEMPLATE, data]);
}

function encodeTemplate(): Buffer {
  const fields = FLOW_FIELD_NAMES.map((name) => {
    const { id, size, enterprise }: FieldSpec = FLOW_FIELDS[name];
    const field = Buffer.alloc(enterprise === undefined ? 4 : 8);
    field.writeUInt16BE(enterprise === undefined ? id : 0x8000 | id, 0);
    field.writeUInt16BE(size, 2);
    if (enterprise !== undefined) field.writeUInt32BE(enterprise, 4);
    return field;
  });
  const head = Buffer.alloc(4);
  head.writeUInt16BE(FIRST_TEMPLATE, 0);
  head.writeUInt16BE(fields.length, 2);
  return encodeSet(TEMPLATE_SET, [head, ...fields]);
}

function encodeSet(id: number, parts: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(id, 0);
  head.writeUInt16BE(4 + parts.reduce((sum, part) => sum + part.length, 0), 2);
  return Buffer.concat([head, ...parts]);
}

const encodeRecord = (flow: FlowRecord): Buffer =>
  Buffer.concat(FLOW_FIELD_NAMES.map((name) => encodeField(flow, name)));

function encodeField(flow: FlowRecord, name: FlowField): Buffer {
  const { size } = FLOW_FIELDS[name];
  if (size === VARIABLE) {
    const text = Buffer.from(String(flow[name] ?? '')).subarray(0, 254);
    return Buffer.concat([Buffer.of(text.length), text]); // RFC 7011 §7: one octet of length below 255
  }
  if (name === 'source' || name === 'destination') return Buffer.from(flow[name].split('.').map(Number));
  const value = BigInt(Math.trunc(Number(flow[name])));
  const field = Buffer.alloc(8);
  field.writeBigUInt64BE(BigInt.asUintN(8 * size, name === 'dscpIn' || name === 'dscpOut' ? value << 2n : value));
  return field.subarray(8 - size);
}
