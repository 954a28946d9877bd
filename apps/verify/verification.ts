/**
 * The verifier of an audit log, entry by entry and checkpoint by checkpoint, wherever they come from. It shares no code
 * with the log that wrote them, and keeps one hash a tree level.
 *
 * What no log can show by itself is that it is the newest and the only one: give `anchors`, checkpoints that a witness
 * or a human kept, to find one that was cut, rolled back or forked as a whole.
 */
import { claimedSize, type Head, type Key, openNote, readKey } from './read-note.ts';
import { Frontier, hashEntry } from './tree-hash.ts';

export interface VerifyOptions {
  /**
   * Verifier keys (`name+id+key`) that are trusted: the log's first one, and those of witnesses. The log's later keys
   * are followed from there. Without them an export vouches for itself, and a re-signed one passes.
   */
  readonly publicKeys?: readonly string[];
  /** Signed checkpoints from outside; the log must contain the tree of each. */
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
  /**
   * Those of them that are there by their hash only; absent when all can be read. In the export of a tenant they are the entries
   * of others. That nobody took the text of one out before he handed the export on, no verifier can see: it tells how many.
   */
  readonly hashOnly?: number;
  readonly problems: readonly Problem[];
}

/** More problems than this say nothing new. */
const MAX_PROBLEMS = 100;

export class LogVerification {
  readonly #problems: Problem[] = [];
  readonly #frontier = new Frontier();
  /** Keys that may sign the next checkpoint: witnesses, and one of the log once it is known. */
  #keys: readonly Key[];
  /** All that ever were in force, for anchors, which may be old. */
  readonly #known: Key[];
  readonly #anchors: readonly string[];
  /** Roots that were passed at the sizes of the anchors. */
  readonly #passed = new Map<number, string | undefined>();
  #covered = 0;
  #hashOnly = 0;
  #diverged = false;
  #epoch = 0;
  #origin: string | undefined;

  constructor(options: VerifyOptions = {}) {
    const keys = (options.publicKeys ?? []).map(readKey);
    if (keys.includes(undefined)) this.report('a given public key is malformed');
    this.#known = keys.filter((key) => key !== undefined);
    this.#keys = [...this.#known];
    this.#anchors = options.anchors ?? [];
    for (const note of this.#anchors) {
      const size = claimedSize(note);
      if (size !== undefined) this.#passed.set(size, undefined);
    }
    this.#pass();
  }

  get size(): number {
    return this.#frontier.size;
  }

  /** End of the last signed checkpoint. */
  get covered(): number {
    return this.#covered;
  }

  report(what: string, index?: number): void {
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push(index === undefined ? { what } : { index, what });
  }

  /** Takes a key that came with the log itself, where nobody named one to trust. */
  trust(text: unknown): void {
    const key = typeof text === 'string' ? readKey(text) : undefined;
    if (key === undefined) {
      this.report('a public key is malformed');
      return;
    }
    this.#keys = [...this.#keys, key];
    this.#known.push(key);
  }

  /** The next entry as it is kept; `stated` is the hash that stands beside it in an export (base64). */
  entry(line: string, stated?: string): void {
    const { size: index } = this.#frontier;
    const leaf = hashEntry(line);
    if (stated !== undefined && leaf.toString('base64') !== stated)
      this.report('the entry differs from its hash', index);
    // Parsing every entry costs as much as hashing it. Where its number stands inside is for naming a fault: the tree finds it.
    if (!line.includes(`"index":${index},`) && indexOf(line) !== index)
      this.report('the entry has another index inside', index);
    this.#frontier.add(leaf);
    this.#pass();
  }

