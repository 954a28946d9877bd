/** A device that remembers all that was done to it: candidate, lock and confirmed commit (RFC 6241 §7.5, §8.3, §8.4), with a clock of its own. */
import { DriverError } from '../../broker/drivers/driver.ts';
import { canonical } from '../../broker/execution/running.ts';
import { editConfig } from '../../protocols/netconf/edit.ts';
import { RpcFailure } from '../../protocols/netconf/messages.ts';
import { parseXml, type XmlNode } from '../../protocols/netconf/xml.ts';
import { listKeys } from '../../protocols/yang/list-keys.ts';
import type { Network } from '../../simulators/model/network.ts';
import { netconfView } from '../../simulators/views/netconf-view.ts';
import { TENANT } from './lab.ts';
import type { Timeline } from './timeline.ts';

/** One time that running changed. */
export interface Transition {
  readonly at: number;
  readonly cause: 'commit' | 'lapse' | 'cancel' | 'closed' | 'others';
  readonly persistId: string;
  readonly before: string;
  readonly after: string;
  /** What the session had sent into the candidate. */
  readonly edits: readonly string[];
}

/** One session; it ends with its process, and its lock with it (RFC 6241 §7.5). */
export interface DeviceSession {
  readonly edits: string[];
}

export interface Device {
  readonly name: string;
  readonly transitions: readonly Transition[];
  /** Silent until then, in virtual time. */
  silentUntil: number;
  /** How often running changed: what was read under another number may be out of date. */
  readonly version: number;
  running(): XmlNode;
  candidate(): XmlNode;
  /** Whether a change waits for its confirmation. */
  pending(): boolean;
  lock(session: DeviceSession): void;
  unlock(session: DeviceSession): void;
  edit(session: DeviceSession, config: string): void;
  editRunning(session: DeviceSession, config: string): void;
  discard(session: DeviceSession): void;
  /** `lies`: says that it did it, and did not. */
  commit(session: DeviceSession, persistId: string, timeoutSeconds: number, renews: boolean, lies: boolean): void;
  commitForGood(session: DeviceSession): void;
  confirm(persistId: string, lies: boolean): void;
  cancel(persistId: string): void;
  end(session: DeviceSession): void;
  /** Somebody else changes the device, who keeps to locks and pending commits; false when they keep him out. */
  changeByOthers(config: string): boolean;
}

export function createDevice(name: string, network: Network, timeline: Timeline): Device {
  const view = netconfView(network, { tenant: TENANT, device: name });
  const transitions: Transition[] = [];
  let version = 0;
  let known: XmlNode | undefined;
  const running = (): XmlNode => {
    known ??= view.running();
    return known;
  };
  let candidate: XmlNode | undefined;
  let holder: DeviceSession | undefined;
  let pending: { readonly persistId: string; readonly before: XmlNode; readonly ends: number } | undefined;

  const move = (cause: Transition['cause'], persistId: string, to: XmlNode, edits: readonly string[] = []): void => {
    const before = canonical(running());
    view.commit(to, { user: cause });
    version += 1;
    known = undefined;
    const after = canonical(running());
    if (before !== after) transitions.push({ at: timeline.now(), cause, persistId, before, after, edits });
  };
  const revert = (cause: 'lapse' | 'cancel'): void => {
    if (pending !== undefined) move(cause, pending.persistId, pending.before);
    pending = undefined;
  };
  const demandOwn = (persistId: string): void => {
    if (pending?.persistId !== persistId) throw new DriverError('RPC_ERROR', 'no such commit', 'invalid-value');
  };
  const demandUnlocked = (session: DeviceSession | undefined): void => {
    if (holder !== undefined && holder !== session) throw new DriverError('RPC_ERROR', 'locked', 'in-use');
  };
  const apply = (to: XmlNode, config: string): XmlNode => {
    try {
      return editConfig(to, parseXml(`<config>${config}</config>`), listKeys);
    } catch (error) {
      if (error instanceof RpcFailure) throw new DriverError('RPC_ERROR', error.message, 'data-missing');
      throw error;
    }
  };
  return {
    name,
    transitions,
    silentUntil: 0,
    get version() {
      return version;
    },
    running,
    candidate: () => candidate ?? running(),
    pending: () => pending !== undefined,
    lock(session) {
      if (holder !== undefined) throw new DriverError('RPC_ERROR', 'locked', 'lock-denied');
      holder = session;
    },
    unlock(session) {
      if (holder === session) holder = undefined;
    },
    edit(session, config) {
      demandUnlocked(session);
      candidate = apply(candidate ?? running(), config);
      session.edits.push(config);
    },
    editRunning(session, config) {
      demandUnlocked(session);
      move('commit', '', apply(running(), config), [config]);
    },
    discard(session) {
      demandUnlocked(session);
      candidate = undefined;
    },
    commit(session, persistId, timeoutSeconds, renews, lies) {
      demandUnlocked(session);
      if (pending !== undefined && pending.persistId !== persistId)
        throw new DriverError('RPC_ERROR', 'another commit is pending', 'in-use');
      if (renews) demandOwn(persistId);
      const mine = {
        persistId,
        before: pending?.before ?? running(),
        ends: timeline.now() + timeoutSeconds * 1000,
      };
      pending = mine;
      timeline.after(timeoutSeconds * 1000, () => {
        if (pending === mine) revert('lapse');
      });
      if (candidate !== undefined && !lies) move('commit', persistId, candidate, session.edits);
      candidate = undefined;
    },
    commitForGood(session) {
      demandUnlocked(session);
      if (pending !== undefined) throw new DriverError('RPC_ERROR', 'another commit is pending', 'in-use');
      if (candidate !== undefined) move('commit', '', candidate, session.edits);
      candidate = undefined;
    },
    confirm(persistId, lies) {
      demandOwn(persistId);
      if (!lies) pending = undefined;
    },
    cancel(persistId) {
      demandOwn(persistId);
      revert('cancel');
    },
    end(session) {
      if (holder !== session) return;
      holder = undefined;
      candidate = undefined;
    },
    changeByOthers(config) {
      if (holder !== undefined || pending !== undefined) return false;
      move('others', '', apply(running(), config));
      return true;
    },
  };
}
