/**
 * A story: one incident as demo, documentation and test. What is broken, what must be seen, what is asked, what must be
 * answered and repaired; written in YAML, for any branch of the reference network.
 */
import { readFileSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { WayleaveError } from '../broker/errors.ts';
import { assertion } from './assert.ts';

const fault = z.strictObject({
  type: z.string(),
  resource: z.string(),
  intensity: z.number().positive().max(10).optional(),
  /** Seconds after the onset. */
  after: z.number().int().min(0).default(0),
  /** Part of the situation, but neither asked for nor wrong to name. */
  neutral: z.boolean().default(false),
});

const story = z.strictObject({
  id: z.string().regex(/^[A-Z]\d{2}$/),
  title: z.string(),
  /** Branch of the catalogue's own incident; `{N}` in any text below stands for the branch. */
  branch: z.number().int().min(1),
  /** Resources that the network must have, beside those of the faults. */
  needs: z.array(z.string()).default([]),
  /** Virtual time of the onset: an ISO time on a working day unless the story says otherwise. */
  starts: z.iso.datetime().default('2026-01-06T10:00:00Z'),
  /** Seconds from the onset through which all that stays healthy must stay so. */
  lasts: z.number().int().min(1).max(2_678_400).default(120),
  /** Empty for a network that is healthy. */
  faults: z.array(fault),
  question: z.string().min(3).max(500),
  symptoms: z.array(assertion),
  stays_healthy: z.array(assertion).min(1),
  /** What the tour expects of the agents; absent where the tour does not tell the story. */
  tour: z
    .strictObject({
      resource: z.string(),
      fault_type: z.string(),
      /** Look-alikes that the answer must rule out by evidence. */
      ruled_out: z.array(z.string()),
      /** Tool of the repair, or `none` when no change of ours can repair it. */
      repair: z.string(),
    })
    .optional(),
});

export type Story = z.infer<typeof story>;

/** Every incident of the catalogue, in its order. */
export const STORY_IDS = [
  ...['T01', 'T02', 'T04', 'T06', 'T07', 'T09', 'O01', 'O02', 'O05', 'O06', 'O09', 'C01', 'C02', 'C04', 'C06'],
  ...['R01', 'R02', 'R03', 'R05', 'R06', 'R08', 'R09', 'P01', 'P03', 'P04', 'P06', 'P07', 'S01', 'S04', 'S05'],
  ...['D01', 'D03', 'X01', 'X02', 'H01'],
] as const;

/** Those that the tour can tell from the alarm to the repair. */
export const TOUR_IDS = ['R01', 'P04', 'O01', 'T01', 'R02', 'D03'] as const;

/** A story with all that the tour needs: one fault, and what is expected of the agents. */
export type TourStory = Story & { readonly tour: NonNullable<Story['tour']>; readonly fault: Story['faults'][number] };

/** Reads a story that ships with Wayleave, or any file, for one branch. Throws `SCENARIO_INVALID` with the field. */
export function loadStory(name: string, branch?: number): Story {
  const shipped = STORY_IDS.find((id) => id === name.toUpperCase());
  const file = shipped === undefined ? name : new URL(`./stories/${shipped}.yaml`, import.meta.url);
  const label = shipped ?? name;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new WayleaveError(
      'SCENARIO_INVALID',
      `There is no scenario ${label}: give one of ${STORY_IDS.join(' ')} or a file.`,
    );
  }
  return parseStory(text, label, branch);
}

/** A story for the tour. Throws `SCENARIO_INVALID` for one that the tour cannot tell. */
export function loadTourStory(name: string, branch?: number): TourStory {
  const found = loadStory(name, branch);
  const [first, ...others] = found.faults;
  if (found.tour === undefined || first === undefined || others.length > 0) {
    throw new WayleaveError(
      'SCENARIO_INVALID',
      `${found.id}: the tour cannot tell it: it needs one fault and a part \`tour\`. It tells ${TOUR_IDS.join(' ')}.`,
    );
  }
  return { ...found, tour: found.tour, fault: first };
}

export function parseStory(text: string, label: string, branch?: number): Story {
  if (text.length > 256 * 1024) throw new WayleaveError('SCENARIO_INVALID', `${label}: larger than 256 KiB.`);
  let raw: unknown;
  try {
    raw = parseYaml(text, { maxAliasCount: 0 });
  } catch (error) {
    throw new WayleaveError(
      'SCENARIO_INVALID',
      `${label}: ${error instanceof Error ? error.message.split('\n')[0] : 'not YAML'}`,
    );
  }
  const parsed = story.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new WayleaveError(
      'SCENARIO_INVALID',
      `${label}: ${issue?.path.join('.') || 'document'}: ${issue?.message ?? 'invalid'}`,
    );
  }
  const chosen = branch ?? parsed.data.branch;
  return { ...at(parsed.data, chosen), branch: chosen };
}

/** Puts the branch number in place of `{N}` in every text. */
function at<T>(value: T, branch: number): T {
  if (typeof value === 'string') return value.replaceAll('{N}', String(branch)) as T & string;
  if (Array.isArray(value)) return value.map((one) => at(one, branch)) as T & unknown[];
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, at(one, branch)])) as T & object;
  }
  return value;
}
