/** The report of one incident: what happened when, what shows it, whom it concerned, what was done about it, and how long it took. Pure. */
import type { Evidence, Incident, Receipt } from '../../../broker/contract.ts';
import { unifiedDiff } from '../../../protocols/netconf/diff.ts';
import type { Action } from './compliance-report.ts';

/** Everything that is known of an incident, as the broker tells it to the person who asks. */
export interface IncidentFacts {
  readonly incident: Incident;
  readonly evidence: readonly Evidence[];
  /** Whatever was asked for with the incident as its purpose, oldest first. */
  readonly actions: readonly Action[];
  readonly receipts: readonly Receipt[];
  /** What could not be read, in words. */
  readonly missing: readonly string[];
}

export interface Moment {
  /** ISO 8601. */
  readonly at: string;
  readonly who: string;
  readonly what: string;
}

export interface IncidentReport {
  readonly id: string;
  readonly tenant: string;
  readonly title: string;
  readonly severity: string;
  readonly state: string;
  readonly resources: readonly string[];
  readonly timeline: readonly Moment[];
  readonly evidence: readonly Evidence[];
  /** As rehearsed for the changes that were made. */
  readonly impact: {
    readonly sites: readonly string[];
    readonly devices: readonly string[];
    readonly users: number;
    readonly applications: readonly string[];
  };
  readonly fixes: readonly {
    readonly intent: string;
    readonly tool: string;
    readonly outcome: string;
    readonly detail: string;
    readonly diff: string;
    readonly predicted: readonly string[];
  }[];
  readonly refused: readonly Action[];
  /** Seconds from the first record that shows it to the opening, and from the opening to the repair; absent while open. */
  readonly detectedAfterSeconds?: number;
  readonly repairedAfterSeconds?: number;
  readonly missing: readonly string[];
}

export function buildIncidentReport(facts: IncidentFacts): IncidentReport {
  const { incident, evidence, actions, receipts, missing } = facts;
  const { id, tenant, title, severity, state, resources } = incident;
  const seconds = (from: string, to: string): number => Math.round((Date.parse(to) - Date.parse(from)) / 1000);
  const first = evidence.map((one) => one.observedAt).sort()[0];
  const radii = receipts.flatMap(({ rehearsal }) => rehearsal?.blastRadius ?? []);
  const all = (of: (radius: (typeof radii)[number]) => readonly string[]): readonly string[] =>
    [...new Set(radii.flatMap(of))].sort();
  return {
    ...{ id, tenant, title, severity, state, resources, evidence, missing },
    timeline: timelineOf(facts),
    impact: {
      sites: all(({ sites }) => sites),
      devices: all(({ devices }) => devices),
      users: Math.max(0, ...radii.map(({ users }) => users)),
      applications: all(({ applications }) => applications),
    },
    fixes: receipts.map(({ intent, outcome, detail, devices, rehearsal }) => ({
      ...{ intent: intent.id, tool: intent.tool, outcome, detail, predicted: rehearsal?.predicted ?? [] },
      diff: devices
        .map((one) => (one.after === undefined ? '' : unifiedDiff(one.before, one.after, one.device)))
        .join(''),
    })),
    refused: actions.filter((action) => /^[A-Z_]+$/.test(action.outcome)),
    ...(first === undefined || first > incident.openedAt
      ? {}
      : { detectedAfterSeconds: seconds(first, incident.openedAt) }),
    ...(state === 'resolved' || state === 'closed'
      ? { repairedAfterSeconds: seconds(incident.openedAt, incident.updatedAt) }
      : {}),
  };
}

function timelineOf({ incident, evidence, actions, receipts }: IncidentFacts): readonly Moment[] {
  const { openedAt, openedBy, acknowledgedBy, state, updatedAt } = incident;
  const first = evidence.toSorted((a, b) => (a.observedAt < b.observedAt ? -1 : 1))[0];
  const moments: Moment[] = [
    ...(first === undefined
      ? []
      : [
          { at: first.observedAt, who: first.source, what: `${first.resource} ${first.signal} ${String(first.value)}` },
        ]),
    { at: openedAt, who: openedBy, what: 'opened the incident' },
    ...actions.flatMap((action) => [
      {
        at: action.at,
        who: action.agent === '' ? action.human : `${action.agent} for ${action.human}`,
        what: `asked for ${action.tool} on ${action.target.join(', ') || 'nothing'}: ${action.decision || action.outcome}`,
      },
      ...action.votes.map((vote) => ({ at: vote.at, who: vote.human, what: `${vote.verdict}: ${vote.reason}` })),
    ]),
    ...receipts.flatMap(({ intent, steps, outcome }) => [
      ...steps.map((one) => ({
        at: one.at,
        who: one.device,
        what: `${one.step}${one.ok ? '' : ' FAILED'}: ${one.detail}`,
      })),
      ...(steps.length === 0 ? [] : [{ at: steps.at(-1)?.at ?? '', who: 'broker', what: `${intent.tool} ${outcome}` }]),
    ]),
    ...(state === 'open' ? [] : [{ at: updatedAt, who: acknowledgedBy ?? openedBy, what: `incident ${state}` }]),
  ];
  return moments.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}
