/** Commits that no change of the broker explains, and authentications that failed. */
import { z } from 'zod';
import type { Evidence } from '../../broker/contract.ts';
import type { Statement } from '../events.ts';
import { parseJson } from '../inventory.ts';
import type { Task } from '../state.ts';
import { stateRecord } from '../statement.ts';

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
