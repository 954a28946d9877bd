/** The syslog message of RFC 5424: bytes to fields and back, for datagrams of RFC 5426. */

/** RFC 5424 §6.1 asks for 2,048 octets; RFC 5426 §3.2 lets a datagram hold more. */
export const MAX_SYSLOG_BYTES = 8_192;
const MAX_ELEMENTS = 16;
const MAX_PARAMETERS = 64;

/** RFC 5424 table 2, by number. */
export const SYSLOG_SEVERITIES = [
  ...(['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'informational', 'debug'] as const),
] as const;
/** RFC 5424 table 1: those that are used here. */
export const FACILITY = { auth: 4, local7: 23 } as const;

export interface StructuredElement {
  /** A registered name, or `name@enterprise number` (RFC 5424 §7). */
  readonly id: string;
  readonly parameters: readonly { readonly name: string; readonly value: string }[];
}

export interface SyslogMessage {
  readonly facility: number;
  /** Index in `SYSLOG_SEVERITIES`. */
  readonly severity: number;
  /** Epoch milliseconds by the sender's clock; undefined when it has none (nil). */
  readonly at: number | undefined;
  /** Empty for nil, as the next three. */
  readonly host: string;
  readonly app: string;
  readonly process: string;
  readonly messageId: string;
  readonly elements: readonly StructuredElement[];
  readonly text: string;
}

/** The bytes are no syslog message; the error never repeats them. */
export class SyslogError extends Error {
  override readonly name = 'SyslogError';
}

/** Longest of each field of the header (RFC 5424 §6), in the order of the header. */
const FIELDS = { host: 255, app: 48, process: 128, messageId: 32 } as const;
const PRINTABLE = /^[!-~]+$/;
const SD_NAME = /^[!#-<>-\\^-~]{1,32}$/;
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)$/;

/** Throws `SyslogError` for a field that the grammar does not let stand. */
export function encodeSyslog(message: SyslogMessage): Buffer {
  const { facility, severity, at, text } = message;
  if (!Number.isInteger(facility) || facility < 0 || facility > 23) throw new SyslogError('no such facility');
  if (SYSLOG_SEVERITIES[severity] === undefined) throw new SyslogError('no such severity');
  const names = (Object.keys(FIELDS) as (keyof typeof FIELDS)[]).map((name) => {
    const value = message[name] || '-';
    if (!PRINTABLE.test(value) || value.length > FIELDS[name]) throw new SyslogError(`${name} cannot be sent`);
    return value;
  });
  const time = at === undefined ? '-' : new Date(at).toISOString();
  const data = message.elements.map(encodeElement).join('') || '-';
  const head = `<${facility * 8 + severity}>1 ${time} ${names.join(' ')} ${data}`;
  // The mark says that the text is UTF-8 (RFC 5424 §6.4).
  const bytes = Buffer.from(text === '' ? head : `${head} \ufeff${text}`);
  if (bytes.length > MAX_SYSLOG_BYTES) throw new SyslogError('the message is too long');
  return bytes;
}

function encodeElement({ id, parameters }: StructuredElement): string {
  const shown = parameters.map(({ name, value }) => {
    if (!SD_NAME.test(name)) throw new SyslogError('a parameter has a name that cannot be sent');
    return ` ${name}="${value.replace(/["\\\]]/g, '\\$&')}"`;
  });
  if (!SD_NAME.test(id)) throw new SyslogError('an element has a name that cannot be sent');
  return `[${id}${shown.join('')}]`;
}

/** Throws `SyslogError` unless `bytes` are one message of version 1; one pass, no backtracking. */
export function decodeSyslog(bytes: Buffer): SyslogMessage {
  if (bytes.length > MAX_SYSLOG_BYTES) throw new SyslogError('the message is too long');
  const line = bytes.toString('utf8');
  const priority = /^<(0|[1-9]\d{0,2})>1 /.exec(line);
  const number = Number(priority?.[1]);
  if (priority === null || number > 191) throw new SyslogError('no priority of version 1');
  const cursor = { line, at: priority[0].length };
  const time = takeWord(cursor, 32);
  const host = takeWord(cursor, FIELDS.host);
  const app = takeWord(cursor, FIELDS.app);
  const process = takeWord(cursor, FIELDS.process);
  const messageId = takeWord(cursor, FIELDS.messageId);
  const elements = takeElements(cursor);
  const rest = line.slice(cursor.at);
  if (rest !== '' && !rest.startsWith(' ')) throw new SyslogError('something else than a text follows the data');
  const at = time === '' ? undefined : Date.parse(time);
  if (at !== undefined && (!TIMESTAMP.test(time) || Number.isNaN(at))) throw new SyslogError('no time');
  return {
    ...{ facility: number >> 3, severity: number & 7, at, host, app, process, messageId, elements },
    text: rest.slice(1).replace(/^\ufeff/, ''),
  };
}

interface Cursor {
  readonly line: string;
  at: number;
}

/** A field of the header and the space after it; '' for nil. */
function takeWord(cursor: Cursor, most: number): string {
  const end = cursor.line.indexOf(' ', cursor.at);
  const word = cursor.line.slice(cursor.at, end < 0 ? cursor.at : end);
  if (word.length > most || !PRINTABLE.test(word)) throw new SyslogError('the header is cut or malformed');
  cursor.at = end + 1;
  return word === '-' ? '' : word;
}

function takeElements(cursor: Cursor): readonly StructuredElement[] {
  const { line } = cursor;
  if (line[cursor.at] === '-') {
    cursor.at += 1;
    return [];
  }
  const elements: StructuredElement[] = [];
  while (line[cursor.at] === '[') {
    if (elements.length === MAX_ELEMENTS) throw new SyslogError('too many elements');
    cursor.at += 1;
    elements.push(takeElement(cursor));
  }
  if (elements.length === 0) throw new SyslogError('no structured data');
  return elements;
}

function takeElement(cursor: Cursor): StructuredElement {
  const { line } = cursor;
  const id = takeName(cursor);
  const parameters: { name: string; value: string }[] = [];
  while (line[cursor.at] === ' ') {
    if (parameters.length === MAX_PARAMETERS) throw new SyslogError('too many parameters');
    cursor.at += 1;
    const name = takeName(cursor);
    if (line[cursor.at] !== '=' || line[cursor.at + 1] !== '"') throw new SyslogError('a parameter has no value');
    cursor.at += 2;
    parameters.push({ name, value: takeValue(cursor) });
  }
  if (line[cursor.at] !== ']') throw new SyslogError('an element is not closed');
  cursor.at += 1;
  return { id, parameters };
}

/** A name of at most 32 characters (RFC 5424 §6.3.2). */
function takeName(cursor: Cursor): string {
  let end = cursor.at;
  while (end - cursor.at <= 32 && end < cursor.line.length && !' ="]'.includes(cursor.line.charAt(end))) end += 1;
  const name = cursor.line.slice(cursor.at, end);
  if (!SD_NAME.test(name)) throw new SyslogError('a name is malformed');
  cursor.at = end;
  return name;
}

/** Up to the quote that is not escaped; a backslash before anything else stands for itself (RFC 5424 §6.3.3). */
function takeValue(cursor: Cursor): string {
  let value = '';
  for (; cursor.at < cursor.line.length; cursor.at += 1) {
    const character = cursor.line.charAt(cursor.at);
    if (character === '"') {
      cursor.at += 1;
      return value;
    }
    if (character === ']') throw new SyslogError('a bracket is not escaped');
    const next = cursor.line.charAt(cursor.at + 1);
    if (character === '\\' && next !== '' && '"\\]'.includes(next)) cursor.at += 1;
    value += cursor.line.charAt(cursor.at);
  }
  throw new SyslogError('a value is not closed');
}
