/** What happened in an incident, in the order of time, each moment in the lane of who or what it was. Pure. */
import type { Evidence } from '../contract.ts';
import type { IncidentFacts } from './report.ts';

export const LANES = ['telemetry', 'agent', 'policy', 'human', 'device'] as const;
export type Lane = (typeof LANES)[number];

export interface Moment {
  /** ISO 8601. */
  readonly at: string;
  readonly lane: Lane;
  readonly who: string;
  readonly what: string;
  /** Records that show it. */
  readonly evidence: readonly string[];
}

const MAX_VALUE = 120;

const moment = (at: string, lane: Lane, who: string, what: string, evidence: readonly string[] = []): Moment => ({
  ...{ at, lane, who, what, evidence },
});

/** People have a tenant in their names; what another system told is telemetry. */
const laneOf = (who: string): Lane => (who.includes('@') ? 'human' : who.includes(':') ? 'telemetry' : 'agent');

export function timelineOf({ incident, evidence, approvals, changes, refusals }: IncidentFacts): readonly Moment[] {
  const { openedAt, openedBy, acknowledgedBy, state, updatedAt, finding, notes = [] } = incident;
  const waited = new Set(approvals.map(({ intent }) => intent.id));
  const moments = [
    ...observed(evidence),
    moment(openedAt, laneOf(openedBy), openedBy, 'opened the incident'),
    ...(finding === undefined ? [] : [moment(finding.at, laneOf(finding.by), finding.by, sayFinding(finding))]),
    ...notes.map(({ at, who, state: to, text }) =>
      moment(at, laneOf(who), who, `incident ${to}${text === '' ? '' : `: ${text}`}`),
    ),
    ...approvals.flatMap(({ intent, requester: { agent, human }, decision, votes, createdAt, status }) => [
      ...asked(createdAt, agent, human, intent.tool, intent.target.devices),
      moment(
        createdAt,
        'policy',
        decision.policies.join(', ') || 'broker',
        `${decision.effect}: ${decision.reasons.join('; ')}`,
      ),
      ...votes.map((vote) => moment(vote.at, 'human', vote.human, `${vote.verdict}: ${vote.reason}`)),
      ...(status === 'expired' ? [moment(intent.expiresAt, 'policy', 'broker', `${intent.tool} expired`)] : []),
    ]),
    ...changes.flatMap(({ receipt: { intent, steps, outcome }, subject: { agent, human } }) => [
      ...(waited.has(intent.id)
        ? []
        : asked(steps[0]?.at ?? intent.expiresAt, agent, human, intent.tool, intent.target.devices)),
      ...steps.map((one) =>
        moment(one.at, 'device', one.device, `${one.step}${one.ok ? '' : ' FAILED'}: ${one.detail}`),
      ),
      ...steps.slice(-1).map(({ at }) => moment(at, 'policy', 'broker', `${intent.tool} ${outcome}`)),
    ]),
    ...refusals.flatMap(({ at, human, agent, tool, code, detail }) => [
      ...asked(at, agent, human, tool, []),
      moment(at, 'policy', 'broker', `refused ${tool}: ${code} ${detail}`),
    ]),
    // Of records from before there were notes.
    ...(state === 'open' || notes.length > 0
      ? []
      : [
          moment(
            updatedAt,
            acknowledgedBy === undefined ? laneOf(openedBy) : 'human',
            acknowledgedBy ?? openedBy,
            `incident ${state}`,
          ),
        ]),
  ];
  return moments.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)); // stable: at the same time, cause before effect
}

const asked = (
  at: string,
  agent: string | undefined,
  human: string,
  tool: string,
  devices: readonly string[],
): readonly Moment[] => [
  moment(
    at,
    agent === undefined ? 'human' : 'agent',
    agent === undefined ? human : `${agent} for ${human}`,
    `asked for ${tool}${devices.length === 0 ? '' : ` on ${devices.join(', ')}`}`,
  ),
];

function sayFinding({ rootCauses, because, ruledOut }: NonNullable<IncidentFacts['incident']['finding']>): string {
  const out = ruledOut.length === 0 ? '' : `; ruled out ${ruledOut.length}`;
  if (rootCauses.length === 0) return `noticed ${because.length} symptom${because.length === 1 ? '' : 's'}${out}`;
  return `found ${rootCauses.map(({ faultType, resource }) => `${faultType} at ${resource}`).join(', ')}${out}`;
}

/** Records of one source at one second are one moment. */
function observed(evidence: readonly Evidence[]): readonly Moment[] {
  const groups = new Map<string, Evidence[]>();
  for (const one of evidence) {
    const key = `${one.observedAt.slice(0, 19)} ${one.source}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [one]);
    else known.push(one);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const more = group.length === 1 ? '' : ` and ${group.length - 1} more`;
    const what = `${first.resource} ${first.signal} ${String(first.value).slice(0, MAX_VALUE)}${more}`;
    return [
      moment(
        first.observedAt,
        'telemetry',
        first.source,
        what,
        group.map(({ id }) => id),
      ),
    ];
  });
}
