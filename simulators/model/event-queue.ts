/** The future of the network: a queue ordered by virtual time, first come first served within a millisecond. */

interface Entry {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
  cancelled: boolean;
}

/** Cancels what was scheduled; harmless after it ran. */
export type Cancel = () => void;

/** A binary heap of callbacks; cancelled ones are dropped when they surface. */
export class EventQueue {
  readonly #heap: Entry[] = [];
  #order = 0;

  schedule(at: number, run: () => void): Cancel {
    const entry: Entry = { at, order: this.#order++, run, cancelled: false };
    this.#heap.push(entry);
    this.#rise(this.#heap.length - 1);
    return () => {
      entry.cancelled = true;
    };
  }

  /** Time of the next live entry, or undefined when nothing is queued. */
  nextAt(): number | undefined {
    while (this.#heap[0]?.cancelled === true) this.#pop();
    return this.#heap[0]?.at;
  }

  /** Takes the next entry due at or before `until`. */
  take(until: number): { readonly at: number; readonly run: () => void } | undefined {
    const at = this.nextAt();
    return at === undefined || at > until ? undefined : this.#pop();
  }

  #pop(): Entry | undefined {
    const top = this.#heap[0];
    const last = this.#heap.pop();
    if (last !== undefined && this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#sink();
    }
    return top;
  }

  #rise(start: number): void {
    let at = start;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfEarlier(at, parent)) return;
      at = parent;
    }
  }

  #sink(): void {
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const child = this.#earlier(left + 1, left) ? left + 1 : left;
      if (!this.#swapIfEarlier(child, at)) return;
      at = child;
    }
  }

  #earlier(a: number, b: number): boolean {
    const first = this.#heap[a];
    const second = this.#heap[b];
    if (first === undefined || second === undefined) return false;
    return first.at < second.at || (first.at === second.at && first.order < second.order);
  }

  #swapIfEarlier(child: number, parent: number): boolean {
    if (!this.#earlier(child, parent)) return false;
    const [a, b] = [this.#heap[child], this.#heap[parent]];
    if (a !== undefined && b !== undefined) [this.#heap[child], this.#heap[parent]] = [b, a];
    return true;
  }
}
