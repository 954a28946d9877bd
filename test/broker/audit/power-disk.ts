/**
 * A disk that can lose power, as a file port in memory: what was written and not synced is lost, or there in part, or
 * torn at any byte, when the power is cut in the middle of any operation.
 */
import type { FilePort } from '../../../broker/audit/file-port.ts';

export type Random = () => number;

/** Reproducible numbers in [0, 1) (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Smaller than a real one, so that short entries span several. */
const SECTOR = 64;

interface Held {
  /** What is on the platter. */
  durable: Buffer;
  /** What a reader sees while there is power. */
  seen: Buffer;
}

export class PowerDisk {
  readonly #files = new Map<string, Held>();
  readonly #random: Random;
  #left: number;
  /** Operations so far. */
  operations = 0;

  /** The power goes in operation number `cutAt`. */
  constructor(random: Random, cutAt = Number.POSITIVE_INFINITY, files: ReadonlyMap<string, Buffer> = new Map()) {
    this.#random = random;
    this.#left = cutAt;
    for (const [name, bytes] of files) this.#files.set(name, { durable: bytes, seen: bytes });
  }

  /** What is left when the power is back. */
  afterCut(cutAt?: number): PowerDisk {
    const files = new Map([...this.#files].map(([name, held]) => [name, this.#surviving(held)]));
    return new PowerDisk(this.#random, cutAt, files);
  }

  /** Any length between what is durable and what was written; each unsynced sector as it was written, or zeros. */
  #surviving({ durable, seen }: Held): Buffer {
    const [shorter, longer] = [Math.min(durable.length, seen.length), Math.max(durable.length, seen.length)];
    const size = shorter + Math.floor(this.#random() * (longer - shorter + 1));
    const bytes = Buffer.alloc(size);
    for (let at = 0; at < size; at += SECTOR) {
      const end = Math.min(at + SECTOR, size);
      const source = end <= durable.length || this.#random() < 0.5 ? durable : seen;
      bytes.set(source.subarray(at, end), at);
      // A sector that holds durable bytes keeps them, whatever became of the rest of it.
      bytes.set(durable.subarray(at, end), at);
    }
    return bytes;
  }

  /** Counts an operation; in the one in which the power goes `torn` is done before nothing works any more. */
  #spend(torn: () => void): void {
    this.operations += 1;
    this.#left -= 1;
    if (this.#left === 0) torn();
    if (this.#left <= 0) throw new Error('the power is gone');
  }

  #held(name: string): Held {
    const held = this.#files.get(name) ?? { durable: Buffer.alloc(0), seen: Buffer.alloc(0) };
    this.#files.set(name, held);
    return held;
  }

  readonly port: FilePort = {
    list: async () => [...this.#files.keys()].toSorted(),
    read: async (name) => this.#files.get(name)?.seen,
    stamp: (name) => this.#files.get(name)?.seen.toString() ?? '',
    open: async (name) => {
      this.#spend(() => undefined);
      const held = this.#held(name);
      return {
        size: async () => held.seen.length,
        append: async (bytes) => {
          this.#spend(() => {
            held.seen = Buffer.concat([held.seen, bytes.subarray(0, Math.floor(this.#random() * bytes.length))]);
          });
          held.seen = Buffer.concat([held.seen, bytes]);
        },
        sync: async () => {
          this.#spend(() => undefined);
          held.durable = held.seen;
        },
        truncate: async (size) => {
          this.#spend(() => undefined);
          held.seen = held.seen.subarray(0, size);
        },
        close: async () => undefined,
      };
    },
    // Written beside, synced and renamed: the old or the new content, never a part.
    replace: async (name, bytes) => {
      const put = (): void => {
        this.#files.set(name, { durable: bytes, seen: bytes });
      };
      this.#spend(() => {
        if (this.#random() < 0.5) put();
      });
      put();
    },
  };
}
