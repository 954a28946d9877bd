/** The report of one incident: cause, what happened when, what shows it, whom it concerned, what was done about it, and how long it took. Pure. */
import { unifiedDiff } from '../../protocols/netconf/diff.ts';
import type { Approval, BlastRadius, Evidence, Incident, Outcome, Receipt, Subject } from '../contract.ts';
import { type Moment, timelineOf } from './timeline.ts';

/** A call that was refused. */
export interface Refusal {
  readonly at: string;
  readonly human: string;
  readonly agent?: string;
  readonly tool: string;
  readonly intent: string;
  /** Stable error code. */
  readonly code: string;
  readonly detail: string;
}

/** A change that has ended, and for whom it was made. */
export interface MadeChange {
  readonly receipt: Receipt;
  readonly subject: Pick<Subject, 'human' | 'agent'>;
}

/** Everything that is known of an incident, as far as the person who asks may see it. */
export interface IncidentFacts {
  readonly incident: Incident;
  readonly evidence: readonly Evidence[];
  /** Of changes with the incident as their purpose. */
  readonly approvals: readonly Approval[];
  readonly changes: readonly MadeChange[];
  readonly refusals: readonly Refusal[];
  /** Others that name one of its resources. */
  readonly others: readonly Incident[];
  /** What could not be read, in words. */
  readonly missing: readonly string[];
}

export interface IncidentReport
  extends Pick<
    Incident,
    | 'id'
    | 'tenant'
    | 'title'
    | 'severity'
    | 'state'
    | 'resources'
    | 'openedBy'
    | 'openedAt'
    | 'acknowledgedBy'
    | 'finding'
  > {
  readonly timeline: readonly Moment[];
  readonly evidence: readonly Evidence[];
  /** As rehearsed for the changes that were asked for or made. */
  readonly impact: BlastRadius;
  readonly approvals: readonly { readonly id: string; readonly tool: string; readonly status: Approval['status'] }[];
  readonly fixes: readonly {
    readonly intent: string;
    readonly tool: string;
    readonly outcome: Outcome;
    readonly detail: string;
    readonly diff: string;
    readonly predicted: readonly string[];
  }[];
  readonly refused: readonly Refusal[];
  /** Other incidents about the same things, the latest first, with the causes that were found there. */
  readonly related: readonly {
    readonly id: string;
    readonly title: string;
    readonly state: Incident['state'];
    readonly causes: readonly string[];
  }[];
  /** Seconds from the first record that shows it to the opening, and from the opening to the repair; absent while open. */
  readonly detectedAfterSeconds?: number;
  readonly repairedAfterSeconds?: number;
  readonly missing: readonly string[];
}

const MOST_RELATED = 5;

export function buildIncidentReport(facts: IncidentFacts): IncidentReport {
  const { incident, evidence, approvals, changes, refusals, others, missing } = facts;
  const { id, tenant, title, severity, state, resources, openedBy, openedAt, acknowledgedBy, finding } = incident;
  const seconds = (from: string, to: string): number => Math.round((Date.parse(to) - Date.parse(from)) / 1000);
  const first = evidence.map(({ observedAt }) => observedAt).sort()[0];
  const repaired = repairedAt(incident);
  return {
    ...{ id, tenant, title, severity, state, resources, openedBy, openedAt, evidence, missing },
    ...(acknowledgedBy === undefined ? {} : { acknowledgedBy }),
    ...(finding === undefined ? {} : { finding }),
    timeline: timelineOf(facts),
    impact: sumImpact([...changes.map(({ receipt }) => receipt), ...approvals]),
    approvals: approvals.map(({ id: approval, intent, status }) => ({ id: approval, tool: intent.tool, status })),
    fixes: changes.map(({ receipt: { intent, outcome, detail, devices, rehearsal } }) => ({
      ...{ intent: intent.id, tool: intent.tool, outcome, detail, predicted: rehearsal?.predicted ?? [] },
      diff: devices
        .map((one) => (one.after === undefined ? '' : unifiedDiff(one.before, one.after, one.device)))
        .join(''),
    })),
    refused: refusals,
    related: others
      .toSorted((a, b) => b.openedAt.localeCompare(a.openedAt))
      .slice(0, MOST_RELATED)
      .map((one) => ({
        ...{ id: one.id, title: one.title, state: one.state },
        causes: (one.finding?.rootCauses ?? []).map(({ faultType, resource }) => `${faultType} at ${resource}`),
      })),
    ...(first === undefined || first > openedAt ? {} : { detectedAfterSeconds: seconds(first, openedAt) }),
    ...(repaired === undefined ? {} : { repairedAfterSeconds: seconds(openedAt, repaired) }),
  };
}

/** When it was resolved for the last time; one that was closed at once was repaired then. */
function repairedAt({ state, notes = [], updatedAt }: Incident): string | undefined {
  if (state !== 'resolved' && state !== 'closed') return undefined;
  const resolved = notes.findLastIndex((note, at) => note.state === 'resolved' && notes[at - 1]?.state !== 'resolved');
  return notes[resolved]?.at ?? updatedAt;
}

function sumImpact(rehearsed: readonly Pick<Approval, 'rehearsal'>[]): BlastRadius {
  const radii = rehearsed.flatMap(({ rehearsal }) => rehearsal?.blastRadius ?? []);
  const all = (of: (radius: BlastRadius) => readonly string[]): readonly string[] =>
    [...new Set(radii.flatMap(of))].sort();
  return {
    sites: all(({ sites }) => sites),
    devices: all(({ devices }) => devices),
    users: Math.max(0, ...radii.map(({ users }) => users)),
    applications: all(({ applications }) => applications),
  };
}
