/** After a crash: finds every change that was left open, brings its devices to a known outcome, and writes that outcome. */
import type { DeviceOutcome, Outcome, Receipt } from '../contract.ts';
import type { Approvals, AuditLog, Journal, TransactionRecord } from '../ports.ts';
import { type PageDeps, pageHuman } from './page-human.ts';
import { progressOf, type ReconcileDeps, type Reconciled, reconcile } from './reconcile.ts';
import { deviceKey, type Serial } from './serial.ts';
import { sumOutcomes } from './sum-outcomes.ts';

export interface RecoverDeps extends ReconcileDeps, PageDeps {
  readonly journal: Journal;
  readonly approvals: Approvals;
  readonly audit: AuditLog;
  readonly perDevice: Serial;
}

export interface Recovered {
  readonly intent: string;
  readonly outcome: Outcome;
}

/**
 * Resolves what can be resolved; a device that does not answer keeps its transaction open and is asked again by the
 * next call. Safe at any time: a change that is under way holds its devices, here or in another broker.
 */
export async function recoverTransactions(deps: RecoverDeps): Promise<readonly Recovered[]> {
  const unfinished = await deps.journal.unfinished();
  const intents = new Map(unfinished.map(({ intent, tenant }) => [intent, tenant]));
  const resolved = await Promise.all(
    [...intents].map(([intent, tenant]) =>
      whenFree(deps, tenant, intent, async (open) =>
        open.length === 0 ? undefined : recoverChange(deps, tenant, intent, open),
      ),
    ),
  );
  return resolved.filter((one) => one !== undefined);
}

/**
 * Closes intents that were about to be executed when their broker died: whoever executes holds the devices. Their
 * transaction is stored before the first write, so without one nothing was sent to a device.
 */
export async function closeInterrupted(deps: RecoverDeps): Promise<readonly Recovered[]> {
  const closed: Recovered[] = [];
  for (const { tenant, intent } of await deps.journal.executing()) {
    const end = await whenFree(deps, tenant, intent, async (open, known) => {
      if (open.length > 0 || known?.state !== 'executing' || known.receipt !== undefined) return undefined;
      const { detail } = NEVER_SENT;
      const written = await writeEnd(deps, tenant, intent, { outcome: 'failed', detail, devices: [], steps: [] });
      return written ? ({ intent, outcome: 'failed' } as const) : undefined;
    });
    if (end !== undefined) closed.push(end);
  }
  return closed;
}

/** Works on a change when nobody else is at one of its devices, with what the journal has by then. */
async function whenFree<T>(
  deps: RecoverDeps,
  tenant: string,
  intent: string,
  work: (open: readonly TransactionRecord[], known: Awaited<ReturnType<Journal['find']>>) => Promise<T>,
): Promise<T | undefined> {
  const targets = (await deps.journal.find(tenant, intent))?.intent.target.devices ?? [];
  return deps.perDevice.runIfFree(
    targets.map((device) => deviceKey(tenant, device)),
    async () => {
      const open = (await deps.journal.unfinished()).filter((one) => one.intent === intent);
      return work(open, await deps.journal.find(tenant, intent));
    },
  );
}

const NEVER_SENT: Reconciled = { outcome: 'failed', detail: 'the change was interrupted before anything was sent' };

/** Where one device stands: as found out now, or as the receipt has it. */
interface Standing extends Reconciled {
  readonly record?: TransactionRecord;
}

