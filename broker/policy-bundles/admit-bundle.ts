/** What a bundle must show before anybody may have it in force: it decides, it refuses what must be refused, and its cases hold. */
import { setImmediate } from 'node:timers/promises';
import { WayleaveError } from '../errors.ts';
import type { Brake } from '../policy/brake.ts';
import { findGaps, parseCases, runCases } from '../policy/cases.ts';
import { type ActivatedPolicies, createDecisionPoint } from '../policy/decision-point.ts';
import { createJudge } from '../policy/judge.ts';
import type { Referee } from '../policy/referee/client.ts';
import { proveRefusals } from '../policy/refusals.ts';
import { buildSchema, type ToolFacts } from '../policy/schema.ts';
import { findCrossings } from '../policy/tenants-apart.ts';
import { type Bundle, digestSchema } from './bundle.ts';

export interface AdmitDeps {
  readonly tools: readonly ToolFacts[];
  readonly startReferee: () => Referee;
}

const MOST_TOLD = 12;

/** Activates exactly these bytes, beside those that decide now. @throws WayleaveError `CONFIG_INVALID` */
export function startBundle(
  { tools, startReferee }: AdmitDeps,
  bundle: Bundle,
  brake: Brake,
): Promise<ActivatedPolicies> {
  const referee = startReferee();
  return createDecisionPoint({
    ...{ referee, tools, brake, observe: bundle.observe, leastApprovals: bundle.approvals.least },
    policies: bundle.files.filter(({ name }) => name.endsWith('.cedar')),
  }).catch(async (error: unknown) => {
    await referee.close();
    throw error;
  });
}

/** The decision point of the bundle, proven. @throws WayleaveError `CONFIG_INVALID` with what is missing. */
export async function admitBundle(
  deps: AdmitDeps,
  bundle: Bundle,
  brake: Brake,
  /** Cases of what Wayleave comes with are run when it is built. */
  cases: 'run' | 'ran' = 'run',
): Promise<ActivatedPolicies> {
  if (bundle.schema !== digestSchema(buildSchema(deps.tools)))
    throw new WayleaveError(
      'CONFIG_INVALID',
      'The bundle was signed for other tools than there are now; sign it anew.',
    );
  const point = await startBundle(deps, bundle, brake);
  try {
    const findings = [
      ...(await examine(deps, bundle, point)),
      ...(cases === 'run' ? tryCases(deps, bundle, point) : []),
    ];
    if (findings.length === 0) return point;
    const more = findings.length > MOST_TOLD ? [`and ${findings.length - MOST_TOLD} more`] : [];
    throw new WayleaveError('CONFIG_INVALID', [...findings.slice(0, MOST_TOLD), ...more].join('; '));
  } catch (error) {
    await point.close();
    throw error;
  }
}

async function examine({ tools }: AdmitDeps, bundle: Bundle, point: ActivatedPolicies): Promise<readonly string[]> {
  const deciding = point.policies.filter(({ id }) => !bundle.observe.includes(id));
  const judge = createJudge(deciding, buildSchema(tools));
  const crossings = new Set<string>();
  for (const tool of tools) {
    for (const crossing of findCrossings(deciding, [tool], judge)) crossings.add(crossing);
    await setImmediate(); // others are decided about meanwhile
  }
  const refusals = (await proveRefusals(point, tools)).map((what) => `it permits what must be refused: ${what}`);
  return [...crossings, ...refusals];
}

/** The cases say what every policy does when it decides, observed or not. */
function tryCases({ tools }: AdmitDeps, bundle: Bundle, point: ActivatedPolicies): readonly string[] {
  const whole = createJudge(point.policies, buildSchema(tools));
  const cases = parseCases(bundle.files.filter(({ name }) => name.endsWith('.test.yaml')));
  const names = point.policies.map(({ id }) => id);
  const failures = runCases(cases, tools, whole).failures.map(
    ({ name, asked, expected, got }) => `case "${name}" (${asked}) is ${got}, not ${expected}`,
  );
  return [...failures, ...findGaps(cases, tools, names)];
}
