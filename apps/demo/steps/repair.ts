/** Steps: the broker shows the exact change, somebody else approves it, and it is executed as a transaction, or undone. */

import { isDeepStrictEqual } from 'node:util';
import type { Approval } from '../../../broker/contract.ts';
import { WayleaveError } from '../../../broker/errors.ts';
import type { TourStory } from '../../../scenarios/story.ts';
import type { Narrator } from '../step.ts';
import { listen, pick, type Tour, type TourStep, welcome } from '../tour.ts';
import { watch } from '../watch.ts';

/** The policy that asks for a second administrator where text of a device is part of a change. */
const TAINTED = 'tainted-changes-need-two';

export const approve = (): TourStep => ({
  name: `admin@acme sees the exact change and approves it`,
  run: async (tour, { tell, check }) => {
    const { admin, operator, found } = tour;
    const approval = await admin.desk.approval(found.approval ?? '');
    showApproval(approval, tell);
    const { count, role } = approval.needed;
    const tainted = approval.decision.policies.includes(TAINTED);
    check(
      tainted
        ? 'two tenant administrators are needed: a value of the change was read from a device'
        : 'one approval is needed, by a tenant administrator',
      count === (tainted ? 2 : 1) && role === 'tenant-admin',
    );
    check(
      'the rehearsal on the network model passed',
      approval.rehearsal?.verdict === 'pass',
      `${approval.rehearsal?.invariants.length ?? 0} invariants`,
    );
    const own = await operator.desk.approve(approval.id, 'I asked for it').then(() => 'accepted', refusal);
    check('who asked cannot approve', own === 'DENIED', own);
    const voted = await vote(tour, approval.id, 'the diff is what the incident needs');
    check(
      `${tainted ? 'both' : admin.user} approved, with a login of their own`,
      voted.status === 'approved',
      voted.votes.map(({ human, reason }) => `${human}: ${reason}`).join('; '),
    );
  },
});

/** As many administrators as are needed, up to two, approve for one reason. */
async function vote({ admin, installation, tenant }: Tour, id: string, reason: string): Promise<Approval> {
  const first = await admin.desk.approve(id, reason);
  if (first.status !== 'pending') return first;
  const deputy = await welcome(installation, `deputy@${tenant}`);
  const second = await deputy.desk.approve(id, reason);
  await deputy.leave();
  return second;
}

const refusal = (error: unknown): string => (error instanceof WayleaveError ? error.code : String(error));

export function showApproval(approval: Approval, tell: (line: string) => void): void {
  const { decision, rehearsal, requester, intent } = approval;
  tell(
    `intent ${intent.id} · ${intent.tool} on ${intent.target.devices.join(', ')} · asked by ${requester.chain.join(' for ')}`,
  );
  tell(`decision ${decision.effect} by ${decision.policies.join(', ')}`);
  for (const line of approval.diff.trimEnd().split('\n')) tell(`  ${line}`);
  for (const line of rehearsal?.predicted.slice(0, 4) ?? []) tell(`predicted: ${line}`);
  const blast = rehearsal?.blastRadius;
  if (blast !== undefined)
    tell(`blast radius: ${blast.devices.join(', ')} · ${blast.users} users · ${blast.applications.join(', ')}`);
}

/** Symptoms that are there as long as the fault is: what was told once is not. */
const lasting = ({ symptoms }: TourStory): TourStory['symptoms'] =>
  symptoms.filter(({ signal }) => !signal.startsWith('trap.'));

