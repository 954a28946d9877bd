/** What the broker does by itself, again and again: recover, take containments back, end silent runs, look at upstream servers, follow other brokers. */
import type { Logger } from 'pino';
import { type ExpireDeps, expireApprovals } from '../../broker/approval/expire.ts';
import { type ReverseDeps, reverseDue } from '../../broker/containment/reverse.ts';
import { closeInterrupted, type RecoverDeps, recoverTransactions } from '../../broker/execution/recover.ts';
import { REFRESH_MS } from '../../broker/identity/revocation.ts';
import type { WorkerDesk } from '../../broker/schedules/worker-desk.ts';
import type { Federation } from '../../broker/upstream/federation.ts';
import type { Identity } from './broker-identity.ts';
import type { Records } from './broker-records.ts';
import { repeat } from './repeat.ts';

/** A device that did not answer is asked again about an unfinished transaction this often. */
const RECOVER_MS = 10_000;
/** How often it is looked whether the end of a containment has come. */
const REVERSE_MS = 1_000;
/** How often upstream servers are asked what they offer, beside each call. */
const LOOK_MS = 60_000;

export interface DutiesDeps {
  readonly shared: ExpireDeps & ReverseDeps & RecoverDeps;
  readonly records: Records;
  readonly identity: Pick<Identity, 'agents'>;
  readonly decisionPoint: Refreshed;
  readonly narrowed: Refreshed;
  readonly upstream: Pick<Federation, 'lookAtAll' | 'reload'>;
  readonly workerDesk: Pick<WorkerDesk, 'loseSilent'>;
  /** Reads what other brokers did since. */
  readonly follow: () => Promise<void>;
  readonly log: Logger;
}

interface Refreshed {
  refresh(): Promise<void>;
}

/** Begins all of it; a failure is logged and the work tried again at its next turn, until stopped. */
export function startDuties({
  shared,
  records,
  identity,
  decisionPoint,
  narrowed,
  upstream,
  workerDesk,
  follow,
  log,
}: DutiesDeps): {
  readonly stop: () => void;
} {
  const logged = (work: () => Promise<unknown>, otherwise: string) => (): Promise<unknown> =>
    work().catch((error: unknown) => log.error({ err: error }, otherwise));
  const recover = (): Promise<unknown> =>
    Promise.all([
      closeInterrupted(shared).then(() => recoverTransactions(shared)),
      records.quarantine.reload(),
      identity.agents.reload(),
      records.followLog(),
      records.untrusted.reload(),
      expireApprovals(shared),
      decisionPoint.refresh(),
      narrowed.refresh(),
      upstream.reload(),
    ]);
  const lose = logged(() => workerDesk.loseSilent(), 'silent runs could not be ended; it is tried again');
  const look = logged(() => upstream.lookAtAll(), 'upstream servers could not be looked at');
  // Beside the start: a server of somebody else keeps nobody waiting.
  void look();
  const duties = [
    repeat(RECOVER_MS, logged(recover, 'recovery failed; it is tried again')),
    // An end time may have passed while no broker was there: the first turn takes those back too.
    repeat(
      REVERSE_MS,
      logged(() => reverseDue(shared), 'containments could not be looked at; it is tried again'),
    ),
    repeat(LOOK_MS, look),
    repeat(RECOVER_MS, lose),
    repeat(
      REFRESH_MS,
      logged(
        () => Promise.all([follow(), records.audit.refresh()]),
        'what other brokers did cannot be read; no change is executed until it can',
      ),
    ),
  ];
  return {
    stop: () => {
      for (const duty of duties) duty.stop();
    },
  };
}
