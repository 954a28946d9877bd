/**
 * Tries on a device what its hello promises, with one harmless edit that is taken back each time: whether locks hold,
 * whether a validated candidate is still there, and whether a confirmed commit really goes away when it is cancelled,
 * when its time is over, and with its session. A trial whose edit stays ends the learning; the caller puts it right.
 */
import { CAPABILITIES, WRITABLE_RUNNING } from '../../protocols/netconf/messages.ts';
import { INTERFACES_NS } from '../../protocols/yang/namespaces.ts';
import { LADDER, type Ladder } from '../contract.ts';
import { DriverError, type WriteSession } from '../drivers/driver.ts';
import type { DeviceQuirks } from '../standing.ts';
import type { RunningConfig } from './running.ts';

export interface LearnDeps {
  /** A session on any rung. */
  readonly open: () => Promise<WriteSession>;
  readonly running: (session: WriteSession, source: 'running' | 'candidate') => Promise<RunningConfig>;
  /** Milliseconds. */
  readonly wait: (ms: number) => Promise<void>;
}

/** The edit, what it makes of the configuration, and the way back. */
export interface Trial {
  readonly edit: string;
  readonly inverse: string;
  readonly before: RunningConfig;
  readonly expected: RunningConfig;
  readonly persistId: string;
}

export interface Learnt {
  /** Undefined: the device cannot be changed on any rung. */
  readonly ladder: Ladder | undefined;
  readonly base: readonly ('1.0' | '1.1')[];
  readonly quirks: DeviceQuirks;
}

/** The device does not hold what it held before the trial. */
export class NotRestored extends Error {
  override readonly name = 'NotRestored';
}

/** Shortest confirm timeout that is tried, and how long a trial commit may live at most, seconds. */
const LAPSE_SECONDS = 2;
const TRIAL_SECONDS = 10;
/** A rollback may take this long; between two looks a device has time for itself: netconfd sees to its timers only then. */
const SETTLE_SECONDS = 16;
const LOOK_MS = 2_000;
/** Lengths of a text that are tried, bytes: each goes out as one chunk (RFC 6242 §4.2), the first that is taken counts. */
const CHUNKS = [65_000, 16_000, 4_000, 1_000] as const;

