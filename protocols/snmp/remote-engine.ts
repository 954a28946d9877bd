/** What one end knows of another engine that is authoritative: id, clock and keys; and which messages it believes (RFC 3414 §2.3, §3.2 step 7b). */
import type { SnmpMessage } from './message.ts';
import { MAX_BOOTS, TIME_WINDOW, type UsmKeys } from './usm.ts';

export class RemoteEngine {
  readonly id: Buffer;
  readonly keys: UsmKeys;
  readonly #now: () => number;
  #boots = 0;
  /** Latest engine time received, seconds, and when that was on our clock, milliseconds. */
  #time = 0;
  #at: number;

  /** `now` is a clock in milliseconds. */
  constructor(id: Buffer, keys: UsmKeys, now: () => number) {
    this.id = id;
    this.keys = keys;
    this.#now = now;
    this.#at = now();
  }

  get boots(): number {
    return this.#boots;
  }

  get time(): number {
    const passed = Math.max(0, Math.floor((this.#now() - this.#at) / 1_000));
    return Math.min(this.#time + passed, MAX_BOOTS);
  }

  /** Whether an authenticated message is fresh. Only such a message may move the clock, and only forward. */
  admit({ engineBoots, engineTime }: Pick<SnmpMessage, 'engineBoots' | 'engineTime'>): boolean {
    if (engineBoots > this.#boots || (engineBoots === this.#boots && engineTime > this.#time)) {
      this.#boots = engineBoots;
      this.#time = engineTime;
      this.#at = this.#now();
    }
    return this.#boots < MAX_BOOTS && engineBoots === this.#boots && engineTime >= this.time - TIME_WINDOW;
  }
}
