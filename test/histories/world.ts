/** What is outside of all brokers, and what a history turns in it: people and their roles, the policy, devices, records. */
import type { Approval, Obligation, Role } from '../../broker/contract.ts';
import type { Random } from '../broker/policy/differential/random.ts';
import { createDevice, type Device } from './device.ts';
import { createDurable } from './durable.ts';
import { createLab, DEVICES } from './lab.ts';
import type { Acknowledged } from './log.ts';
import type { Timeline } from './timeline.ts';

export const CALLERS = ['operator@acme', 'second@acme'] as const;
export const APPROVERS = ['admin@acme', 'deputy@acme', 'third@acme'] as const;

export interface RoleChange {
  readonly at: number;
  readonly human: string;
  readonly roles: readonly Role[];
}

/** An approval that was used, and since when the calls had run that could use it. */
export interface Consumption {
  readonly at: number;
  readonly since: number;
  readonly approval: Approval;
}

export type World = ReturnType<typeof createWorld>;

export function createWorld(timeline: Timeline, random: Random) {
  const network = createLab();
  const roles = new Map<string, readonly Role[]>([
    ...CALLERS.map((human) => [human, ['tenant-operator', 'tenant-admin']] as const),
    ...APPROVERS.map((human) => [human, ['tenant-admin']] as const),
  ]);
  const roleChanges: RoleChange[] = [];
  const approvals = random.chance(0.3) ? 2 : 1;
  const obligations: readonly Obligation[] = [
    { kind: 'require-approval', count: approvals, role: 'tenant-admin' },
    { kind: 'rehearse' },
    { kind: 'confirmed-commit', seconds: random.pick([45, 90, 120]) },
  ];
  const calls = new Set<{ readonly human: string; readonly since: number }>();
  const consumptions: Consumption[] = [];
  const durable = createDurable(timeline);
  const { update } = durable.approvals;
  durable.approvals.update = async (approval, expected, before) => {
    const done = await update(approval, expected, before);
    const at = timeline.now();
    const since = [...calls].filter(({ human }) => human === approval.requester.human).map((one) => one.since);
    if (done && approval.status === 'consumed') consumptions.push({ at, since: Math.min(at, ...since), approval });
    return done;
  };
  return {
    timeline,
    random,
    network,
    devices: new Map<string, Device>(DEVICES.map((name) => [name, createDevice(name, network, timeline)])),
    durable,
    /** Entries that the log told a broker it has. */
    acknowledged: [] as Acknowledged[],
    consumptions,
    roles,
    roleChanges,
    turnRoles(human: string, to: readonly Role[]): void {
      roles.set(human, to);
      roleChanges.push({ at: timeline.now(), human, roles: to });
    },
    obligations,
    revision: 'r1',
    /** When the policy changed. */
    policyChanges: [] as number[],
    /** Everything is well: nothing is lost and no device refuses. */
    well: false,
    /** It has been well for long, and what is left is to wait. */
    calm: false,
    /** How often requests to devices go wrong while it is not. */
    trouble: random.pick([0, 0, 0.03, 0.08]),
    /** Calls that brokers have not answered yet: of whom, and since when. */
    calls,
    /** What befell brokers and devices, for the story. */
    happened: [] as { readonly at: number; readonly text: string }[],
    defects: [] as string[],
  };
}