/** Rejects with `NotRestored`, or with `DriverError` when the device was lost. */
export async function learnQuirks(deps: LearnDeps, trial: Trial): Promise<Learnt> {
  const { running, wait } = deps;
  const { before, expected, edit, inverse, persistId } = trial;
  const inSession = async <T>(work: (session: WriteSession) => Promise<T>): Promise<T> => {
    const session = await deps.open();
    try {
      return await work(session);
    } finally {
      await session.close().catch(() => undefined);
    }
  };
  const holds = (): Promise<RunningConfig> => inSession((session) => running(session, 'running'));
  /** Whether running is as before, now or within the time that a rollback may take. */
  const isBack = async (seconds: number): Promise<boolean> => {
    for (let left = seconds * 1_000; ; left -= LOOK_MS) {
      if ((await holds()) === before) return true;
      if (left <= 0) return false;
      await wait(LOOK_MS);
    }
  };
  /** Commits the edit and lets `end` take it back. `took` is false for a device that says ok and does nothing. */
  const commit = async (
    how: (session: WriteSession) => Promise<void>,
    end: () => Promise<boolean>,
    validates = false,
  ): Promise<{ readonly took: boolean; readonly back: boolean }> => {
    const took = await inSession(async (session) => {
      await session.lockCandidate();
      await session.editCandidate(edit);
      if (validates) await session.validateCandidate();
      const done = await taken(() => how(session));
      return done && (await running(session, 'running')) === expected;
    });
    // Nothing to see, but perhaps a commit of nothing that waits.
    if (!took) await inSession((session) => taken(() => session.cancelCommit(persistId)));
    const back = await end();
    // A commit that did not go when it should goes when its time is over, or by the inverse.
    if (!back && !(await isBack(TRIAL_SECONDS + SETTLE_SECONDS))) await putBack();
    return { took, back };
  };
  const cancelled = async (): Promise<boolean> => {
    await inSession((session) => taken(() => session.cancelCommit(persistId)));
    return isBack(0);
  };
  const confirmedFor = (seconds: number) => (session: WriteSession) =>
    session.commitConfirmed({ timeoutSeconds: seconds, persistId });

  const putBack = async (): Promise<void> => {
    await inSession(async (session) => {
      await taken(() => session.confirmCommit(persistId));
      await session.lockCandidate();
      await session.editCandidate(inverse);
      await session.commit();
    });
    if (!(await isBack(0))) throw new NotRestored('the device kept the edit of a trial, and the inverse edit too');
  };

  const capabilities = await inSession(async (session) => session.capabilities);
  const has = (uri: string): boolean => capabilities.includes(uri);
  const promised = {
    candidate: has(CAPABILITIES.candidate),
    confirmedCommit: has(CAPABILITIES.confirmedCommit),
    writableRunning: has(WRITABLE_RUNNING),
    rollbackOnError: has(CAPABILITIES.rollbackOnError),
    validate: has(CAPABILITIES.validate),
  };
  const base = (['1.0', '1.1'] as const).filter((one) => has(`urn:ietf:params:netconf:base:${one}`));
  const locks = await lockHolds(deps, promised.candidate);
  const maxChunk = await largestChunk(deps);
  const seen = { ...(maxChunk === undefined ? {} : { maxChunk }), locks };
  const confirmed = promised.candidate && promised.confirmedCommit ? await tryConfirmed() : undefined;
  return { ladder: await climb(), base, quirks: { ...promised, ...seen, ...confirmed?.quirks } };

  async function tryConfirmed() {
    const cancel = await commit(confirmedFor(TRIAL_SECONDS), cancelled);
    const lapse = await commit(confirmedFor(LAPSE_SECONDS), () => isBack(SETTLE_SECONDS));
    const loss = await commit(
      (session) => session.commitUntilClosed(TRIAL_SECONDS),
      () => isBack(0),
    );
    const validated = promised.validate ? await commit(confirmedFor(TRIAL_SECONDS), cancelled, true) : undefined;
    const took = cancel.took && lapse.took && loss.took;
    return {
      works: took && cancel.back && lapse.back,
      // What was never there cannot be seen to go.
      quirks: {
        ...(cancel.took ? { revertsOnCancel: cancel.back } : {}),
        ...(lapse.took ? { revertsOnTimeout: lapse.back } : {}),
        ...(loss.took ? { revertsOnSessionLoss: loss.back } : {}),
        ...(validated === undefined || !cancel.took ? {} : { keepsValidatedCandidate: validated.took }),
      },
    };
  }

  /** The highest rung that does what it should. */
  async function climb(): Promise<Ladder | undefined> {
    const works: Readonly<Record<Ladder, () => Promise<boolean>>> = {
      confirmed: async () =>
        confirmed?.works === true && promised.rollbackOnError && promised.validate && base.includes('1.1'),
      candidate: async () => {
        if (!promised.candidate) return false;
        const { took } = await commit(
          (session) => session.commit(),
          async () => {
            if ((await holds()) !== before) await putBack();
            return true;
          },
        );
        return took;
      },
      running: async () => {
        if (!promised.writableRunning) return false;
        const took = await inSession(async (session) => {
          await session.lockRunning();
          await session.editRunning(edit);
          const held = (await running(session, 'running')) === expected;
          if (held) await session.editRunning(inverse);
          return held;
        });
        if (!(await isBack(0))) throw new NotRestored('running kept the edit of a trial, and the inverse edit too');
        return took;
      },
    };
    for (const rung of LADDER) if (await works[rung]()) return rung;
    return undefined;
  }
}

/** Whether the device took it; what it refuses with reason is an answer. */
async function taken(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof DriverError && error.code === 'RPC_ERROR') return false;
    throw error;
  }
}

/** A second session must be refused while the first one holds the lock (RFC 6241 §7.5). */
async function lockHolds({ open }: LearnDeps, hasCandidate: boolean): Promise<boolean> {
  const sessions: WriteSession[] = [];
  const lock = (session: WriteSession): Promise<boolean> =>
    taken(() => (hasCandidate ? session.lockCandidate() : session.lockRunning()));
  try {
    const first = await open();
    sessions.push(first);
    const second = await open();
    sessions.push(second);
    return (await lock(first)) && !(await lock(second));
  } finally {
    for (const session of sessions) await session.close().catch(() => undefined);
  }
}

/** The name of no port, so long that the request is one large chunk; a refusal with reason says that it was taken. */
async function largestChunk({ open }: LearnDeps): Promise<number | undefined> {
  for (const bytes of CHUNKS) {
    const filter = `<interfaces xmlns="${INTERFACES_NS}"><interface><name>${'x'.repeat(bytes)}</name></interface></interfaces>`;
    const session = await open();
    try {
      await session.getConfig('running', filter);
      return bytes;
    } catch (error) {
      if (!(error instanceof DriverError)) throw error;
      if (error.code === 'RPC_ERROR') return bytes;
    } finally {
      await session.close().catch(() => undefined);
    }
  }
  return undefined;
}
