/** Compares a replay with an earlier one, case by case: what became better, what worse. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { WayleaveError } from '../../broker/errors.ts';
import type { ReplayReport, ReportedCase } from './summary.ts';

const pair = z.object({ resource: z.string(), fault_type: z.string() });
const report = z.object({
  cases: z.array(
    z.object({
      id: z.string(),
      seed: z.number(),
      size: z.string(),
      not_applicable: z.string().optional(),
      verdict: z.string(),
      root_causes: z.array(pair),
      expected: z.array(pair),
      violations: z.array(z.string()),
      right: z.boolean().optional(),
    }),
  ),
  summary: z.record(z.string(), z.number().nullable()),
});
export type EarlierReport = z.infer<typeof report>;

export interface Comparison {
  readonly figures: readonly { readonly name: string; readonly before: number | null; readonly after: number | null }[];
  readonly better: readonly string[];
  readonly worse: readonly string[];
  readonly changed: readonly string[];
}

/** What `replay --json` wrote at another time. Throws `REPLAY_UNREADABLE`. */
export function readReport(file: string): EarlierReport {
  const refuse = (why: string): WayleaveError => new WayleaveError('REPLAY_UNREADABLE', `${file}: ${why}.`);
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw refuse(error instanceof SyntaxError ? 'not JSON' : 'cannot be read');
  }
  const parsed = report.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw refuse(`${issue?.path.join('.') || 'document'}: ${issue?.message ?? 'not a result of replay'}`);
}

const keyOf = ({ id, size, seed }: Pick<ReportedCase, 'id' | 'size' | 'seed'>): string => `${id} ${size} seed ${seed}`;
const write = (pairs: readonly { readonly resource: string; readonly fault_type: string }[]): string =>
  pairs
    .map(({ fault_type, resource }) => `${fault_type} ${resource}`)
    .sort()
    .join(' + ');
type Told = EarlierReport['cases'][number];
const answerOf = (one: Told | ReportedCase): string => [one.verdict, write(one.root_causes)].filter(Boolean).join(' ');
/** As near to right as the answer alone can say: the causes as expected, and nothing that must not be. */
const isGood = (one: Told | ReportedCase): boolean =>
  write(one.root_causes) === write(one.expected) &&
  one.violations.length === 0 &&
  (one.expected.length > 0 || ['healthy', 'planned'].includes(one.verdict));

/** `isRight` says of a case of this run whether it was right, by all rules. */
export function compareReplays(
  before: EarlierReport,
  after: ReplayReport,
  isRight: ReadonlyMap<string, boolean>,
): Comparison {
  const old = new Map(before.cases.map((one) => [keyOf(one), one]));
  const better: string[] = [];
  const worse: string[] = [];
  const changed: string[] = [];
  for (const now of after.cases) {
    const then = old.get(keyOf(now));
    if (then === undefined) {
      changed.push(`${keyOf(now)}: was not played before`);
      continue;
    }
    old.delete(keyOf(now));
    const [was, is] = [answerOf(then), answerOf(now)];
    const good = isRight.get(keyOf(now)) ?? isGood(now);
    if (was === is && then.violations.length === now.violations.length) continue;
    const line = `${keyOf(now)}: was ${was}, is ${is}`;
    if (good && !isGood(then)) better.push(line);
    else if (!good && isGood(then)) worse.push(line);
    else changed.push(line);
  }
  for (const key of old.keys()) changed.push(`${key}: was not played this time`);
  const names = Object.keys(after.summary).filter((name) => name !== 'wall_s');
  const summary: Readonly<Record<string, number | null>> = { ...after.summary };
  const figures = names.map((name) => ({ name, before: before.summary[name] ?? null, after: summary[name] ?? null }));
  return { figures, better, worse, changed };
}

export const caseKey = keyOf;
