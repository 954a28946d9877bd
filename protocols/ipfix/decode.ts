/** Reads IPFIX messages (RFC 7011) of any exporter, with caps: what a template says decides how long everything after it is. */
import { type FieldSpec, fieldKey, VARIABLE } from './elements.ts';
import { FIRST_TEMPLATE, HEADER_BYTES, IPFIX_VERSION, TEMPLATE_SET } from './encode.ts';

/** Templates kept of one exporter, fields of one template, records of one message. */
const MAX_TEMPLATES = 64;
const MAX_FIELDS = 128;
const MAX_RECORDS = 4_096;
const OPTIONS_TEMPLATE_SET = 3;

/** Values of one record by `fieldKey`; views on the message. */
export type IpfixRecord = ReadonlyMap<string, Buffer>;

export interface IpfixMessage {
  readonly domain: number;
  readonly sequence: number;
  /** Epoch seconds by the exporter's clock. */
  readonly exportTime: number;
  readonly records: readonly IpfixRecord[];
  /** Data sets whose template is not known: their records are lost (RFC 7011 §9). */
  readonly withoutTemplate: number;
}

/** The bytes are no IPFIX message; the error never repeats them. */
export class IpfixError extends Error {
  override readonly name = 'IpfixError';
}

/** Reads the messages of one exporter in their order: its templates are kept between them. */
export interface IpfixDecoder {
  /** Throws `IpfixError`; then nothing of the message counts, its templates neither. */
  decode(bytes: Buffer): IpfixMessage;
}

type Template = readonly FieldSpec[];

export function createIpfixDecoder(): IpfixDecoder {
  let kept: ReadonlyMap<string, Template> = new Map();
  return {
    decode(bytes) {
      if (
        bytes.length < HEADER_BYTES ||
        bytes.readUInt16BE(0) !== IPFIX_VERSION ||
        bytes.readUInt16BE(2) !== bytes.length
      )
        throw new IpfixError('not one whole message of version 10');
      const domain = bytes.readUInt32BE(12);
      const templates = new Map(kept);
      const records: IpfixRecord[] = [];
      let withoutTemplate = 0;
      for (let at = HEADER_BYTES; at < bytes.length; ) {
        if (bytes.length - at < 4) throw new IpfixError('a set is cut');
        const id = bytes.readUInt16BE(at);
        const size = bytes.readUInt16BE(at + 2);
        if (size < 4 || at + size > bytes.length) throw new IpfixError('a set is cut');
        const content = bytes.subarray(at + 4, at + size);
        at += size;
        if (id === TEMPLATE_SET) readTemplates(content, domain, templates);
        else if (id >= FIRST_TEMPLATE) {
          const template = templates.get(`${domain}/${id}`);
          if (template === undefined) withoutTemplate += 1;
          else readRecords(content, template, records);
        } else if (id !== OPTIONS_TEMPLATE_SET) throw new IpfixError('a set has a reserved id');
      }
      kept = templates;
      return { domain, sequence: bytes.readUInt32BE(8), exportTime: bytes.readUInt32BE(4), records, withoutTemplate };
    },
  };
}

function readTemplates(content: Buffer, domain: number, templates: Map<string, Template>): void {
  // Fewer than four octets are padding (RFC 7011 §3.3.1).
  for (let at = 0; content.length - at >= 4; ) {
    const id = content.readUInt16BE(at);
    const count = content.readUInt16BE(at + 2);
    at += 4;
    if (id === 0 && count === 0) return; // padding
    if (id < FIRST_TEMPLATE || count > MAX_FIELDS) throw new IpfixError('a template is malformed or too long');
    const fields: FieldSpec[] = [];
    for (let n = 0; n < count; n += 1) {
      const field = readField(content, at);
      at += field.enterprise === undefined ? 4 : 8;
      fields.push(field);
    }
    const key = `${domain}/${id}`;
    templates.delete(key); // the newest stands last; a template without fields withdraws (RFC 7011 §8.1)
    if (count > 0) templates.set(key, fields);
    const [oldest] = templates.keys();
    if (templates.size > MAX_TEMPLATES && oldest !== undefined) templates.delete(oldest);
  }
}

function readField(content: Buffer, at: number): FieldSpec {
  if (content.length - at < 4) throw new IpfixError('a template is cut');
  const id = content.readUInt16BE(at);
  const size = content.readUInt16BE(at + 2);
  if (id < 0x8000) return { id, size };
  if (content.length - at < 8) throw new IpfixError('a template is cut');
  return { id: id & 0x7fff, size, enterprise: content.readUInt32BE(at + 4) };
}

function readRecords(content: Buffer, template: Template, records: IpfixRecord[]): void {
  // A record that can be of no length would never end; less than the shortest is padding.
  const shortest = template.reduce((sum, { size }) => sum + (size === VARIABLE ? 1 : size), 0);
  if (shortest === 0) throw new IpfixError('a template describes nothing');
  for (let at = 0; content.length - at >= shortest; ) {
    if (records.length === MAX_RECORDS) throw new IpfixError('too many records');
    const record = new Map<string, Buffer>();
    for (const field of template) {
      const { start, end } = placeOf(content, at, field.size);
      record.set(fieldKey(field), content.subarray(start, end));
      at = end;
    }
    records.push(record);
  }
}

function placeOf(content: Buffer, at: number, size: number): { readonly start: number; readonly end: number } {
  let start = at;
  let length = size;
  if (size === VARIABLE) {
    const first = content[at];
    if (first === undefined || (first === 255 && content.length - at < 3)) throw new IpfixError('a record is cut');
    length = first === 255 ? content.readUInt16BE(at + 1) : first;
    start = at + (first === 255 ? 3 : 1);
  }
  if (start + length > content.length) throw new IpfixError('a record is cut');
  return { start, end: start + length };
}
