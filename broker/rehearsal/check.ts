/** What a check of the rehearsal is given, and what it answers: one device of the change at a time, the network before and after all of it. */
import type { DeviceConfig } from '../../protocols/device/config.ts';
import type { RehearsalInput, View } from './predict.ts';

export interface Facts {
  readonly input: RehearsalInput;
  readonly device: string;
  readonly old: DeviceConfig;
  readonly changed: DeviceConfig;
  readonly before: View;
  readonly after: View;
}

/** What would be wrong, a few words each; nothing means that it holds. `percent` is the figure of the invariant that uses it. */
export type Check = (facts: Facts, figures: { readonly percent: number }) => readonly string[];