  /** The next entry where only its hash may be seen. */
  withheld(stated: unknown): void {
    const leaf = typeof stated === 'string' ? Buffer.from(stated, 'base64') : Buffer.alloc(0);
    if (leaf.length !== 32) this.report('a withheld entry has no hash', this.#frontier.size);
    this.#hashOnly += 1;
    this.#frontier.add(leaf.length === 32 ? leaf : Buffer.alloc(32));
    this.#pass();
  }

  /** The checkpoint that stands behind the entries so far. */
  checkpoint(note: unknown): void {
    const [frontier, from] = [this.#frontier, this.#covered];
    const head = this.#open(note, from);
    if (head !== undefined) {
      if (head.size !== frontier.size)
        this.report('entries are missing or too many before a checkpoint', Math.min(head.size, frontier.size));
      else if (head.root !== frontier.root()) this.#diverge('entries differ from what was signed', from);
      if (head.epoch < this.#epoch) this.report('a writer that had been fenced off wrote here', from);
      this.#epoch = head.epoch;
      this.#origin ??= head.name;
      if (head.next !== undefined) this.#follow(head.next, head.size);
    }
    this.#covered = frontier.size;
  }

  /** Compares with the newest checkpoint (of an export: its first line) and with the anchors. */
  end(latest?: string): Verification {
    const { size } = this.#frontier;
    // The newest checkpoint may be the one that names the next key: then its signer has just been replaced.
    const head = latest === undefined ? undefined : openNote(latest, this.#known);
    if (latest !== undefined && head === undefined)
      this.report('the newest checkpoint is malformed or not signed by a known key', this.#covered);
    if (head !== undefined) {
      if (head.size !== size) this.report('the log is cut off or has too much', Math.min(head.size, size));
      else if (head.root !== this.#frontier.root())
        this.#diverge('the log differs from its newest checkpoint', this.#covered);
      if (this.#origin !== undefined && head.name !== this.#origin)
        this.report('a checkpoint of another log', this.#covered);
    } else if (latest === undefined && this.#covered !== size) {
      this.report('entries stand behind the last checkpoint', this.#covered);
    }
    this.#compareAnchors(head?.name ?? this.#origin);
    const hashOnly = this.#hashOnly === 0 ? {} : { hashOnly: this.#hashOnly };
    return { ok: this.#problems.length === 0, size, ...hashOnly, problems: this.#problems };
  }

  #open(note: unknown, index: number): Head | undefined {
    const head = typeof note === 'string' ? openNote(note, this.#keys) : undefined;
    if (head === undefined) this.report('a checkpoint is malformed or not signed by the key in force', index);
    else if (this.#origin !== undefined && head.name !== this.#origin)
      this.report('a checkpoint of another log', index);
    return head;
  }

  /** From here on only the next key signs: one that was stolen later, and is out of force, writes nothing any more. */
  #follow(text: string, index: number): void {
    const next = readKey(text);
    if (next?.type !== 1) {
      this.report('the next key is malformed', index - 1);
      return;
    }
    this.#keys = [...this.#keys.filter((key) => key.type !== 1), next];
    this.#known.push(next);
  }

  /** Once: every root behind the first wrong one is wrong as well. */
  #diverge(what: string, index: number): void {
    if (!this.#diverged) this.report(what, index);
    this.#diverged = true;
  }

  #pass(): void {
    if (this.#passed.has(this.#frontier.size)) this.#passed.set(this.#frontier.size, this.#frontier.root());
  }

  /** An anchor that fits proves all before it: where one does not, the first difference stands behind the last that does. */
  #compareAnchors(origin: string | undefined): void {
    const heads = this.#anchors.flatMap((note) => {
      const head = openNote(note, this.#known);
      if (head === undefined || head.name !== (origin ?? head.name))
        this.report('an anchor is malformed or not signed by a known key');
      return head ?? [];
    });
    let fitting = 0;
    for (const { size, root } of heads.sort((a, b) => a.size - b.size)) {
      const { size: read } = this.#frontier;
      if (size > read) this.report('the log ends before a checkpoint that was seen outside', read);
      else if (this.#passed.get(size) === root) fitting = size;
      else {
        this.report(`entries ${fitting} to ${size - 1} differ from what was seen outside`, fitting);
        return;
      }
    }
  }
}

/** The index that an entry says of itself. */
function indexOf(line: string): number | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null || !('index' in value)) return undefined;
    return typeof value.index === 'number' ? value.index : undefined;
  } catch {
    return undefined;
  }
}
