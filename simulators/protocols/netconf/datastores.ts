/**
 * Datastores of a device: running, candidate, their locks, and the confirmed commit that lapses (RFC 6241 §7.5, §8.3, §8.4).
 *
 * Every refusal is an `RpcFailure`. Running lives in the backend; here is only what NETCONF adds to it.
 */
import { type DefaultOperation, editConfig } from '../../../protocols/netconf/edit.ts';
import { BASE_NS, type RpcErrorTag, RpcFailure, rpcError } from '../../../protocols/netconf/messages.ts';
import type { Timers } from '../../../protocols/netconf/timers.ts';
import { el, type XmlNode } from '../../../protocols/netconf/xml.ts';
import type { NetconfBackend } from './backend.ts';

export type Datastore = 'running' | 'candidate';

/** An edit is all or nothing, but for `continue-on-error`, which does what it can (RFC 6241 §7.2). */
export type ErrorOption = 'stop-on-error' | 'continue-on-error' | 'rollback-on-error';

/** Who asks. */
export interface Caller {
  readonly session: number;
  readonly user: string;
}

export interface CommitOptions {
  /** Present for a confirmed commit. */
  readonly confirmed?: { readonly timeoutSeconds: number; readonly persist?: string };
  readonly persistId?: string;
}

/** What the datastores tell of themselves (RFC 6470 §2). */
export type DatastoreEvent =
  | { readonly kind: 'config-change'; readonly by: Caller; readonly before: XmlNode; readonly after: XmlNode }
  | {
      readonly kind: 'confirmed-commit';
      readonly event: 'start' | 'cancel' | 'timeout' | 'extend' | 'complete';
      readonly by: Caller;
      readonly timeoutSeconds?: number;
    };

export interface DatastoreHooks {
  tell(event: DatastoreEvent): void;
  /** True: while there is a lock, a confirmed commit that should be rolled back stays. */
  keepsWhileLocked(): boolean;
}

export interface Lock {
  readonly session: number;
  /** Epoch milliseconds of the device's clock. */
  readonly since: number;
}

export interface Datastores {
  read(store: Datastore): XmlNode;
  locks(): ReadonlyMap<Datastore, Lock>;
  edit(
    caller: Caller,
    config: XmlNode,
    defaultOperation: DefaultOperation,
    testOption: 'test-then-set' | 'set' | 'test-only',
    errorOption: ErrorOption,
  ): void;
  /** Edits running at once, all or nothing; for devices without a candidate. */
  editRunning(caller: Caller, config: XmlNode, defaultOperation: DefaultOperation): void;
  /** Makes `config` the candidate. */
  copy(caller: Caller, config: XmlNode): void;
  validate(config: XmlNode): void;
  lock(caller: Caller, store: Datastore): void;
  unlock(caller: Caller, store: Datastore): void;
  commit(caller: Caller, options: CommitOptions): void;
  cancelCommit(caller: Caller, persistId: string | undefined): void;
  discard(caller: Caller): void;
  /** Frees what a session held; reverts its confirmed commit unless that persists (RFC 6241 §8.4.1). */
  endSession(session: number): void;
  /** The device goes down: an unconfirmed commit does not survive it (RFC 6241 §8.4.1). */
  shutDown(): void;
}

interface PendingCommit {
  /** Running before the first commit of the sequence. */
  readonly before: XmlNode;
  readonly caller: Caller;
  readonly persist: string | undefined;
  readonly cancelTimer: () => void;
}

/** Errors of one reply. */
const MAX_ERRORS = 20;

