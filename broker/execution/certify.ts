/**
 * Certifies a device: lets it show in trials what it does with a change, puts everything back, and keeps what was learnt.
 * The trials are one open transaction in the journal, without a verified end: after a crash recovery takes them back.
 */
import { NOTIFICATION_CAPABILITY, readStreams, STREAMS_FILTER } from '../../protocols/netconf/notification.ts';
import type { StepRecord, TransactionStep } from '../contract.ts';
import { DriverError } from '../drivers/driver.ts';
import type { TransactionRecord } from '../ports.ts';
import type { Certificates, DeviceCertificate } from '../standing.ts';
import { type Learnt, learnQuirks, NotRestored } from './learn-quirks.ts';
import { reconcile } from './reconcile.ts';
import { parseData } from './running.ts';
import type { TransactionDeps, TransactionResult } from './transaction.ts';

export interface CertifyDeps extends TransactionDeps {
  readonly certificates: Certificates;
  /** The pinned SSH host key of a device. */
  readonly hostKeyOf: (tenant: string, device: string) => Promise<string>;
}

/** `asked` has the edit of the trials; `human` asked for it. */
export async function certifyDevice(
  deps: CertifyDeps,
  asked: TransactionRecord,
  human: string,
): Promise<TransactionResult> {
  const { tenant, device, intent } = asked;
  const steps: StepRecord[] = [];
  const note = async (step: TransactionStep, ok: boolean, detail: string): Promise<void> => {
    const entry = { device, step, ok, detail, at: new Date(deps.clock.now()).toISOString() };
    steps.push(entry);
    await deps.journal.recordStep(asked, entry);
    deps.announce(intent, tenant, entry);
  };

  const open = () => deps.devices.write(tenant, device, 'running');
  // What it is known for may be wrong: what it promises now says how recovery can put it right.
  let record = asked;
  try {
    const session = await open();
    record = { ...asked, ladder: session.ladder };
    await deps.journal.openTransaction(record);
    await note('prepare', true, 'pre-image and edit of the trials are stored');
    const running = await deps.running(session, 'running');
    await session.close().catch(() => undefined);
    if (running !== record.before) {
      await note('lock', false, 'the device drifted');
      return { outcome: 'failed', detail: 'the device drifted; nothing was tried', steps };
    }
    // Before the first trial: recovery must know that the device may hold one.
    await note('validate', true, 'from here on the device may hold an edit of a trial');
    const learnt = await learnQuirks({ ...deps, open }, { ...record });
    await note('read-back', true, 'running is as before all trials');
    return await keep(learnt);
  } catch (error) {
    if (!(error instanceof DriverError) && !(error instanceof NotRestored)) throw error;
    if (steps.length === 0) return { outcome: 'failed', detail: `nothing was tried: ${error.message}`, steps };
    await note('read-back', false, error.message);
    const found = await reconcile(deps, record, { committed: true, verified: false });
    await note('rollback', found.outcome !== 'unknown', found.detail);
    const { outcome, running, code } = found;
    return {
      ...{ outcome, steps, detail: `the certification broke off: ${error.message}; ${found.detail}` },
      ...(running === undefined ? {} : { after: running }),
      ...(code === undefined ? {} : { code }),
    };
  }

  async function keep({ ladder, base, quirks }: Learnt): Promise<TransactionResult> {
    const after = asked.before;
    if (ladder === undefined)
      return { outcome: 'failed', detail: 'the device does on no rung what it says it does', steps, after };
    await deps.certificates.put({
      ...{ tenant, device, certifiedAt: new Date(deps.clock.now()).toISOString(), certifiedBy: human, intent },
      ...{ hostKey: await deps.hostKeyOf(tenant, device), ladder, base, quirks },
      streams: await listStreams(deps, tenant, device),
    });
    return { outcome: 'succeeded', detail: `certified: ladder ${ladder}`, steps, after };
  }
}

async function listStreams(deps: CertifyDeps, tenant: string, device: string): Promise<DeviceCertificate['streams']> {
  const reply = await deps.devices.read(tenant, { protocol: 'netconf', kind: 'get', device, filter: STREAMS_FILTER });
  const listed = reply.ok && reply.protocol === 'netconf' ? readStreams(parseData(reply.xml).children) : [];
  if (listed.length > 0) return listed.slice(0, 32);
  const session = await deps.devices.write(tenant, device, 'running');
  await session.close().catch(() => undefined);
  // RFC 5277 §3.2.3: a server with notifications has this stream, whether it lists it or not.
  return session.capabilities.includes(NOTIFICATION_CAPABILITY) ? [{ name: 'NETCONF', replay: false }] : [];
}