export const execute = (story: TourStory): TourStep => ({
  name: 'The broker executes it as a transaction and verifies the outcome',
  run: async (tour, narrator) => {
    const { operator, found } = tour;
    const outcome = await resume(tour, narrator);
    narrator.check('the outcome is succeeded', outcome === 'succeeded', outcome);
    for (const symptom of lasting(story)) {
      const { ok, seen } = await watch(operator, { ...symptom, within: 0 }, found.speed);
      narrator.check(`gone: ${symptom.says}`, !ok, seen);
    }
    const erp = {
      says: 'the ERP answers',
      signal: 'probe.tcp',
      at: `node/br${story.branch}_edge > 10.100.20.10:443`,
      every: { answers: true },
      within: 30,
    };
    const { ok, seen } = await watch(operator, erp, found.speed);
    narrator.check('the ERP answers from the branch', ok, seen);
  },
});

/** Goes on with the parked run; resolves with the outcome of the change. */
export async function resume(tour: Tour, { tell, check }: Narrator): Promise<string> {
  const { events } = await listen(tour.operator.chat.resume(tour.found.thread ?? ''), (event) => {
    if (event.type === 'outcome')
      for (const step of event.steps) tell(`${step.ok ? '✓' : '✗'} ${step.step} ${step.device}: ${step.detail}`);
    if (event.type === 'text') tell(event.text);
    if (event.type === 'error') tell(`${event.code}: ${event.message}`);
  });
  const outcome = pick(events, 'outcome');
  const steps = outcome?.steps.filter((step) => step.ok).map((step) => step.step) ?? [];
  const wanted = ['lock', 'edit', 'validate', 'commit-confirmed', 'read-back'];
  check(
    'lock, edit, validate, confirmed commit and read-back on a second session were done, in this order',
    isDeepStrictEqual(
      steps.filter((step) => wanted.includes(step)),
      wanted,
    ),
    steps.join(' → '),
  );
  return outcome?.outcome ?? 'none';
}

export const failAndRevert = (story: TourStory): TourStep => ({
  name: 'A second time, and now the result does not come: the device goes back by itself',
  run: async (tour, narrator) => {
    const { tenant, simulators, operator, found } = tour;
    const device = `br${story.branch}_edge`;
    const again = await simulators.inject(tenant, story.fault.type, story.fault.resource);
    for (const symptom of lasting(story)) await watch(operator, symptom, found.speed);
    const before = await simulators.config(tenant, device);
    const { thread, events } = await listen(operator.chat.ask(story.question), () => undefined);
    const pending = pick(events, 'pending');
    if (
      !narrator.check('the same repair is proposed again', pending !== undefined, pending?.intent ?? 'nothing pending')
    )
      return;
    found.thread = thread;
    await vote(tour, pending?.approval ?? '', 'as before');
    const down = await simulators.inject(tenant, 'server_down', 'host/hub1_srv1');
    narrator.tell(
      'Approved; but meanwhile the ERP server dies, so the repair cannot have the result that was promised.',
    );
    const outcome = await resume(tour, narrator);
    narrator.check('the outcome is reverted', outcome === 'reverted', outcome);
    const after = await simulators.config(tenant, device);
    narrator.check('the device is back on its old configuration', isDeepStrictEqual(after, before));
    await simulators.clear(down);
    await simulators.clear(again);
  },
});

export const waitForOthers = (story: TourStory): TourStep => ({
  name: 'Somebody else repairs it, and the agents see that it is well',
  run: async (tour, { check, tell }) => {
    const { operator, simulators, found } = tour;
    const pending = await operator.desk.approvals('pending');
    check('nothing was written and nothing waits for approval', pending.length === 0, `${pending.length} pending`);
    await simulators.clear(found.fault ?? '');
    tell('The provider (or the technician on site) mends it.');
    for (const symptom of lasting(story)) {
      const gone = await watchGone(tour, symptom);
      check(`gone: ${symptom.says}`, gone);
    }
  },
});

async function watchGone({ operator, found }: Tour, symptom: Tour['story']['symptoms'][number]): Promise<boolean> {
  for (let look = 0; look < 60; look += 1) {
    const { ok } = await watch(operator, { ...symptom, within: 0 }, found.speed);
    if (!ok) return true;
  }
  return false;
}
