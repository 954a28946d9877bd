/** A run with a part for each site: when each part begins, what it comes to, and the sum of all. Pure. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { RunReport } from '../../agents/broker/worker-client.ts';
import type { RunOutcome } from '../../agents/scheduled-run.ts';
import type { EndedPart } from './queue.ts';

/** A constant share of one that a name decides: what has the same name comes at the same place every time. */
export const shareOf = (name: string): number => createHash('sha256').update(name).digest().readUInt32BE(0) / 2 ** 32;

/** Sites spread over a time, each at a place of its own that does not change from run to run. */
export const placeSites = (
  schedule: string,
  sites: readonly string[],
  spreadMs: number,
): readonly { readonly name: string; readonly delayMs: number }[] =>
  sites.map((name) => ({ name, delayMs: Math.floor(shareOf(`${schedule} ${name}`) * spreadMs) }));

const partValue = z.strictObject({ calls: z.number(), findings: z.array(z.string()), unread: z.number() });

/** Lines that one part carries into the sum, and their length. */
const MAX_LINES = 3;
const MAX_LINE = 200;

/** What is kept of a part until all have ended. */
export const printPart = ({ calls, findings, unread }: RunOutcome): string =>
  JSON.stringify({
    ...{ calls, unread: unread.length },
    findings: findings.slice(0, MAX_LINES).map((line) => line.slice(0, MAX_LINE)),
  });

const MAX_DEAD = 100;
const MAX_WHY = 300;
/** Length of what a run says, as the broker takes it. */
const MAX_SAID = 4_000;

/** The report of a run whose parts have ended; `leftOut` are sites in a window, `calls` those of the run itself. */
export function sumParts(ended: readonly EndedPart[], leftOut: number, calls: number): RunReport {
  const dead = ended.flatMap((one) => ('why' in one ? [{ part: one.name, why: one.why.slice(0, MAX_WHY) }] : []));
  const read = ended.flatMap((one) =>
    'value' in one ? [{ name: one.name, ...partValue.parse(JSON.parse(one.value)) }] : [],
  );
  const troubled = read.filter(({ findings }) => findings.length > 0);
  const half = read.filter(({ unread }) => unread > 0);
  const count = (n: number, what: string): readonly string[] => (n === 0 ? [] : [`${n} ${what}`]);
  const opening = [
    `${read.length - troubled.length} well`,
    ...count(troubled.length, 'with something to look at'),
    ...count(half.length, 'of these read in part only'),
    ...count(dead.length, 'not read'),
    ...count(leftOut, 'left out, in a window'),
  ].join(', ');
  const said = [
    `${ended.length} ${ended.length === 1 ? 'site' : 'sites'}: ${opening}.`,
    ...troubled.flatMap(({ name, findings }) => findings.map((line) => `- ${name}: ${line}`)),
    ...(dead.length > 0 ? ['Not read:', ...dead.map(({ part, why }) => `- ${part}: ${why}`)] : []),
  ];
  return {
    calls: calls + read.reduce((sum, one) => sum + one.calls, 0),
    said: cut(said),
    progress: { of: ended.length, done: ended.length, dead: dead.length },
    outcome: dead.length === 0 ? 'done' : dead.length === ended.length ? 'failed' : 'partial',
    ...(dead.length === 0 || dead.length > MAX_DEAD ? {} : { dead }),
  };
}

/** As many whole lines as fit, and the number of those that do not. */
function cut(lines: readonly string[]): string {
  const kept: string[] = [];
  let length = 0;
  for (const line of lines) {
    length += line.length + 1;
    if (length > MAX_SAID - 40) return [...kept, `and ${lines.length - kept.length} more lines`].join('\n');
    kept.push(line);
  }
  return kept.join('\n');
}
