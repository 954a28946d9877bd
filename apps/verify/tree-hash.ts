/**
 * The hashing of RFC 6962 §2.1 for the verifier, and its checks of proofs (RFC 9162 §2.1.3.2, §2.1.4.2). Pure.
 *
 * Written apart from the log's own tree: what one of them gets wrong, the other does not confirm.
 */
import { hash } from 'node:crypto';

const sha256 = (bytes: Uint8Array): Buffer => hash('sha256', bytes, 'buffer');

/** Both children behind the prefix of a node; filled anew for each hash. */
const pair = Buffer.alloc(65, 1);

export function hashPair(left: Uint8Array, right: Uint8Array): Buffer {
  pair.set(left, 1);
  pair.set(right, 33);
  return sha256(pair);
}

/** Leaf hash of an entry's line: the prefix of a leaf is a zero byte, which has the same form in UTF-8. */
export const hashEntry = (line: string): Buffer => sha256(Buffer.from(`\0${line}`));

/** Roots of the complete subtrees of what was read, largest first: one hash a level, whatever the size. */
export class Frontier {
  size = 0;
  readonly #peaks: { readonly height: number; readonly hash: Buffer }[] = [];

  add(leaf: Buffer): void {
    let [height, merged] = [0, leaf];
    for (let peak = this.#peaks.at(-1); peak?.height === height; peak = this.#peaks.at(-1)) {
      merged = hashPair(peak.hash, merged);
      height += 1;
      this.#peaks.pop();
    }
    this.#peaks.push({ height, hash: merged });
    this.size += 1;
  }

  root(): string {
    const [last, ...rest] = this.#peaks.map((peak) => peak.hash).reverse();
    if (last === undefined) return sha256(Buffer.alloc(0)).toString('base64');
    return rest.reduce((right, left) => hashPair(left, right), last).toString('base64');
  }
}

/** Whether `leaf` is entry `index` of the tree with this size and root (base64). */
export function isIncluded(leaf: Buffer, index: number, size: number, proof: readonly Buffer[], root: string): boolean {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false;
  if (proof.some((one) => one.length !== 32)) return false;
  // Bit by bit from the leaf up: a right child hashes from the left; a last node without sibling moves up unhashed.
  let [at, last, node] = [BigInt(index), BigInt(size - 1), leaf];
  for (const sibling of proof) {
    if (last === 0n) return false;
    if ((at & 1n) === 1n || at === last) {
      node = hashPair(sibling, node);
      while ((at & 1n) === 0n && at !== 0n) {
        at >>= 1n;
        last >>= 1n;
      }
    } else node = hashPair(node, sibling);
    at >>= 1n;
    last >>= 1n;
  }
  return last === 0n && node.toString('base64') === root;
}

/** Whether the tree of `size` and `root` continues the tree of `oldSize` and `oldRoot` (base64 both). */
export function isContinued(
  oldSize: number,
  size: number,
  proof: readonly Buffer[],
  oldRoot: string,
  root: string,
): boolean {
  if (!Number.isSafeInteger(oldSize) || !Number.isSafeInteger(size) || oldSize < 0 || oldSize > size) return false;
  if (proof.some((one) => one.length !== 32)) return false;
  if (oldSize === size) return proof.length === 0 && oldRoot === root;
  if (oldSize === 0) return proof.length === 0 && oldRoot === new Frontier().root();
  let [at, last] = [BigInt(oldSize - 1), BigInt(size - 1)];
  while ((at & 1n) === 1n) {
    at >>= 1n;
    last >>= 1n;
  }
  // An old tree that is one complete subtree is its own first node, and the proof leaves it out.
  const nodes = at === 0n ? [Buffer.from(oldRoot, 'base64'), ...proof] : [...proof];
  const first = nodes.shift();
  if (first === undefined) return false;
  let [older, newer] = [first, first];
  for (const sibling of nodes) {
    if (last === 0n) return false;
    if ((at & 1n) === 1n || at === last) {
      older = hashPair(sibling, older);
      newer = hashPair(sibling, newer);
      while ((at & 1n) === 0n && at !== 0n) {
        at >>= 1n;
        last >>= 1n;
      }
    } else newer = hashPair(newer, sibling);
    at >>= 1n;
    last >>= 1n;
  }
  return last === 0n && older.toString('base64') === oldRoot && newer.toString('base64') === root;
}
