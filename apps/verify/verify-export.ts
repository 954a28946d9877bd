/**
 * The offline verifier of an audit export. It shares no code with the log that wrote it: the hashing (RFC 6962 §2.1)
 * and the notes (C2SP signed-note, tlog-checkpoint) are written again here, so that one mistake does not confirm itself.
 *
 * Streams: it keeps one hash per tree level. What no export can show by itself is that it is the newest: give
 * `anchors` (checkpoints that a witness or a human kept) to find a log that was rolled back or forked as a whole.
 */
import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';

export interface VerifyOptions {
  /** Verifier keys (`name+id+key`) that are trusted. Without them the export vouches for itself, and a re-signed one passes. */
  readonly publicKeys?: readonly string[];
  /** Signed checkpoints from outside; the export must contain the tree of each. */
  readonly anchors?: readonly string[];
}

export interface Problem {
  /** First entry that is concerned, where it can be known. */
  readonly index?: number;
  readonly what: string;
}

export interface Verification {
  readonly ok: boolean;
  /** Entries read. */
  readonly size: number;
  readonly problems: readonly Problem[];
}

interface Head {
  readonly name: string;
  readonly size: number;
  readonly root: string;
  readonly epoch: number;
}

interface Key {
  readonly name: string;
  readonly type: number;
  readonly id: string;
  readonly key: KeyObject;
}

/** More problems than this say nothing new. */
const MAX_PROBLEMS = 100;
/** An entry of 64 KiB with its JSON escapes and hash. */
const MAX_LINE = 512 * 1024;

const digest = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** Roots of the complete subtrees of what was read, largest first. */
class Frontier {
  size = 0;
  #peaks: { readonly height: number; readonly hash: Buffer }[] = [];

  add(leaf: Buffer): void {
    let [height, hash] = [0, leaf];
    for (let peak = this.#peaks.at(-1); peak?.height === height; peak = this.#peaks.at(-1)) {
      hash = digest(Buffer.of(1), peak.hash, hash);
      height += 1;
      this.#peaks.pop();
    }
    this.#peaks.push({ height, hash });
    this.size += 1;
  }

  root(): string {
    const [last, ...rest] = this.#peaks.map((peak) => peak.hash).reverse();
    if (last === undefined) return digest().toString('base64');
    return rest.reduce((right, left) => digest(Buffer.of(1), left, right), last).toString('base64');
  }
}

/** Reads the lines of an export and reports everything that does not fit. Never throws on content. */
export async function verifyExport(lines: AsyncIterable<string>, options: VerifyOptions = {}): Promise<Verification> {
  const problems: Problem[] = [];
  const report = (what: string, index?: number): void => {
    if (problems.length < MAX_PROBLEMS) problems.push(index === undefined ? { what } : { index, what });
  };
  const trusted: Key[] = [];
  for (const text of options.publicKeys ?? []) {
    const key = readKey(text);
    if (key === undefined) report('a given public key is malformed');
    else trusted.push(key);
  }
  const anchors = new Map<number, string>();
  const frontier = new Frontier();
  /** Note of line 1, judged when the keys have been read. */
  let latest: string | undefined;
  let head: Head | undefined;
  let covered = 0;
  let epoch = 0;

  const readHead = (note: unknown, index: number): Head | undefined => {
    const found = typeof note === 'string' ? openNote(note, trusted) : undefined;
    if (found === undefined) report('a checkpoint is malformed or not signed by a known key', index);
    return found;
  };
  const begin = (): void => {
    if (latest === undefined || head !== undefined) return;
    head = readHead(latest, 0);
    for (const anchor of options.anchors ?? []) {
      const outside = openNote(anchor, trusted);
      if (outside === undefined) report('an anchor is malformed or not signed by a known key');
      else if (head !== undefined && outside.size > head.size) {
        report('the export ends before a checkpoint that was seen outside', head.size);
      } else anchors.set(outside.size, outside.root);
    }
    meetAnchor();
  };
  const meetAnchor = (): void => {
    const root = anchors.get(frontier.size);
    if (root !== undefined && root !== frontier.root()) report('the log differs from what was seen outside', covered);
  };

  for await (const line of lines) {
    if (line === '') continue;
    const record = parseLine(line);
    if (latest === undefined) {
      if (record?.['type'] === 'checkpoint' && typeof record['note'] === 'string') latest = record['note'];
      else return { ok: false, size: 0, problems: [{ what: 'the export does not begin with a checkpoint' }] };
    } else if (record?.['type'] === 'key') {
      const key = typeof record['verifier'] === 'string' ? readKey(record['verifier']) : undefined;
      if (key === undefined) report('a public key is malformed');
      else if (options.publicKeys === undefined) trusted.push(key);
    } else if (record?.['type'] === 'entry') {
      begin();
      readEntry(record, frontier, report);
      meetAnchor();
    } else if (record?.['type'] === 'checkpoint') {
      begin();
      const found = readHead(record['note'], covered);
      if (found !== undefined) {
        if (found.size !== frontier.size)
          report('entries are missing or too many before a checkpoint', Math.min(found.size, frontier.size));
        else if (found.root !== frontier.root()) report('entries differ from what was signed', covered);
        if (found.epoch < epoch) report('a writer that had been fenced off wrote here', covered);
        if (head !== undefined && found.name !== head.name) report('a checkpoint of another log', covered);
        epoch = found.epoch;
      }
      covered = frontier.size;
    } else {
      report('a line is not understood', frontier.size);
    }
  }
  if (latest === undefined) return { ok: false, size: 0, problems: [{ what: 'the export is empty' }] };
  begin();
  if (head !== undefined && head.size !== frontier.size)
    report('the export is cut off or has too much', Math.min(head.size, frontier.size));
  else if (head !== undefined && head.root !== frontier.root())
    report('the log differs from its latest checkpoint', covered);
  return { ok: problems.length === 0, size: frontier.size, problems };
}

