/** The verifier of an audit log in the browser, entry by entry and checkpoint by checkpoint; keeps one hash a tree level. */
import { VERIFY } from '../text/verify.ts';
import { claimedSize, type Head, type Key, openNote, readKey } from './read-note.ts';
import { type Bytes, Frontier, fromBase64, toBase64 } from './tree-hash.ts';

export interface VerifyOptions {
  /** Verifier keys (`name+id+key`) that are trusted; without them an export vouches for itself. */
  readonly publicKeys?: readonly string[];
  /** Signed checkpoints that were kept elsewhere; the log must contain the tree of each. */
  readonly anchors?: readonly string[];
}

export interface Fault {
  /** First entry that is concerned, where it can be known. */
  readonly index?: number;
  readonly what: string;
}

export interface Verification {
  readonly ok: boolean;
  /** Entries read. */
  readonly size: number;
  /** Those of them that are there by their hash only, as entries of other tenants are; absent when all can be read. */
  readonly hashOnly?: number;
  readonly problems: readonly Fault[];
}

/** More of them say nothing new. */
const MAX_PROBLEMS = 100;

export class LogVerification {
  readonly #problems: Fault[] = [];
  readonly #frontier = new Frontier();
  readonly #anchors: readonly string[];
  /** Roots that were passed at the sizes of the anchors. */
  readonly #passed = new Map<number, string | undefined>();
  /** Keys that may sign the next checkpoint: witnesses, and one of the log once it is known. */
  #keys: readonly Key[] = [];
  /** All that ever were in force, for anchors, which may be old. */
  readonly #known: Key[] = [];
  #covered = 0;
  #hashOnly = 0;
  #diverged = false;
  #epoch = 0;
  #origin: string | undefined;

  private constructor(anchors: readonly string[]) {
    this.#anchors = anchors;
  }

  static async begin({ publicKeys = [], anchors = [] }: VerifyOptions): Promise<LogVerification> {
    const log = new LogVerification(anchors);
    for (const text of publicKeys) await log.trust(text, VERIFY.key);
    for (const note of anchors) {
      const size = claimedSize(note);
      if (size !== undefined) log.#passed.set(size, undefined);
    }
    await log.#pass();
    return log;
  }

  get size(): number {
    return this.#frontier.size;
  }

  report(what: string, index?: number): void {
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push(index === undefined ? { what } : { index, what });
  }

  /** Takes a key: one that was given, or one that came with the log where nobody named one to trust. */
  async trust(text: unknown, otherwise: string = VERIFY.ownKey): Promise<void> {
    const key = typeof text === 'string' ? await readKey(text) : undefined;
    if (key === undefined) return this.report(otherwise);
    this.#keys = [...this.#keys, key];
    this.#known.push(key);
  }

  /** The next entry with the hash of its line, and the hash that stands beside it (base64). */
  async entry(line: string, leaf: Bytes, stated: string): Promise<void> {
    const { size: index } = this;
    if (toBase64(leaf) !== stated) this.report(VERIFY.hash, index);
    if (!line.includes(`"index":${index},`) && indexOf(line) !== index) this.report(VERIFY.index, index);
    await this.#add(leaf);
  }

  /** The next entry where only its hash may be seen. */
  async withheld(stated: unknown): Promise<void> {
    const leaf = typeof stated === 'string' ? fromBase64(stated) : new Uint8Array(0);
    if (leaf.length !== 32) this.report(VERIFY.withheld, this.size);
    this.#hashOnly += 1;
    await this.#add(leaf.length === 32 ? leaf : new Uint8Array(32));
  }

  /** The checkpoint that stands behind the entries so far. */
  async checkpoint(note: unknown): Promise<void> {
    const [{ size }, from] = [this, this.#covered];
    const head = await this.#open(note, from);
    if (head !== undefined) {
      if (head.size !== size) this.report(VERIFY.count, Math.min(head.size, size));
      else if (head.root !== (await this.#frontier.root())) this.#diverge(VERIFY.signed, from);
      if (head.epoch < this.#epoch) this.report(VERIFY.fenced, from);
      this.#epoch = head.epoch;
      this.#origin ??= head.name;
      if (head.next !== undefined) await this.#follow(head.next, head.size);
    }
    this.#covered = size;
  }

  /** Compares with the newest checkpoint, the export's first line, and with the anchors. */
  async end(latest: string): Promise<Verification> {
    const { size } = this;
    // The newest checkpoint may be the one that names the next key: then its signer has just been replaced.
    const head = await openNote(latest, this.#known);
    if (head === undefined) this.report(VERIFY.newestNote, this.#covered);
    else {
      if (head.size !== size) this.report(VERIFY.cut, Math.min(head.size, size));
      else if (head.root !== (await this.#frontier.root())) this.#diverge(VERIFY.newest, this.#covered);
      if (this.#origin !== undefined && head.name !== this.#origin) this.report(VERIFY.otherLog, this.#covered);
    }
    await this.#compareAnchors(head?.name ?? this.#origin);
    const hashOnly = this.#hashOnly === 0 ? {} : { hashOnly: this.#hashOnly };
    return { ok: this.#problems.length === 0, size, ...hashOnly, problems: this.#problems };
  }

  async #add(leaf: Bytes): Promise<void> {
    await this.#frontier.add(leaf);
    await this.#pass();
  }

  async #open(note: unknown, index: number): Promise<Head | undefined> {
    const head = typeof note === 'string' ? await openNote(note, this.#keys) : undefined;
    if (head === undefined) this.report(VERIFY.note, index);
    else if (this.#origin !== undefined && head.name !== this.#origin) this.report(VERIFY.otherLog, index);
    return head;
  }

  /** From here on only the next key signs: one that was stolen later, and is out of force, writes nothing any more. */
  async #follow(text: string, index: number): Promise<void> {
    const next = await readKey(text);
    if (next?.type !== 1) return this.report(VERIFY.nextKey, index - 1);
    this.#keys = [...this.#keys.filter(({ type }) => type !== 1), next];
    this.#known.push(next);
  }

  /** Once: every root behind the first wrong one is wrong as well. */
  #diverge(what: string, index: number): void {
    if (!this.#diverged) this.report(what, index);
    this.#diverged = true;
  }

  async #pass(): Promise<void> {
    if (this.#passed.has(this.size)) this.#passed.set(this.size, await this.#frontier.root());
  }

  /** An anchor that fits proves all before it: where one does not, the first difference stands behind the last that does. */
  async #compareAnchors(origin: string | undefined): Promise<void> {
    const heads: Head[] = [];
    for (const note of this.#anchors) {
      const head = await openNote(note, this.#known);
      if (head === undefined || head.name !== (origin ?? head.name)) this.report(VERIFY.anchor);
      if (head !== undefined) heads.push(head);
    }
    let fitting = 0;
    for (const { size, root } of heads.toSorted((a, b) => a.size - b.size)) {
      if (size > this.size) this.report(VERIFY.short, this.size);
      else if (this.#passed.get(size) === root) fitting = size;
      else return this.report(VERIFY.fork(fitting, size - 1), fitting);
    }
  }
}

/** The index that an entry says of itself. */
function indexOf(line: string): unknown {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && 'index' in value ? value.index : undefined;
  } catch {
    return undefined;
  }
}
