/** The way of a broker to the devices: requests are slow, are lost, are answered and the answer is lost; sessions end with their process. */
import type { Operation, OperationReply } from '../../broker/contract.ts';
import { DriverError, type WriteSession } from '../../broker/drivers/driver.ts';
import type { Devices } from '../../broker/execution/devices.ts';
import { CAPABILITIES } from '../../protocols/netconf/messages.ts';
import { renderXml, type XmlNode } from '../../protocols/netconf/xml.ts';
import { answerOperation } from '../../scenarios/answer.ts';
import type { Network } from '../../simulators/model/network.ts';
import type { Random } from '../broker/policy/differential/random.ts';
import type { Device, DeviceSession } from './device.ts';
import type { Process } from './process.ts';
import type { Timeline } from './timeline.ts';

export interface LineDeps {
  readonly timeline: Timeline;
  readonly random: Random;
  readonly network: Network;
  readonly devices: ReadonlyMap<string, Device>;
  /** How often a request or its answer is lost, or the device says no: 0 when all is well. */
  readonly trouble: () => number;
}

const SLOWEST_MS = 40;
/** After so long a device that lost its peer ends the session; a request that was under way comes before. */
const NOTICED_MS = { least: 2 * SLOWEST_MS, spread: 1500 };

/** Nodes do not change, and the same one is asked for again and again. */
const rendered = new WeakMap<XmlNode, string>();
const inner = (data: XmlNode): string => {
  const text = rendered.get(data) ?? data.children.map((node) => renderXml(node)).join('');
  rendered.set(data, text);
  return text;
};

export function openLine(process: Process, deps: LineDeps): Devices {
  const { timeline, random, trouble } = deps;
  const deviceOf = (name: string): Device => {
    const device = deps.devices.get(name);
    if (device === undefined) throw new DriverError('UNREACHABLE', 'no such device');
    return device;
  };
  const isSilent = (device: Device): boolean => device.silentUntil > timeline.now();

  function openSession(device: Device): WriteSession {
    const session: DeviceSession = { edits: [] };
    let ended = false;
    const end = (): void => {
      ended = true;
      device.end(session);
    };
    process.onKill(() => timeline.after(NOTICED_MS.least + random.next() * NOTICED_MS.spread, end));
    const lose = (): never => {
      timeline.after(NOTICED_MS.least + random.next() * NOTICED_MS.spread, end);
      throw new DriverError(random.chance(0.5) ? 'LOST' : 'TIMEOUT', 'the session was lost');
    };
    const ask = <T>(work: () => T): Promise<T> =>
      process.carry(() => {
        if (ended || isSilent(device)) return lose();
        const fate = random.next() / (trouble() || Number.MIN_VALUE);
        if (fate < 0.25) return lose();
        if (fate < 0.5) throw new DriverError('RPC_ERROR', 'not today', 'operation-failed');
        const done = work();
        // Done, and nobody hears of it.
        return fate < 1 ? lose() : done;
      }, SLOWEST_MS);
    return {
      capabilities: Object.values(CAPABILITIES),
      ladder: 'confirmed',
      takeWarnings: () => [],
      lockCandidate: () => ask(() => device.lock(session)),
      unlockCandidate: () => ask(() => device.unlock(session)),
      getConfig: (source) => ask(() => inner(source === 'running' ? device.running() : device.candidate())),
      editCandidate: (config) => ask(() => device.edit(session, config)),
      validateCandidate: () => ask(() => undefined),
      commitConfirmed: ({ persistId, timeoutSeconds, renews = false }) =>
        ask(() => device.commit(session, persistId, timeoutSeconds, renews, random.chance(trouble() / 2))),
      confirmCommit: (persistId) => ask(() => device.confirm(persistId, random.chance(trouble() / 2))),
      cancelCommit: (persistId) => ask(() => device.cancel(persistId)),
      discardChanges: () => ask(() => device.discard(session)),
      commit: () => ask(() => device.commitForGood(session)),
      commitUntilClosed: () => Promise.reject(new DriverError('UNSUPPORTED', 'not for certifying')),
      lockRunning: () => ask(() => device.lock(session)),
      unlockRunning: () => ask(() => device.unlock(session)),
      editRunning: (config) => ask(() => device.editRunning(session, config)),
      close: () => process.carry(end, SLOWEST_MS),
    };
  }

  /** Time stands still in the network itself: its state changes with its configuration only. */
  const remembered = new Map<string, OperationReply>();
  const ask = (tenant: string, operation: Operation, collectedAt: string): OperationReply => {
    const versions = [...deps.devices.values()].map(({ version }) => version);
    const key = JSON.stringify([tenant, operation, versions]);
    const known = remembered.get(key) ?? answerOperation(deps.network, tenant, operation, collectedAt);
    remembered.set(key, known);
    return { ...known, collectedAt };
  };

  const answer = (tenant: string, operation: Operation): OperationReply => {
    const collectedAt = new Date(timeline.now()).toISOString();
    const failed = { operation, collectedAt, ok: false } as const;
    if (operation.protocol === 'records') throw new Error('records are no device');
    const device = deviceOf(operation.device);
    if (isSilent(device) || random.chance(trouble() / 4))
      return { ...failed, error: { code: 'DEVICE_UNREACHABLE', message: 'silent' } };
    if (operation.protocol === 'netconf' && operation.kind === 'get-config')
      return { operation, collectedAt, ok: true, protocol: 'netconf', xml: inner(device.running()) };
    return ask(tenant, operation, collectedAt);
  };
  return {
    read: (tenant, operation) => process.carry(() => answer(tenant, operation), SLOWEST_MS),
    write: (_tenant, name) =>
      process.carry(() => {
        const device = deviceOf(name);
        if (isSilent(device) || random.chance(trouble() / 2)) throw new DriverError('UNREACHABLE', 'silent');
        return openSession(device);
      }, SLOWEST_MS),
  };
}