export function createDatastores(backend: NetconfBackend, timers: Timers, hooks: DatastoreHooks): Datastores {
  let candidate: XmlNode | undefined; // undefined: as running
  let pending: PendingCommit | undefined;
  const locks = new Map<Datastore, Lock>();

  const read = (store: Datastore): XmlNode =>
    store === 'candidate' ? (candidate ?? backend.running()) : backend.running();

  function demandUnlocked(caller: Caller, ...stores: readonly Datastore[]): void {
    const holder = stores
      .map((store) => locks.get(store)?.session)
      .find((each) => each !== undefined && each !== caller.session);
    if (holder !== undefined) throw refuse('in-use', `session ${holder} holds a lock`);
  }

  function demandValid(config: XmlNode): void {
    const errors = backend.validate(config);
    if (errors.some(({ severity }) => severity === 'error')) throw new RpcFailure(...errors);
  }

  function apply(config: XmlNode, by: Caller): void {
    const before = backend.running();
    try {
      backend.commit(config, { user: by.user });
    } catch (error) {
      throw refuse('operation-failed', error instanceof Error ? error.message : 'the commit failed');
    }
    hooks.tell({ kind: 'config-change', by, before, after: config });
  }

  function revert(event: 'cancel' | 'timeout'): void {
    if (pending === undefined) return;
    const { before, caller, cancelTimer } = pending;
    pending = undefined;
    cancelTimer();
    if (locks.size > 0 && hooks.keepsWhileLocked()) return;
    apply(before, caller);
    hooks.tell({ kind: 'confirmed-commit', event, by: caller });
  }

  /** Reverts when nobody is there to be told of a failure: a backend that refuses its own former configuration keeps the new one. */
  function lapse(event: 'cancel' | 'timeout'): void {
    try {
      revert(event);
    } catch (error) {
      if (!(error instanceof RpcFailure)) throw error;
    }
  }

  /** Whether the caller may continue, confirm or cancel the pending commit (RFC 6241 §8.4.1, §8.4.4.1). */
  function demandOwner(caller: Caller, persistId: string | undefined): void {
    if (persistId !== pending?.persist)
      throw refuse('invalid-value', 'persist-id is not that of a pending confirmed commit');
    if (pending !== undefined && persistId === undefined && pending.caller.session !== caller.session)
      throw refuse('in-use', 'another session has a pending confirmed commit');
  }

  return {
    read,
    locks: () => locks,
    edit(caller, config, defaultOperation, testOption, errorOption) {
      demandUnlocked(caller, 'candidate');
      const failures: RpcFailure[] = [];
      const skip =
        errorOption === 'continue-on-error' ? (failure: RpcFailure) => void failures.push(failure) : undefined;
      const edited = editConfig(read('candidate'), config, backend.keys, defaultOperation, skip);
      if (testOption !== 'set') demandValid(edited);
      if (testOption !== 'test-only') candidate = edited;
      if (failures.length > 0) throw new RpcFailure(...failures.flatMap(({ errors }) => errors).slice(0, MAX_ERRORS));
    },
    editRunning(caller, config, defaultOperation) {
      demandUnlocked(caller, 'running');
      const edited = editConfig(backend.running(), config, backend.keys, defaultOperation);
      demandValid(edited);
      apply(edited, caller);
    },
    copy(caller, config) {
      demandUnlocked(caller, 'candidate');
      // Through an edit, so that what an edit refuses is refused here too.
      candidate = editConfig(read('candidate'), config, backend.keys, 'replace');
    },
    validate: demandValid,
    lock(caller, store) {
      const holder = locks.get(store)?.session;
      if (holder !== undefined) throw refuseLock(holder, `session ${holder} holds the lock`);
      if (store === 'candidate' && candidate !== undefined) throw refuseLock(0, 'the candidate is modified');
      if (store === 'running' && pending !== undefined && pending.caller.session !== caller.session)
        throw refuseLock(pending.caller.session, 'a confirmed commit is pending');
      locks.set(store, { session: caller.session, since: backend.now() });
    },
    unlock(caller, store) {
      if (locks.get(store)?.session !== caller.session)
        throw refuse('operation-failed', 'the session does not hold this lock');
      locks.delete(store);
    },
    commit(caller, { confirmed, persistId }) {
      demandUnlocked(caller, 'running', 'candidate');
      demandOwner(caller, persistId);
      const before = pending?.before ?? backend.running();
      if (candidate !== undefined) {
        demandValid(candidate);
        apply(candidate, caller);
        candidate = undefined;
      }
      const wasPending = pending !== undefined;
      pending?.cancelTimer();
      pending =
        confirmed === undefined
          ? undefined
          : {
              before,
              caller,
              persist: confirmed.persist,
              cancelTimer: timers.set(confirmed.timeoutSeconds * 1000, () => lapse('timeout')),
            };
      if (confirmed !== undefined) {
        const { timeoutSeconds } = confirmed;
        hooks.tell({ kind: 'confirmed-commit', event: wasPending ? 'extend' : 'start', by: caller, timeoutSeconds });
      } else if (wasPending) hooks.tell({ kind: 'confirmed-commit', event: 'complete', by: caller });
    },
    cancelCommit(caller, persistId) {
      if (pending === undefined && persistId === undefined)
        throw refuse('operation-failed', 'no confirmed commit is pending');
      demandOwner(caller, persistId);
      revert('cancel');
    },
    discard(caller) {
      demandUnlocked(caller, 'candidate');
      candidate = undefined;
    },
    endSession(session) {
      if (locks.get('candidate')?.session === session) candidate = undefined; // RFC 6241 §8.3.5.2
      for (const [store, holder] of [...locks]) if (holder.session === session) locks.delete(store);
      if (pending?.caller.session === session && pending.persist === undefined) lapse('cancel');
    },
    shutDown() {
      candidate = undefined;
      locks.clear();
      lapse('cancel');
    },
  };
}

function refuse(tag: RpcErrorTag, message: string): RpcFailure {
  return new RpcFailure(rpcError(tag, message));
}

/** Session 0 stands for something that is no NETCONF session (RFC 6241 appendix A). */
function refuseLock(holder: number, message: string): RpcFailure {
  return new RpcFailure(rpcError('lock-denied', message, { info: [el(BASE_NS, 'session-id', String(holder))] }));
}
