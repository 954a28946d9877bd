/** What happened in an incident, in the order of time, each moment in the lane of who or what it was. Pure. */
import type { Approval, Evidence, Incident, Receipt } from '../../api/schema.ts';
import { INCIDENTS } from '../../text/incidents.ts';

const say = INCIDENTS.moments;

export type Lane = keyof typeof INCIDENTS.lanes;

export interface Moment {
  /** ISO 8601. */
  readonly at: string;
  readonly lane: Lane;
  readonly who: string;
  readonly what: string;
  /** Records that show it. */
  readonly evidence: readonly string[];
}

export interface Facts {
  readonly incident: Incident;
  readonly evidence: readonly Evidence[];
  /** Changes that were asked for because of it. */
  readonly approvals: readonly Approval[];
  readonly receipts: readonly Receipt[];
}

const moment = (at: string, lane: Lane, who: string, what: string, evidence: readonly string[] = []): Moment => ({
  ...{ at, lane, who, what, evidence },
});

export function timelineOf({ incident, evidence, approvals, receipts }: Facts): readonly Moment[] {
  const { openedAt, openedBy, acknowledgedBy, state, updatedAt } = incident;
  const ended = state === 'resolved' || state === 'closed';
  const moments = [
    ...observed(evidence),
    moment(openedAt, openedBy.includes('@') ? 'human' : 'agent', openedBy, say.opened),
    ...(acknowledgedBy === undefined || ended ? [] : [moment(updatedAt, 'human', acknowledgedBy, say.acknowledged)]),
    ...approvals.flatMap(({ intent, requester, decision, votes, createdAt }) => [
      moment(
        createdAt,
        requester.agent === undefined ? 'human' : 'agent',
        requester.agent ?? requester.human,
        say.asked(intent.tool, intent.target.devices.join(', ')),
      ),
      moment(
        createdAt,
        'policy',
        decision.policies.join(', '),
        say.decided(decision.effect, decision.reasons.join('; ')),
      ),
      ...votes.map((vote) => moment(vote.at, 'human', vote.human, say.vote(vote.verdict, vote.reason))),
    ]),
    ...receipts.flatMap(({ intent, steps, outcome }) => [
      ...steps.map((one) => moment(one.at, 'device', one.device, say.step(one.step, one.ok, one.detail))),
      ...steps.slice(-1).map(({ at }) => moment(at, 'policy', 'broker', say.outcome(intent.tool, outcome))),
    ]),
    ...(ended ? [moment(updatedAt, 'agent', openedBy, say.state(state))] : []),
  ];
  return moments.toSorted((a, b) => a.at.localeCompare(b.at)); // stable: at the same time, cause before effect
}

/** Records of one source at one second are one moment. */
function observed(evidence: readonly Evidence[]): readonly Moment[] {
  const groups = new Map<string, Evidence[]>();
  for (const one of evidence) {
    const key = `${one.observedAt.slice(0, 19)} ${one.source}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const more = group.length === 1 ? '' : ` ${INCIDENTS.more(group.length - 1)}`;
    const what = `${first.resource} ${first.signal} ${String(first.value).slice(0, 120)}${more}`;
    return moment(
      first.observedAt,
      'telemetry',
      first.source,
      what,
      group.map(({ id }) => id),
    );
  });
}

export interface Times {
  /** Seconds from the first record that shows it to the opening. */
  readonly detectedAfter?: number;
  /** Seconds from the opening to the repair; absent while open. */
  readonly repairedAfter?: number;
}

export function timesOf({ incident, evidence }: Facts): Times {
  const { openedAt, updatedAt, state } = incident;
  const seconds = (from: string, to: string): number => Math.round((Date.parse(to) - Date.parse(from)) / 1000);
  const first = evidence.map(({ observedAt }) => observedAt).toSorted()[0];
  return {
    ...(first === undefined || first > openedAt ? {} : { detectedAfter: seconds(first, openedAt) }),
    ...(state === 'resolved' || state === 'closed' ? { repairedAfter: seconds(openedAt, updatedAt) } : {}),
  };
}

export interface Impact {
  readonly devices: readonly string[];
  readonly sites: readonly string[];
  readonly applications: readonly string[];
  readonly users: number;
}

/** As rehearsed for the changes that were asked for; undefined when none was. */
export function impactOf({ approvals }: Facts): Impact | undefined {
  const radii = approvals.flatMap(({ rehearsal }) => rehearsal?.blastRadius ?? []);
  if (radii.length === 0) return undefined;
  const all = (of: (radius: (typeof radii)[number]) => readonly string[]): readonly string[] =>
    [...new Set(radii.flatMap(of))].toSorted();
  return {
    devices: all(({ devices }) => devices),
    sites: all(({ sites }) => sites),
    applications: all(({ applications }) => applications),
    users: Math.max(...radii.map(({ users }) => users)),
  };
}
