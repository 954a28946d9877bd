/** The Merkle tree of RFC 6962 §2.1: hashes, roots, inclusion and consistency proofs, and their verification. Pure. */
import { hash } from 'node:crypto';

export type Hash = Buffer;

/** Root of the empty tree: the hash of nothing (RFC 6962 §2.1). */
export const EMPTY_ROOT: Hash = hash('sha256', '', 'buffer');

const HASH_BYTES = 32;
/** The first byte tells leaves from nodes, so that neither passes for the other (RFC 6962 §2.1). */
const LEAF = 0;
const NODE = 1;
/** A node before it is hashed; filled anew each time. */
const pair = Buffer.alloc(1 + 2 * HASH_BYTES, NODE);

export function hashLeaf(entry: Uint8Array): Hash {
  const bytes = Buffer.allocUnsafe(1 + entry.length);
  bytes[0] = LEAF;
  bytes.set(entry, 1);
  return hash('sha256', bytes, 'buffer');
}

export function hashNode(left: Hash, right: Hash): Hash {
  pair.set(left, 1);
  pair.set(right, 1 + HASH_BYTES);
  return hash('sha256', pair, 'buffer');
}

/** The hashes of one level from number `first` on, packed: an object each would take five times the memory. */
class Row {
  readonly #first: number;
  readonly #chunks: Buffer[] = [];
  #held = 0;

  constructor(first = 0) {
    this.#first = first;
  }

  /** One behind the number of the last. */
  get end(): number {
    return this.#first + this.#held;
  }

  push(hash: Hash): void {
    const at = this.#held % CHUNK;
    if (at === 0) this.#chunks.push(Buffer.allocUnsafe(CHUNK * HASH_BYTES));
    this.#chunks.at(-1)?.set(hash, at * HASH_BYTES);
    this.#held += 1;
  }

  /** Forgets what is behind number `end`. */
  cut(end: number): void {
    this.#held = Math.max(0, Math.min(this.#held, end - this.#first));
    this.#chunks.length = Math.ceil(this.#held / CHUNK);
  }

  get(number: number): Hash | undefined {
    const held = number - this.#first;
    if (held < 0 || held >= this.#held) return undefined;
    const start = (held % CHUNK) * HASH_BYTES;
    return this.#chunks[Math.floor(held / CHUNK)]?.subarray(start, start + HASH_BYTES);
  }
}

const CHUNK = 2048;

/**
 * Every complete subtree of a growing log: 64 bytes an entry, any root or proof in O(log n).
 * Level 0 holds the leaves; level k the roots of the complete, aligned subtrees of 2^k leaves.
 *
 * A tree that was resumed from the peaks of an older one has every root and every consistency proof from that size on;
 * what lies inside of the older one is a `RangeError`.
 */
export class HashTree {
  readonly #levels: Row[] = [new Row()];

  /** A tree of `size` entries of which only the roots of its complete subtrees are known, largest first (`peaks`). */
  static resume(size: number, peaks: readonly Hash[]): HashTree {
    const tree = new HashTree();
    const left = [...peaks];
    for (let level = 0; 2 ** level <= size; level += 1) {
      const complete = Math.floor(size / 2 ** level);
      const hash = complete % 2 === 1 ? left.pop() : undefined;
      if (complete % 2 === 1 && hash === undefined) throw new RangeError('too few peaks');
      const row = new Row(hash === undefined ? complete : complete - 1);
      if (hash !== undefined) row.push(hash);
      tree.#levels[level] = row;
    }
    if (left.length > 0) throw new RangeError('too many peaks');
    return tree;
  }

  get size(): number {
    return this.#levels[0]?.end ?? 0;
  }

  /** Roots of the complete subtrees of which the tree consists, largest first. */
  peaks(): readonly Hash[] {
    return this.#levels.toReversed().flatMap((row) => (row.end % 2 === 1 ? (row.get(row.end - 1) ?? []) : []));
  }

  /** Adds one leaf hash and the subtrees it completes. */
  append(leaf: Hash): void {
    let hash = leaf;
    for (let level = 0; ; level += 1) {
      let row = this.#levels[level];
      if (row === undefined) {
        row = new Row();
        this.#levels.push(row);
      }
      row.push(hash);
      const left = row.get(row.end - 2);
      if (row.end % 2 !== 0 || left === undefined) return;
      hash = hashNode(left, hash);
    }
  }