async function recoverChange(
  deps: RecoverDeps,
  tenant: string,
  intent: string,
  open: readonly TransactionRecord[],
): Promise<Recovered> {
  const known = await deps.journal.find(tenant, intent);
  const receipt = known?.receipt;
  if (receipt !== undefined && receipt.outcome !== 'unknown') {
    // The outcome was written down, and only the last note of the transactions was lost.
    for (const one of open) await deps.journal.closeTransaction(one);
    return { intent, outcome: receipt.outcome };
  }
  const standings = await settleAll(deps, open, known?.intent.target.devices ?? [], receipt);
  const outcome = sumOutcomes([...standings.values()].map((one) => one.outcome));
  const found = [...standings].filter(([, { record }]) => record !== undefined);
  const detail = found
    .map(([device, one]) => (standings.size === 1 ? one.detail : `${device}: ${one.detail}`))
    .join('; ');
  const codes = found.flatMap(([, { code }]) => code ?? []);
  // An outcome that stays unknown is told again only when it has become worse.
  if (outcome !== receipt?.outcome || codes.some((code) => !receipt.detail.includes(code))) {
    await writeEnd(deps, tenant, intent, {
      outcome,
      detail: `resolved after an interruption: ${detail}`,
      ...(codes[0] === undefined ? {} : { code: codes[0] }),
      devices: [...standings].flatMap(([device, one]) => endOf(device, one, receipt)),
      steps: [
        ...(receipt?.steps ?? []).filter(({ device }) => !open.some((one) => one.device === device)),
        ...open.flatMap(({ steps }) => steps),
      ],
    });
    for (const [, { record, ...one }] of found) if (record !== undefined) await pageHuman(deps, record, one);
  }
  for (const { device } of open) {
    const end = standings.get(device)?.outcome;
    // One that holds the change must wait for those that are not known yet: it may have to give it back.
    if (end === undefined || end === 'unknown' || (end === 'succeeded' && outcome === 'unknown')) continue;
    await deps.journal.closeTransaction({ intent, tenant, device });
    // A device that had kept a change stays in quarantine: what it did once it may do again.
    await deps.quarantine.leave(tenant, device, { why: `${intent} was ${end}` }, 'outcome-unknown');
  }
  return { intent, outcome };
}

/** All devices of the change hold it, or none does: one that cannot keep it takes it from the others. */
async function settleAll(
  deps: RecoverDeps,
  open: readonly TransactionRecord[],
  targets: readonly string[],
  receipt: Receipt | undefined,
): Promise<ReadonlyMap<string, Standing>> {
  const standings = new Map<string, Standing>();
  for (const { device, outcome, detail } of receipt?.devices ?? []) standings.set(device, { outcome, detail });
  // It may stand only where every target passed its checks; one that was never begun has not.
  const passed = targets.every((target) => {
    const record = open.find(({ device }) => device === target);
    return record === undefined ? standings.get(target)?.outcome === 'succeeded' : progressOf(record).verified;
  });
  const settle = async (record: TransactionRecord, mayStand: boolean): Promise<void> => {
    const { edited, committed, verified } = progressOf(record);
    // What the device holds by now is the business of others: it was never asked to hold anything of this change.
    const found = edited ? await reconcile(deps, record, { committed, verified: verified && mayStand }) : NEVER_SENT;
    standings.set(record.device, { ...found, record });
  };
  await Promise.all(open.map((record) => settle(record, passed)));
  const ends = open.map((record) => standings.get(record.device)?.outcome);
  if (ends.some((end) => end === 'failed' || end === 'reverted'))
    await Promise.all(open.filter((_, index) => ends[index] === 'succeeded').map((record) => settle(record, false)));
  return standings;
}

function endOf(device: string, one: Standing, receipt: Receipt | undefined): readonly DeviceOutcome[] {
  const said = receipt?.devices.find((other) => other.device === device);
  const { outcome, detail, record, running } = one;
  if (record === undefined) return said === undefined ? [] : [said];
  return [{ device, outcome, detail, before: record.before, ...(running === undefined ? {} : { after: running }) }];
}

/**
 * Writes the outcome to the log and the receipt to the journal, with the decision and votes it was executed under. True
 * when done: nothing is executed without an approval, so an intent without one has no outcome to write.
 */
async function writeEnd(
  deps: RecoverDeps,
  tenant: string,
  intentId: string,
  found: Pick<Receipt, 'outcome' | 'detail' | 'devices' | 'steps'> & Pick<Reconciled, 'code'>,
): Promise<boolean> {
  const known = await deps.journal.find(tenant, intentId);
  const approval = await deps.approvals.findByIntent(tenant, intentId);
  if (known === undefined || approval === undefined) return false;
  const { intent, subject } = known;
  const { code, ...end } = found;
  const auditIndex = await deps.audit.append({
    at: new Date(deps.clock.now()).toISOString(),
    tenant,
    kind: 'outcome',
    human: subject.human,
    session: subject.session,
    ...(subject.agent === undefined ? {} : { agent: subject.agent }),
    tool: intent.tool,
    intent: intentId,
    content: {
      outcome: end.outcome,
      detail: end.detail,
      ...(code === undefined ? {} : { code }),
      digest: intent.digest,
      target: intent.target.devices,
      approval: approval.id,
    },
  });
  await deps.journal.finish(intentId, {
    intent,
    decision: approval.decision,
    ...(approval.rehearsal === undefined ? {} : { rehearsal: approval.rehearsal }),
    approvals: approval.votes,
    operations: known.receipt?.operations ?? [],
    ...end,
    auditIndex,
  });
  return true;
}
