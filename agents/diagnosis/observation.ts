/** One uniform observation: what a reading says about one thing, in one vocabulary, keyed by what the thing is and never by its name. */
import type { Evidence } from '../../broker/contract.ts';

/** What the diagnosis needs of a piece of evidence. */
export type Sighting = Pick<Evidence, 'id' | 'resource' | 'signal' | 'value' | 'observedAt' | 'source'>;

/** The thing that was looked at, with everything that decides how it relates to a fault. */
export interface Entity {
  readonly kind: 'device' | 'port' | 'tunnel' | 'session' | 'control' | 'host' | 'application';
  readonly device?: string | undefined;
  readonly port?: string | undefined;
  readonly color?: string | undefined;
  /** The far device of a tunnel or session; the controller of a control connection. */
  readonly peer?: string | undefined;
  readonly peerColor?: string | undefined;
  readonly site?: string | undefined;
  readonly vrf?: number | undefined;
  readonly host?: string | undefined;
  readonly application?: string | undefined;
  /** Name of a policy that the reading is about. */
  readonly policy?: string | undefined;
}

/**
 * `feature` is the family (`bfd`, `cfg`); `value` is what it shows, `normal` when all is well. A thing that was looked at
 * and is well is an observation too: absent symptoms are evidence.
 */
export interface Observation {
  readonly feature: string;
  readonly value: string;
  readonly entity: Entity;
  readonly evidence: readonly string[];
  readonly resource: string;
  /** What was read, as text for people. */
  readonly shown: string;
  readonly observedAt: string;
}

export const NORMAL = 'normal';

/** Makes observations of a sighting. */
export const told = (
  { id, resource, signal, value: read, observedAt }: Sighting,
  feature: string,
  value: string,
  entity: Entity,
): Observation => ({ feature, value, entity, evidence: [id], resource, shown: `${signal} ${read}`, observedAt });
