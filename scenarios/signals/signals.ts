/** All signals of the catalogue and how each is read: a literal list, by family. */
import type { Assertion, Reading } from '../assert.ts';
import type { Surface } from '../surface.ts';
import { configurationSignals } from './configuration.ts';
import { deviceSignals } from './device.ts';
import { eventSignals } from './events.ts';
import { flowSignals } from './flows.ts';
import { interfaceSignals } from './interfaces.ts';
import { probeSignals } from './probes.ts';
import type { SignalReader } from './reader.ts';
import { routingSignals } from './routing.ts';
import { siteSignals } from './site.ts';
import { tunnelSignals } from './tunnels.ts';

export const SIGNALS: Readonly<Record<string, SignalReader>> = {
  ...interfaceSignals,
  ...tunnelSignals,
  ...routingSignals,
  ...flowSignals,
  ...configurationSignals,
  ...deviceSignals,
  ...siteSignals,
  ...probeSignals,
  ...eventSignals,
};

/** Reads what an assertion asks for. Throws `RangeError` for a signal that nobody knows. */
export function readSignal(surface: Surface, ask: Assertion, since: number): readonly Reading[] {
  const read = SIGNALS[ask.signal];
  if (read === undefined) throw new RangeError(`there is no signal ${ask.signal}`);
  return read(surface, ask, since).map((one) => ({ ...one, signal: ask.signal }));
}
