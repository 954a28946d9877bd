/** What must be true of every history when it is over, from what devices, records and log hold: nothing that a broker says of itself is believed. */
import type { Approval, Outcome } from '../../broker/contract.ts';
import { intentDigest, sha256 } from '../../broker/digest.ts';
import type { StoredAuditEntry, TransactionRecord } from '../../broker/ports.ts';
import { unifiedDiff } from '../../protocols/netconf/diff.ts';
import type { Job } from './caller.ts';
import type { Transition } from './device.ts';
import { TENANT } from './lab.ts';
import { readEntries } from './log.ts';
import { judgeLog } from './log-verdict.ts';
import type { Consumption, World } from './world.ts';

/** The entries in which a change's digest must be the approved one. */
const BOUND = ['pending', 'execute', 'outcome', 'failed', 'repeated', 'approval.vote', 'approval.refused'];

export async function judge(world: World, jobs: readonly Job[]): Promise<readonly string[]> {
  const { records, approvals } = world.durable;
  const entries = readEntries(world.durable.audit);
  const wrong = [...(await judgeLog(world, entries))];
  const intents = [...records.intents.values()];
  const transactions = [...records.transactions.values()];
  const approvalOf = new Map((await approvals.list(TENANT)).map((one) => [one.intent.id, one]));

  const done = judgeCommits(world, { transactions, approvalOf, entries }, wrong);
  for (const consumption of world.consumptions) judgeVotes(world, consumption, wrong);

  for (const { intent, state, receipt } of intents) {
    const say = (what: string): void => void wrong.push(`${intent.id}: ${what}`);
    const { digest, ...content } = intent;
    const approval = approvalOf.get(intent.id);
    const told = entries.filter((one) => one.intent === intent.id && BOUND.includes(one.kind));
    const digests = [
      ...[intentDigest(content), approval?.intent.digest ?? digest, receipt?.intent.digest ?? digest],
      ...told.map((one) => one.content['digest'] ?? digest),
    ];
    if (digests.some((one) => one !== digest)) say('its digest is not the same everywhere');

    const open = transactions.filter((one) => one.intent === intent.id && one.state === 'open');
    // A later change of the same port may have taken the place of this one.
    const at = (id: string, device: string): number => done.get(JSON.stringify([id, device]))?.at ?? 0;
    const later = (device: string): boolean =>
      intents.some(
        (one) =>
          one.intent.input['interface'] === intent.input['interface'] &&
          at(one.intent.id, device) > at(intent.id, device),
      );
    const shown = intent.target.devices.flatMap((device) =>
      receipt?.outcome === 'succeeded' && later(device) ? [] : [shows(world, device, intent.input)],
    );
    // Who changes a device in the middle of a change makes what it came to a matter for people.
    const disturbed = transactions.some((one) => one.intent === intent.id && isDisturbed(world, one));
    const outcome = receipt?.outcome;
    if (outcome === undefined) {
      if (state === 'executing') say('has no terminal record');
      if (shown.includes(true)) say('is on a device and has no terminal record');
    } else if (outcome === 'unknown') {
      if (!disturbed) say(`is unknown though everything is well: ${receipt?.detail}`);
      continue;
    } else if (shown.some((one) => one !== (outcome === 'succeeded')))
      say(`was told as ${outcome}, and devices say ${shown.map(String).join(', ')}`);
    if (open.length > 0) say('is over, and its transaction is open');
    const outcomes = told.filter((one) => one.kind === 'outcome').map((one) => one.content['outcome'] as Outcome);
    if (outcome !== undefined && !outcomes.some((one) => stands(one) === stands(outcome)))
      say('its end is not in the log');
    const others = outcomes.filter((one) => one !== 'unknown' && stands(one) !== stands(outcome));
    if (others.length > 0 && !disturbed) say(`the log says ${others.join(', ')}, the receipt ${outcome}`);
  }
  for (const device of world.devices.values())
    if (device.pending()) wrong.push(`${device.name}: a change waits for its confirmation for ever`);
  for (const job of jobs) {
    const same = intents.filter(
      (one) => one.intent.input['description'] === job.value && one.receipt?.outcome === 'succeeded',
    );
    if (same.length > 1) wrong.push(`${job.value}: one call became ${same.length} changes`);
  }
  wrong.push(...world.defects.map((defect) => `a defect: ${defect}`));
  return [...new Set(wrong)];
}

