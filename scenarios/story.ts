/**
 * A story: one incident as demo, documentation and test. What is broken, what must be seen, what is asked, what must be
 * answered and repaired; written in YAML, for any branch of the reference network.
 */
import { readFileSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { WayleaveError } from '../broker/errors.ts';

const scalar = z.union([z.string(), z.number(), z.boolean()]);

/** How observed values are compared; exactly one is given. */
const comparison = z
  .strictObject({
    equals: scalar.optional(),
    not: scalar.optional(),
    matches: z.string().max(200).optional(),
  })
  .refine(
    (one) => Object.values(one).filter((value) => value !== undefined).length === 1,
    'give exactly one of equals, not, matches',
  );

/** One assertion on telemetry, read with a tool through the broker. */
const assertion = z
  .strictObject({
    says: z.string().min(1).max(200),
    tool: z.string(),
    devices: z.array(z.string()).optional(),
    input: z.record(z.string(), scalar).default({}),
    signal: z.string(),
    /** Regular expression on the resource name. */
    resource: z.string().optional(),
    some: comparison.optional(),
    every: comparison.optional(),
    none: comparison.optional(),
    /** Seconds of the network's clock until it must be so. */
    within: z.number().int().min(0).max(3600).default(30),
  })
  .refine(
    (one) => [one.some, one.every, one.none].filter((value) => value !== undefined).length === 1,
    'give exactly one of some, every, none',
  );

const story = z.strictObject({
  id: z.string().regex(/^[A-Z]\d{2}$/),
  title: z.string(),
  /** Branch of the catalogue's own incident; `{N}` in any text below stands for the branch. */
  branch: z.number().int().min(1),
  fault: z.strictObject({ type: z.string(), resource: z.string() }),
  question: z.string().min(3).max(500),
  symptoms: z.array(assertion).min(1),
  stays_healthy: z.array(assertion).min(1),
  expect: z.strictObject({
    resource: z.string(),
    fault_type: z.string(),
    /** Look-alikes that the answer must rule out by evidence. */
    ruled_out: z.array(z.string()),
    /** Tool of the repair, or `none` when no change of ours can repair it. */
    repair: z.string(),
  }),
});

export type Story = z.infer<typeof story>;
export type Assertion = z.infer<typeof assertion>;

export const STORY_IDS = ['R01', 'P04', 'O01', 'T01', 'R02', 'D03'] as const;

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