function readEntry(
  record: Record<string, unknown>,
  frontier: Frontier,
  report: (what: string, index?: number) => void,
): void {
  const index = frontier.size;
  const { index: claimed, hash, entry } = record;
  const stated = typeof hash === 'string' ? Buffer.from(hash, 'base64') : Buffer.alloc(0);
  if (claimed !== index) report(`entry ${index} is missing or out of order`, index);
  if (entry === undefined) {
    if (stated.length !== 32) report('a withheld entry has no hash', index);
    frontier.add(stated);
    return;
  }
  const text = typeof entry === 'string' ? entry : '';
  const actual = digest(Buffer.of(0), Buffer.from(text));
  if (!actual.equals(stated)) report('the entry differs from its hash', index);
  if (parseLine(text)?.['index'] !== index) report('the entry has another index inside', index);
  frontier.add(actual);
}

function parseLine(line: string): Record<string, unknown> | undefined {
  if (line.length > MAX_LINE) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** A signed-note verifier key; undefined when malformed or its id does not fit. */
function readKey(text: string): Key | undefined {
  const [, name = '', id = '', encoded = ''] = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})$/.exec(text) ?? [];
  const bytes = Buffer.from(encoded, 'base64');
  const type = bytes[0];
  if (bytes.length !== 33 || type === undefined) return undefined;
  if (
    digest(Buffer.from(`${name}\n`), bytes)
      .subarray(0, 4)
      .toString('hex') !== id
  )
    return undefined;
  const x = bytes.subarray(1).toString('base64url');
  return { name, type, id, key: createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }) };
}

/** The tree head of a note that the log's own key (type 1) signed; cosignatures of known witnesses must be good too. */
function openNote(note: string, keys: readonly Key[]): Head | undefined {
  const end = note.lastIndexOf('\n\n');
  if (end < 0) return undefined;
  const text = note.slice(0, end + 1);
  const [, name = '', size, root = '', epoch] =
    /^([^\n]+)\n(\d{1,15})\n([A-Za-z0-9+/]{43}=)\nepoch (\d{1,15})\n$/.exec(text) ?? [];
  let signed = false;
  for (const line of note.slice(end + 2).split('\n')) {
    const [, signer, encoded = ''] = /^— (\S+) (\S+)$/.exec(line) ?? [];
    const bytes = Buffer.from(encoded, 'base64');
    const key = keys.find((one) => one.name === signer && one.id === bytes.subarray(0, 4).toString('hex'));
    if (key === undefined) continue;
    if (!isGood(text, bytes.subarray(4), key)) return undefined;
    signed ||= key.type === 1 && key.name === name;
  }
  return signed ? { name, size: Number(size), root, epoch: Number(epoch) } : undefined;
}

function isGood(text: string, signature: Buffer, key: Key): boolean {
  if (key.type === 1) return verify(null, Buffer.from(text), key.key, signature);
  // tlog-cosignature: eight bytes of time in front, which are part of what is signed.
  if (key.type !== 4 || signature.length !== 72) return false;
  const message = `cosignature/v1\ntime ${signature.readBigUInt64BE(0)}\n${text}`;
  return verify(null, Buffer.from(message), key.key, signature.subarray(8));
}