const stands = (outcome: Outcome | undefined): string => (outcome === 'reverted' ? 'failed' : `${outcome}`);

function shows(world: World, device: string, input: { readonly [key: string]: unknown }): boolean {
  const ports = world.network.config({ tenant: TENANT, device }).interfaces;
  return ports.find(({ name }) => name === input['interface'])?.description === input['description'];
}

const isDisturbed = (world: World, { device, steps }: TransactionRecord): boolean =>
  world.devices
    .get(device)
    ?.transitions.some(({ cause, at }) => cause === 'others' && at >= Date.parse(steps[0]?.at ?? '')) === true;

interface Held {
  readonly transactions: readonly TransactionRecord[];
  /** By intent. */
  readonly approvalOf: ReadonlyMap<string, Approval>;
  readonly entries: readonly StoredAuditEntry[];
}

/** Everything that was committed: known, approved before, exactly as shown, and once. */
function judgeCommits(
  world: World,
  { transactions, approvalOf, entries }: Held,
  wrong: string[],
): ReadonlyMap<string, Transition> {
  const done = new Map<string, Transition>();
  for (const { name, transitions } of world.devices.values()) {
    for (const transition of transitions.filter(({ cause }) => cause === 'commit')) {
      const record = transactions.find((one) => one.device === name && one.persistId === transition.persistId);
      if (record === undefined) {
        wrong.push(`${name}: a commit that no transaction knows`);
        continue;
      }
      const { intent } = record;
      // Taken back by the inverse edit.
      if (transition.after === record.before && transition.edits.join('') === record.inverse) continue;
      const say = (what: string): void => void wrong.push(`${intent} on ${name}: ${what}`);
      if (done.has(JSON.stringify([intent, name]))) say('was done twice');
      done.set(JSON.stringify([intent, name]), transition);
      const approval = approvalOf.get(intent);
      const used = world.consumptions.find((one) => one.approval.intent.id === intent);
      if (approval === undefined || used === undefined || used.at > transition.at) {
        say('was done without an approval');
        continue;
      }
      if (!approval.diff.includes(unifiedDiff(transition.before, transition.after, name))) say('is not what was shown');
      const executed = entries.some((one) => one.kind === 'execute' && one.intent === intent);
      if (!executed) say('was done before the log had it');
    }
  }
  for (const { intent, stateHash } of approvalOf.values()) {
    const parts = intent.target.devices.map((name) => [name, done.get(JSON.stringify([intent.id, name]))] as const);
    const all = parts.flatMap(([name, one]) =>
      one === undefined ? [] : [[one.before, unifiedDiff(one.before, one.after, name), one.edits.join('')]],
    );
    if (all.length === parts.length && sha256(all.flat().join('\0')) !== stateHash)
      wrong.push(`${intent.id}: was done on another state than was shown`);
  }
  return done;
}

/** Enough people said yes, none of them asked for it, and each held the role while the call ran that used their yes. */
function judgeVotes(world: World, { at, since, approval }: Consumption, wrong: string[]): void {
  const { intent, needed, requester, votes } = approval;
  const yes = new Set(votes.filter(({ verdict }) => verdict === 'approve').map(({ human }) => human));
  yes.delete(requester.human);
  const held = [...yes].filter((human) => heldRole(world, human, needed.role, since, at));
  if (yes.size < needed.count) wrong.push(`${intent.id}: was used with ${yes.size} of ${needed.count} votes`);
  else if (held.length < needed.count)
    wrong.push(`${intent.id}: was used after those who approved it had lost their role`);
  if (world.consumptions.filter((one) => one.approval.id === approval.id).length > 1)
    wrong.push(`${intent.id}: its approval was used twice`);
  // A policy that changed while the call ran may have come too late for it.
  if (world.policyChanges.some((one) => one > Date.parse(approval.createdAt) && one < since))
    wrong.push(`${intent.id}: was used under another policy than it was given under`);
  if (Date.parse(approval.expiresAt) <= since) wrong.push(`${intent.id}: its approval was used after its end`);
}

function heldRole(world: World, human: string, role: string, since: number, at: number): boolean {
  let held = true; // at the beginning everybody holds his role
  for (const change of world.roleChanges) {
    if (change.human !== human || change.at > at) continue;
    // What came after the call began leaves what was before it good enough.
    if (change.at >= since && held) return true;
    held = change.roles.some((one) => one === role);
  }
  return held;
}