  /** Takes back the leaves behind the first `size`, which came after everything that was resumed from. */
  truncate(size: number): void {
    this.#check(size);
    for (const [level, row] of this.#levels.entries()) row.cut(Math.floor(size / 2 ** level));
  }

  leaf(index: number): Hash {
    return this.#range(index, index + 1);
  }

  /** MTH(D[0:size]). */
  root(size: number = this.size): Hash {
    this.#check(size);
    return size === 0 ? EMPTY_ROOT : this.#range(0, size);
  }

  /** PATH(index, D[size]), RFC 6962 §2.1.1, deepest sibling first. */
  inclusionProof(index: number, size: number): readonly Hash[] {
    this.#check(size);
    if (!Number.isInteger(index) || index < 0 || index >= size) throw new RangeError('no such entry in that tree');
    const path: Hash[] = [];
    let [start, end] = [0, size];
    while (end - start > 1) {
      const middle = start + splitSize(end - start);
      if (index < middle) {
        path.push(this.#range(middle, end));
        end = middle;
      } else {
        path.push(this.#range(start, middle));
        start = middle;
      }
    }
    return path.reverse();
  }

  /** PROOF(old, D[size]), RFC 6962 §2.1.2; empty when `old` is 0 or `size`. */
  consistencyProof(old: number, size: number): readonly Hash[] {
    this.#check(size);
    if (!Number.isInteger(old) || old < 0 || old > size) throw new RangeError('the older tree must not be larger');
    if (old === 0 || old === size) return [];
    const proof: Hash[] = [];
    let [start, end] = [0, size];
    let whole = true;
    while (old !== end) {
      const middle = start + splitSize(end - start);
      if (old <= middle) {
        proof.push(this.#range(middle, end));
        end = middle;
      } else {
        proof.push(this.#range(start, middle));
        start = middle;
        whole = false;
      }
    }
    if (!whole) proof.push(this.#range(start, end));
    return proof.reverse();
  }

  /** Hash of leaves [start, end), where start is a multiple of the largest subtree in it. */
  #range(start: number, end: number): Hash {
    const count = end - start;
    if ((count & (count - 1)) === 0) {
      const stored = this.#levels[31 - Math.clz32(count)]?.get(start / count);
      if (stored !== undefined) return stored;
    }
    const middle = start + splitSize(count);
    if (count <= 1) throw new RangeError('no such leaf');
    return hashNode(this.#range(start, middle), this.#range(middle, end));
  }

  #check(size: number): void {
    if (!Number.isInteger(size) || size < 0 || size > this.size) throw new RangeError('the tree has no such size');
  }
}

/** The largest power of two smaller than `count` (RFC 6962 §2.1, k < n ≤ 2k). */
const splitSize = (count: number): number => (count < 2 ? 0 : 2 ** (31 - Math.clz32(count - 1)));

/** RFC 9162 §2.1.3.2. */
export function verifyInclusion(leaf: Hash, index: number, size: number, proof: readonly Hash[], root: Hash): boolean {
  if (!Number.isInteger(index) || index < 0 || index >= size) return false;
  let [fn, sn, hash] = [index, size - 1, leaf];
  for (const sibling of proof) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      hash = hashNode(sibling, hash);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      hash = hashNode(hash, sibling);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && hash.equals(root);
}

/** RFC 9162 §2.1.4.2; the proof between equal trees and from the empty tree is empty. */
export function verifyConsistency(
  old: number,
  size: number,
  proof: readonly Hash[],
  oldRoot: Hash,
  root: Hash,
): boolean {
  if (!Number.isInteger(old) || !Number.isInteger(size) || old < 0 || old > size) return false;
  if (old === size) return proof.length === 0 && oldRoot.equals(root);
  if (old === 0) return proof.length === 0 && oldRoot.equals(EMPTY_ROOT);
  const path = isPowerOfTwo(old) ? [oldRoot, ...proof] : [...proof];
  const seed = path.shift();
  if (seed === undefined) return false;
  let [fn, sn] = [old - 1, size - 1];
  while (fn % 2 === 1) [fn, sn] = [half(fn), half(sn)];
  let [older, newer] = [seed, seed];
  for (const sibling of path) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      older = hashNode(sibling, older);
      newer = hashNode(sibling, newer);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [half(fn), half(sn)];
    } else {
      newer = hashNode(newer, sibling);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && older.equals(oldRoot) && newer.equals(root);
}

const half = (value: number): number => Math.floor(value / 2);
const isPowerOfTwo = (value: number): boolean => Number.isInteger(Math.log2(value));
