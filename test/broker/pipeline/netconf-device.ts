/** The writing side of a device of the network model, in process: candidate, lock and confirmed commit (RFC 6241 §7.5, §8.3, §8.4). */
import { DriverError, type WriteSession } from '../../../broker/drivers/driver.ts';
import { editConfig } from '../../../protocols/netconf/edit.ts';
import { CAPABILITIES } from '../../../protocols/netconf/messages.ts';
import { parseXml, renderXml, type XmlNode } from '../../../protocols/netconf/xml.ts';
import { listKeys } from '../../../protocols/yang/list-keys.ts';
import type { DeviceRef, Network } from '../../../simulators/model/network.ts';
import { netconfView } from '../../../simulators/views/netconf-view.ts';

/** What a test does to a request: called before it acts; a thrown error is what the broker gets. */
export type Meddle = (request: string, ref: DeviceRef) => void;

export interface NetconfDevice {
  open(): WriteSession;
  /** The confirm timer fires. */
  lapse(): void;
  readonly commits: string[];
}

export function createNetconfDevice(network: Network, ref: DeviceRef, meddle: Meddle): NetconfDevice {
  const view = netconfView(network, ref);
  const commits: string[] = [];
  let candidate: XmlNode | undefined;
  let holder: object | undefined;
  let pending: { readonly persistId: string; readonly before: XmlNode } | undefined;
  const revert = (): void => {
    if (pending !== undefined) view.commit(pending.before, { user: 'broker' });
    pending = undefined;
  };
  const demandOwner = (persistId: string): void => {
    if (pending?.persistId !== persistId) throw new DriverError('RPC_ERROR', 'no such commit', 'invalid-value');
  };

  function open(): WriteSession {
    const me = {};
    let endsWithMe = false;
    const act = async <T>(request: string, work: () => T): Promise<T> => {
      await Promise.resolve();
      meddle(request, ref);
      return work();
    };
    return {
      capabilities: Object.values(CAPABILITIES),
      ladder: 'confirmed',
      takeWarnings: () => [],
      lockCandidate: () =>
        act('lock', () => {
          if (holder !== undefined && holder !== me) throw new DriverError('RPC_ERROR', 'locked', 'lock-denied');
          holder = me;
        }),
      unlockCandidate: () =>
        act('unlock', () => {
          holder = undefined;
        }),
      getConfig: (source) =>
        act(`get-${source}`, () => {
          const data = source === 'running' ? view.running() : (candidate ?? view.running());
          return data.children.map((node) => renderXml(node)).join('');
        }),
      editCandidate: (config) =>
        act('edit', () => {
          candidate = editConfig(candidate ?? view.running(), parseXml(`<config>${config}</config>`), listKeys);
        }),
      validateCandidate: () => act('validate', () => undefined),
      commitConfirmed: ({ persistId }) =>
        act('commit', () => {
          commits.push(persistId);
          pending = { persistId, before: pending?.before ?? view.running() };
          if (candidate !== undefined) view.commit(candidate, { user: 'broker' });
          candidate = undefined;
        }),
      confirmCommit: (persistId) =>
        act('confirm', () => {
          demandOwner(persistId);
          pending = undefined;
        }),
      cancelCommit: (persistId) =>
        act('cancel', () => {
          demandOwner(persistId);
          revert();
        }),
      discardChanges: () =>
        act('discard', () => {
          candidate = undefined;
        }),
      commit: () =>
        act('commit', () => {
          if (candidate !== undefined) view.commit(candidate, { user: 'broker' });
          candidate = undefined;
        }),
      commitUntilClosed: () =>
        act('commit', () => {
          pending = { persistId: '', before: pending?.before ?? view.running() };
          endsWithMe = true;
          if (candidate !== undefined) view.commit(candidate, { user: 'broker' });
          candidate = undefined;
        }),
      lockRunning: () => act('lock', () => undefined),
      unlockRunning: () => act('unlock', () => undefined),
      editRunning: (config) =>
        act('edit', () =>
          view.commit(editConfig(view.running(), parseXml(`<config>${config}</config>`), listKeys), { user: 'broker' }),
        ),
      close: async () => {
        if (endsWithMe) revert();
        endsWithMe = false;
        if (holder !== me) return;
        holder = undefined;
        candidate = undefined;
      },
    };
  }
  return { open, lapse: revert, commits };
}
