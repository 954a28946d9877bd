/**
 * The way to devices of a network in memory: reads are answered through the mappings that the protocol servers use,
 * writes go into the datastores of the simulated NETCONF server (candidate, lock, confirmed commit that lapses).
 */
import { DriverError, type WriteSession } from '../../broker/drivers/driver.ts';
import type { Devices } from '../../broker/execution/devices.ts';
import { CAPABILITIES, RpcFailure } from '../../protocols/netconf/messages.ts';
import { parseXml, renderXml } from '../../protocols/netconf/xml.ts';
import { configToXml } from '../../protocols/yang/config-to-xml.ts';
import { answerOperation } from '../../scenarios/answer.ts';
import type { DeviceRef, Network } from '../../simulators/model/network.ts';
import { createDatastores, type Datastores } from '../../simulators/protocols/netconf/datastores.ts';
import { netconfView } from '../../simulators/views/netconf-view.ts';
import type { ModelClock } from './model-clock.ts';
import { USER } from './simulated-device.ts';

export function createModelDevices(network: Network, clock: ModelClock): Devices {
  const stores = new Map<string, Datastores>();
  let sessions = 0;
  const storesOf = (ref: DeviceRef): Datastores => {
    const key = `${ref.tenant}/${ref.device}`;
    const found =
      stores.get(key) ??
      createDatastores(netconfView(network, ref), clock.timers, {
        tell: () => undefined,
        keepsWhileLocked: () => false,
      });
    stores.set(key, found);
    return found;
  };
  return {
    read: async (tenant, operation) => {
      const collectedAt = new Date(clock.now()).toISOString();
      if (operation.protocol === 'records') throw new Error('records are read at the broker');
      const { device } = operation;
      if (operation.protocol !== 'netconf' || operation.kind !== 'get-config' || operation.filter !== '')
        return answerOperation(network, tenant, operation, collectedAt);
      if (!network.reachable({ tenant, device })) {
        const error = { code: 'DEVICE_UNREACHABLE', message: `${device} does not answer.` };
        return { operation, collectedAt, ok: false, error };
      }
      // The driver sends no filter for an empty one.
      const nodes = configToXml(network.config({ tenant, device }));
      return {
        operation,
        collectedAt,
        ok: true,
        protocol: 'netconf',
        xml: nodes.map((node) => renderXml(node)).join(''),
      };
    },
    write: async (tenant, device) => {
      const ref = { tenant, device };
      if (!network.reachable(ref)) throw new DriverError('UNREACHABLE', `${device} does not answer`);
      sessions += 1;
      const session = sessions;
      return openSession({ network, ref, session, stores: storesOf(ref) });
    },
  };
}

interface Opening {
  readonly network: Network;
  readonly ref: DeviceRef;
  readonly session: number;
  readonly stores: Datastores;
}

/** A session that may write. A device that fell silent in between takes nothing more. */
function openSession({ network, ref, session, stores }: Opening): WriteSession {
  const caller = { session, user: USER };
  const act = async <T>(work: () => T): Promise<T> => {
    if (!network.reachable(ref)) throw new DriverError('LOST', `${ref.device} went silent`);
    try {
      return work();
    } catch (error) {
      if (error instanceof RpcFailure) throw new DriverError('RPC_ERROR', error.message, error.errors[0]?.tag);
      throw error;
    }
  };
  const edit = (config: string) => parseXml(`<config>${config}</config>`);
  return {
    capabilities: Object.values(CAPABILITIES),
    ladder: 'confirmed',
    takeWarnings: () => [],
    lockCandidate: () => act(() => stores.lock(caller, 'candidate')),
    unlockCandidate: () => act(() => stores.unlock(caller, 'candidate')),
    getConfig: (source) =>
      act(() =>
        stores
          .read(source)
          .children.map((node) => renderXml(node))
          .join(''),
      ),
    editCandidate: (config) =>
      act(() => stores.edit(caller, edit(config), 'merge', 'test-then-set', 'rollback-on-error')),
    validateCandidate: () => act(() => stores.validate(stores.read('candidate'))),
    commitConfirmed: ({ timeoutSeconds, persistId, renews = false }) =>
      act(() => {
        stores.commit(caller, {
          confirmed: { timeoutSeconds, persist: persistId },
          ...(renews ? { persistId } : {}),
        });
      }),
    confirmCommit: (persistId) => act(() => stores.commit(caller, { persistId })),
    cancelCommit: (persistId) => act(() => stores.cancelCommit(caller, persistId)),
    discardChanges: () => act(() => stores.discard(caller)),
    commit: () =>
      act(() => {
        stores.commit(caller, {});
      }),
    commitUntilClosed: (timeoutSeconds) =>
      act(() => {
        stores.commit(caller, { confirmed: { timeoutSeconds } });
      }),
    lockRunning: () => act(() => stores.lock(caller, 'running')),
    unlockRunning: () => act(() => stores.unlock(caller, 'running')),
    editRunning: (config) =>
      act(() => {
        stores.editRunning(caller, edit(config), 'merge');
      }),
    close: async () => stores.endSession(session),
  };
}
