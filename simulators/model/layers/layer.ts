/** What a layer of the network is: for each of its cells, what it should be, and what follows when it became so. */
import type { Cell, World } from '../world.ts';

/** Where a cell is heading, and how long after the cause. A delay of 0 happens within the same instant. */
export interface Wish<Value> {
  readonly value: Value;
  readonly delayMs: number;
}

export interface Layer<C extends Cell> {
  /** A pure function of configurations, conditions and the cells below. */
  target(world: World, cell: C): Wish<C['value']>;
  /** Announces the change and marks what depends on it; `from` is the value before. */
  changed(world: World, cell: C, from: C['value']): void;
}
