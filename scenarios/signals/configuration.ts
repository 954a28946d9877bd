/** Signals of configuration: whether a device runs what the director intends, and where it does not. */
import type { SignalReader } from './reader.ts';

const compared =
  (signal: string): SignalReader =>
  (surface) =>
    surface
      .use({ tool: 'config.diff', devices: surface.devices(), input: {} })
      .flatMap((one) => (one.signal === signal ? [{ resource: one.resource, value: one.value }] : []));

export const configurationSignals = {
  'cfg.sync': compared('cfg.sync'),
  'cfg.diff': compared('cfg.diff'),
} as const;
