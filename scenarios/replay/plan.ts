/** What every case of a replay has in common, wherever it comes from: network, seed, onset, and when somebody asks. */
import { WayleaveError } from '../../broker/errors.ts';
import { FAULT_TYPES } from '../../simulators/faults/faults.ts';
import { noise } from '../../simulators/model/seeded-noise.ts';

/** A network and a seed that cases are played with. */
export interface Setting {
  readonly size: string;
  /** As `--topology` names it. */
  readonly network: string;
  readonly seed: number;
  /** Whether simpler ways of looking are asked as well. */
  readonly baselines: boolean;
  /** Whether devices are reached over real sockets. */
  readonly wire: boolean;
  /** Who is asked; absent: the agents in a chat. */
  readonly through?: 'chat' | 'engine';
  /** Whether the engine is not to know the family of the faults that strike. */
  readonly leaveOut: boolean;
}

/**
 * Seconds after the onset at which somebody asks while all seems well: once what BFD and sessions show is there, and
 * after one, some and many polls of the statistics (600 s each, mean over six).
 */
export const ASKS: readonly number[] = [120, 1_300, 4_500, 15_000];

const HOUR_MS = 3_600_000;
const MONDAY = Date.parse('2026-01-05T00:00:00Z');

/** The onset in working hours (Monday to Friday, 8 to 16 UTC), by the seed and the case; every second for `healthy`. */
export function chooseOnset(id: string, seed: number, anyHour: boolean): string {
  const draw = (what: string): number => noise(seed, 'onset', id, what);
  const day = Math.floor(draw('day') * (anyHour ? 7 : 5));
  const hours = anyHour ? draw('hour') * 24 : 8 + draw('hour') * 8;
  const at = MONDAY + day * 24 * HOUR_MS + Math.floor(hours * 3_600) * 1_000;
  return new Date(at).toISOString();
}

const TYPES = new Map(FAULT_TYPES.map((one) => [one.type, one]));

/** True for what is nobody's fault. Throws `SCENARIO_INVALID` for a type that there is not. */
export function isCondition(type: string, where: string): boolean {
  const found = TYPES.get(type);
  if (found !== undefined) return found.condition === true;
  throw new WayleaveError(
    'SCENARIO_INVALID',
    `${where}: there is no fault type ${type}. \`wayleave fault list\` shows them.`,
  );
}
