/**
 * The hashing of RFC 6962 §2.1 with WebCrypto, and the check of an inclusion proof (RFC 9162 §2.1.3.2). Pure.
 *
 * Written for the browser, apart from the log and from the verifier of the command line: three that agree.
 */

export type Bytes = Uint8Array<ArrayBuffer>;

export const sha256 = async (bytes: Bytes): Promise<Bytes> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));

export function hashPair(left: Bytes, right: Bytes): Promise<Bytes> {
  const node = new Uint8Array(1 + left.length + right.length);
  node[0] = 1;
  node.set(left, 1);
  node.set(right, 1 + left.length);
  return sha256(node);
}

/** Leaf hash of an entry's line: the prefix of a leaf is a zero byte, which has the same form in UTF-8. */
export const hashEntry = (line: string): Promise<Bytes> => sha256(new TextEncoder().encode(`\0${line}`));

export const toBase64 = (bytes: Bytes): string => btoa(String.fromCharCode(...bytes));

/** Nothing where it is not base64. */
export function fromBase64(text: string): Bytes {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return new Uint8Array(0);
  }
}

/** Roots of the complete subtrees of what was read, largest first: one hash a level, whatever the size. */
export class Frontier {
  size = 0;
  readonly #peaks: { readonly height: number; readonly hash: Bytes }[] = [];

  async add(leaf: Bytes): Promise<void> {
    let [height, merged] = [0, leaf];
    for (let peak = this.#peaks.at(-1); peak?.height === height; peak = this.#peaks.at(-1)) {
      // Each hash takes the one before it: there is nothing to do at once.
      merged = await hashPair(peak.hash, merged);
      height += 1;
      this.#peaks.pop();
    }
    this.#peaks.push({ height, hash: merged });
    this.size += 1;
  }

  /** base64 */
  async root(): Promise<string> {
    const [last, ...rest] = this.#peaks.map(({ hash }) => hash).reverse();
    if (last === undefined) return toBase64(await sha256(new Uint8Array(0)));
    let right = last;
    for (const left of rest) right = await hashPair(left, right);
    return toBase64(right);
  }
}

/** Whether `leaf` is entry `index` of the tree with this size and root (base64). */
export async function isIncluded(
  leaf: Bytes,
  index: number,
  size: number,
  proof: readonly Bytes[],
  root: string,
): Promise<boolean> {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false;
  if (proof.length > 53 || proof.some((one) => one.length !== 32)) return false;
  // Level by level from the leaf up; a last node without sibling moves up unhashed. Divided, as indexes exceed 32 bits.
  let [at, last, node] = [index, size - 1, leaf];
  for (const sibling of proof) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      node = await hashPair(sibling, node);
      for (; at % 2 === 0 && at !== 0; last = Math.floor(last / 2)) at /= 2;
    } else node = await hashPair(node, sibling);
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && toBase64(node) === root;
}
