/** Takes a containment back at one device: what is left of it there, by a transaction, and the proof by a read of its own. */
import type { XmlNode } from '../../protocols/netconf/xml.ts';
import type { Approval, Intent, Subject } from '../contract.ts';
import { intentDigest, sha256 } from '../digest.ts';
import { keepChange } from '../execution/keep-change.ts';
import { type PageDeps, pageHuman } from '../execution/page-human.ts';
import { canonical, parseData, typed } from '../execution/running.ts';
import {
  runTransaction,
  type TransactionDeps,
  type TransactionPlan,
  type TransactionResult,
} from '../execution/transaction.ts';
import type { AuditLog, Ids, Inventory } from '../ports.ts';
import { prepareEdit } from '../rehearsal/prepare-edit.ts';
import type { Certificates } from '../standing.ts';
import type { Containment, ReversedDevice, Trace } from './containment.ts';
import { takeBackMeasure } from './measure.ts';

export interface ReverseAtDeps extends TransactionDeps, PageDeps {
  readonly audit: Pick<AuditLog, 'append'>;
  readonly inventory: Pick<Inventory, 'device'>;
  readonly certificates: Pick<Certificates, 'get'>;
  readonly ids: Ids;
}

export interface Reversing {
  readonly containment: Containment;
  readonly trace: Trace;
  /** Of the containment: its intent, for whom it was made, and what permitted it and its reversal. */
  readonly of: Intent;
  readonly subject: Subject;
  readonly approval: Approval;
}

/** The confirm timeout of a reversal (RFC 6241 §8.4.5.1): nothing has to converge. */
const CONFIRM_SECONDS = 60;
/** As long as a reversal is worth anything to a journal. */
const INTENT_LIFE_MS = 30 * 60_000;

/** The caller holds the device. `why` says what did not come through; it is tried again. */
export async function reverseAt(
  deps: ReverseAtDeps,
  reversing: Reversing,
): Promise<{ readonly done: ReversedDevice } | { readonly why: string }> {
  const { containment, trace } = reversing;
  const { tenant } = containment;
  const { device } = trace;
  const done = (found: ReversedDevice['found'], detail: string): { readonly done: ReversedDevice } => ({
    done: { device, at: new Date(deps.clock.now()).toISOString(), found, detail },
  });
  const running = await readConfig(deps, tenant, device);
  if (typeof running === 'string') return { why: running };
  const { edit, altered } = takeBackMeasure(typed(running), trace);
  if (edit === undefined)
    return altered.length > 0
      ? done('altered', altered.join('; '))
      : done('gone', `nothing of it was left in the running configuration (${hashOf(running)})`);
  const result = await transact(deps, reversing, running, edit);
  if (result.outcome !== 'succeeded') return { why: result.detail };
  // A read of its own, after the device said that it keeps it.
  const after = await readConfig(deps, tenant, device);
  if (typeof after === 'string') return { why: after };
  if (takeBackMeasure(typed(after), trace).edit !== undefined)
    return { why: 'the device said that it was taken back, and still has it' };
  return altered.length > 0
    ? done('altered', altered.join('; '))
    : done('reversed', `nothing of it is left in the running configuration (${hashOf(after)})`);
}

const hashOf = (running: XmlNode): string => sha256(canonical(running));

/** The running configuration, or why there is none to read. */
async function readConfig({ devices }: ReverseAtDeps, tenant: string, device: string): Promise<XmlNode | string> {
  const asked = { protocol: 'netconf', kind: 'get-config', device, source: 'running', filter: '' } as const;
  const reply = await devices.read(tenant, asked);
  if (!reply.ok) return `its configuration cannot be read (${reply.error.code})`;
  if (reply.protocol !== 'netconf') return 'its configuration cannot be read';
  try {
    const data = parseData(reply.xml);
    typed(data);
    return data;
  } catch {
    return 'its configuration makes no sense';
  }
}

/** A transaction like any other, with an intent of its own in the journal, so that recovery finds it after a crash. */
async function transact(
  deps: ReverseAtDeps,
  { containment, trace, of, subject, approval }: Reversing,
  running: XmlNode,
  config: string,
): Promise<TransactionResult> {
  const { tenant, id } = containment;
  const { device } = trace;
  const { digest: _, ...same } = of;
  const content = {
    ...same,
    id: deps.ids.id('int'),
    target: { devices: [device] },
    input: { reverses: of.id },
    expiresAt: new Date(deps.clock.now() + INTENT_LIFE_MS).toISOString(),
  };
  const intent: Intent = { ...content, digest: intentDigest(content) };
  const operation = { protocol: 'netconf', kind: 'edit-config', device, config } as const;
  const { edit, inverse, before, after } = prepareEdit(running, operation);
  const ladder = (await deps.inventory.device(tenant, device))?.ladder;
  const certificate = await deps.certificates.get(tenant, device);
  const note = (kind: string, facts: { readonly [name: string]: string }): Promise<number> =>
    deps.audit.append({
      at: new Date(deps.clock.now()).toISOString(),
      ...{ tenant, kind, tool: of.tool, intent: of.id },
      content: { containment: id, device, reversal: intent.id, ...facts },
    });
  await deps.journal.begin(intent, subject);
  // Durable before anything touches the device.
  await note('containment.reversing', { edit: `${config.slice(0, 300)} ${sha256(config)}` });
  const plan: TransactionPlan = {
    record: {
      ...{ intent: intent.id, tenant, device, persistId: deps.ids.id('wl'), edit, inverse, before },
      ...{ beforeHash: sha256(before), expected: after, steps: [], state: 'open' },
      ...(ladder === undefined ? {} : { ladder }),
    },
    confirmSeconds: CONFIRM_SECONDS,
    ...(certificate?.quirks.keepsValidatedCandidate === false ? { leavesValidationToCommit: true } : {}),
    verify: async () => {
      const found = await readConfig(deps, tenant, device);
      if (typeof found === 'string') return { ok: false, detail: found };
      const left = takeBackMeasure(typed(found), trace).edit !== undefined;
      return { ok: !left, detail: left ? `${trace.entry} is still there` : `nothing of ${trace.entry} is left` };
    },
  };
  const result =
    ladder === undefined || ladder === 'confirmed'
      ? await runTransaction(deps, plan)
      : await keepChange(deps, plan, ladder);
  await deps.journal.demandLease(tenant, [device]);
  const auditIndex = await note('containment.reversal', { outcome: result.outcome, detail: result.detail });
  await deps.journal.finish(intent.id, {
    ...{ intent, decision: approval.decision, approvals: approval.votes, operations: [operation], steps: result.steps },
    devices: [
      {
        ...{ device, outcome: result.outcome, detail: result.detail, before },
        ...(result.after === undefined ? {} : { after: result.after }),
      },
    ],
    ...{ outcome: result.outcome, detail: result.detail, auditIndex },
  });
  if (result.outcome !== 'unknown') await deps.journal.closeTransaction({ intent: intent.id, tenant, device });
  await pageHuman(deps, { tenant, intent: intent.id, device }, result);
  return result;
}
