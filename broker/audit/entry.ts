/** One audit entry as bytes: without secrets, in its RFC 8785 form, one line, no control characters, at most 64 KiB. Pure. */
import { canonicalText } from '../../protocols/canonical-json.ts';
import { WayleaveError } from '../errors.ts';
import type { AuditEntry, StoredAuditEntry } from '../ports.ts';
import type { Redact } from './redact.ts';

/** Content larger than this belongs into a record of its own, with its digest in the entry. */
export const MAX_ENTRY_BYTES = 64 * 1024;

/** An entry as it is kept. `clockBack` marks one whose time is before that of the entry in front of it: the index orders. */
export interface KeptAuditEntry extends StoredAuditEntry {
  readonly clockBack?: true;
}

/**
 * What RFC 8785 leaves raw although a terminal or editor acts on it: DEL and C1 controls, line and paragraph
 * separators, bidirectional overrides; and lone surrogates, which have no UTF-8 form at all.
 */
const UNSAFE = /[\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]|\p{Cs}/gu;

const ASCII = /^[ -~]*$/;

const escapeText = (text: string): string =>
  ASCII.test(text) ? text : text.replace(UNSAFE, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Canonical line (without newline) of entry `index`. Throws `TOO_LARGE`, or `INPUT_INVALID` for what is not JSON. */
export function printEntry(entry: AuditEntry, index: number, clockBack: boolean, redact: Redact): string {
  let line: string;
  try {
    line = printSafely({ ...entry, content: redact(entry.content), index, ...(clockBack ? { clockBack } : {}) });
  } catch {
    throw new WayleaveError('INPUT_INVALID', 'An audit entry has no canonical JSON form.');
  }
  if (Buffer.byteLength(line) > MAX_ENTRY_BYTES) {
    throw new WayleaveError('TOO_LARGE', `An audit entry is larger than ${MAX_ENTRY_BYTES} bytes.`);
  }
  return line;
}

/** Most entries are ASCII, whose text has nothing to escape but what JSON escapes: they are written at once. */
function printSafely(value: object): string {
  const text = writeIfSound(value);
  return text !== undefined && ASCII.test(text) ? text : canonicalText(escapeStrings(value));
}

/** Undefined where a lone surrogate has no text before it is escaped, and where nothing has one. */
function writeIfSound(value: object): string | undefined {
  try {
    return canonicalText(value);
  } catch {
    return undefined;
  }
}

function escapeStrings(value: unknown): unknown {
  if (typeof value === 'string') return escapeText(value);
  if (Array.isArray(value)) return value.map(escapeStrings);
  if (typeof value !== 'object' || value === null) return value;
  const escaped: { [key: string]: unknown } = Object.create(null); // `__proto__` is a name like any other
  for (const [key, inner] of Object.entries(value))
    if (inner !== undefined) escaped[escapeText(key)] = escapeStrings(inner);
  return escaped;
}

/** Reads a line that this log wrote and whose hash has been checked against a signed root. */
export function parseEntry(line: string): KeptAuditEntry {
  const entry: KeptAuditEntry = JSON.parse(line);
  return entry;
}
