/** What reads a signal: a function from what can be read of a network, and the assertion that asks, to readings. */
import type { Assertion, Reading } from '../assert.ts';
import type { SignalValue } from '../comparison.ts';
import type { Surface } from '../surface.ts';

/** `since`: virtual time from which events and flows count. */
export type SignalReader = (
  surface: Surface,
  ask: Pick<Assertion, 'at' | 'with'>,
  since: number,
) => readonly Omit<Reading, 'signal'>[];

/** Readings out of every device's report. */
export const ofDevices =
  (
    read: (surface: Surface, device: string) => readonly (readonly [resource: string, value: SignalValue])[],
  ): SignalReader =>
  (surface) =>
    surface
      .devices()
      .flatMap((device) => read(surface, device).map(([resource, value]) => ({ resource, value, device })));
