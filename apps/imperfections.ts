/** What is imperfect about what a simulated network tells: every knob with its default, read from `lost=0.02,statistics=60`. */
import { z } from 'zod';
import { WayleaveError } from '../broker/errors.ts';
import { ORDINARY } from '../simulators/model/imperfection.ts';

interface Knob {
  readonly preset: number;
  readonly most: number;
  /** Whether it is counted rather than a share of messages. */
  readonly whole?: true;
  readonly least?: number;
  readonly says: string;
}

/** By the name that people write; docs/simulator.md shows the same table. */
export const KNOBS = {
  lost: { preset: ORDINARY.lost, most: 1, says: 'Share of traps, syslog and flow messages that never arrive' },
  late: { preset: ORDINARY.late, most: 1, says: 'Share of them that wait' },
  doubled: { preset: ORDINARY.duplicated, most: 1, says: 'Share of them that arrive twice' },
  spread: {
    preset: ORDINARY.spreadMs,
    most: 3_600_000,
    whole: true,
    says: 'Milliseconds that every message may take: within them two can change places',
  },
  wait: {
    preset: ORDINARY.lateMs,
    most: 3_600_000,
    whole: true,
    says: 'Milliseconds more that a late one may take',
  },
  clocks: {
    preset: 10,
    most: 3_600_000,
    whole: true,
    says: 'Milliseconds by which the clock of a device may be wrong, either way',
  },
  statistics: {
    preset: 600,
    most: 86_400,
    whole: true,
    says: "Seconds between two samples of the controller's statistics, at whole multiples of the clock; live state is as old as the question",
  },
  page: { preset: 10_000, least: 1, most: 10_000, whole: true, says: 'Rows in a page of the controller at most' },
  requests: {
    preset: 100,
    least: 1,
    most: 100_000,
    whole: true,
    says: 'Requests that the controller takes in a second',
  },
} as const satisfies Readonly<Record<string, Knob>>;

export type KnobName = keyof typeof KNOBS;
export type Knobs = Readonly<Record<KnobName, number>>;

const NAMES = Object.keys(KNOBS) as readonly KnobName[];

/** Every knob with a value in its range, as it crosses to the simulators' process. */
export const knobsForm = z.strictObject(
  Object.fromEntries(NAMES.map((name) => [name, formOf(KNOBS[name])])) as Record<KnobName, z.ZodNumber>,
);

function formOf({ most, least = 0, whole }: Knob): z.ZodNumber {
  const form = z.number().min(least).max(most);
  return whole === true ? form.int() : form;
}

/** `''` is the default of every knob. Throws `USAGE` that names the knob, what was wrong and what may be given. */
export function parseImperfections(text: string): Knobs {
  const found: Record<KnobName, number> = { ...presets() };
  const parts = text === '' ? [] : text.split(',');
  for (const part of parts) {
    const [name = '', value = '', ...more] = part.trim().split('=');
    const known = NAMES.find((one) => one === name);
    if (known === undefined)
      throw new WayleaveError(
        'USAGE',
        `imperfections: there is no knob ${JSON.stringify(name)}; there are ${NAMES.join(', ')}.`,
      );
    const { most, least = 0, whole }: Knob = KNOBS[known];
    const number =
      /^\d+(\.\d+)?$/.test(value) && more.length === 0 ? formOf(KNOBS[known]).safeParse(Number(value)) : undefined;
    if (number?.success !== true)
      throw new WayleaveError(
        'USAGE',
        `imperfections: ${known} is ${whole === true ? 'a whole number' : 'a number'} from ${least} to ${most}, not ${JSON.stringify(value)}.`,
      );
    found[known] = number.data;
  }
  return found;
}

const presets = (): Knobs => Object.fromEntries(NAMES.map((name) => [name, KNOBS[name].preset])) as Knobs;
