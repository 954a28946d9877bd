/** The threat watcher: finds commits that no change of the broker explains, and failed authentications. */
import { z } from 'zod';
import type { Evidence } from '../broker/contract.ts';
import type { Statement } from './events.ts';
import { parseJson } from './inventory.ts';
import type { Conversation, ConversationUpdate, Task } from './state.ts';
import { currentTask } from './state.ts';
import { reportOn, stateRecord } from './statement.ts';
import type { RunDeps } from './talk.ts';

/** Events looked at. */
const LAST_EVENTS = 500;
/** A commit belongs to a recorded change within this time (milliseconds): the transaction's confirm window. */
const NEAR_MS = 300_000;
/** Events that tell of somebody who could not prove who he is. */
const LOGIN = /^trap\.(?:login|auth|ctrl_auth|aaa)/;

const change = z.object({ at: z.string(), outcome: z.string() });

/** True when a change on record explains the commit: same device, about the same time. */
function isExplained(commit: Evidence, changes: readonly Evidence[]): boolean {
  return changes.some(({ resource, value }) => {
    const parsed = change.safeParse(parseJson(value));
    return (
      resource === commit.resource &&
      parsed.success &&
      Math.abs(Date.parse(parsed.data.at) - Date.parse(commit.observedAt)) <= NEAR_MS
    );
  });
}

/** Commits that no recorded change explains and failed logins, at the devices and in the time that a task names. */
export function findOutsideChanges(
  evidence: readonly Evidence[],
  { from, to, devices }: Pick<Task, 'from' | 'to' | 'devices'>,
): readonly Statement[] {
  const isMeant = ({ observedAt, resource }: Evidence): boolean =>
    (from === '' || (observedAt >= from && observedAt <= to)) &&
    (devices.length === 0 || devices.some((device) => resource.includes(device)));
  const changes = evidence.filter(({ signal }) => signal === 'change');
  const commits = evidence.filter(
    (one) => one.signal === 'trap.system_commit' && isMeant(one) && !isExplained(one, changes),
  );
  const logins = evidence.filter((one) => LOGIN.test(one.signal) && isMeant(one));
  return [
    ...commits.map((one) => stateRecord(one, `was committed at ${one.observedAt} outside of Wayleave:`)),
    ...logins.map((one) => stateRecord(one, `reported ${one.signal} at ${one.observedAt}:`)),
  ];
}

/** Compares the newest events with the broker's own records. */
export function watchThreats(deps: RunDeps, state: Conversation): Promise<ConversationUpdate> {
  const calls = [
    { agent: 'threat-watcher', domain: 'diagnostics', tool: 'events.read', input: { last: LAST_EVENTS } },
    { agent: 'threat-watcher', domain: 'inventory', tool: 'inventory.changes' },
  ] as const;
  return reportOn(deps, state, calls, ({ evidence }) => ({
    statements: findOutsideChanges(evidence, currentTask(state)),
    good: 'No commit outside of Wayleave and no failed authentication among the newest events.',
    bad: 'These need an explanation:',
  }));
}
