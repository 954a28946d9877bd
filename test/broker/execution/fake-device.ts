/** A NETCONF device in memory that keeps the promises of RFC 6241, or breaks exactly one of them at a chosen request. */
import { DriverError, type WriteSession } from '../../../broker/drivers/driver.ts';

/** What happens at a request: the device says no, or the connection dies before or after the device acted. */
export type Mishap = 'refuse' | 'lost-before' | 'lost-after';

export interface FakeDevice {
  running: string;
  candidate: string;
  pending: { readonly persistId: string; readonly before: string } | undefined;
  /** Requests in the order they acted. */
  readonly log: string[];
  /** One mishap per request name; used once. */
  readonly mishaps: Map<string, Mishap>;
  /** A device that ignores cancel-commit and keeps what was committed. */
  keepsCommits: boolean;
  reachable: boolean;
  readonly edits: ReadonlyMap<string, string>;
  open(): Promise<WriteSession>;
}

/** `edits` maps the text of an edit to the configuration it results in. */
export function createFakeDevice(initial: string, edits: ReadonlyMap<string, string>): FakeDevice {
  let locked: object | undefined;
  const device: FakeDevice = {
    running: initial,
    candidate: initial,
    pending: undefined,
    log: [],
    mishaps: new Map(),
    keepsCommits: false,
    reachable: true,
    edits,
    open: () => {
      if (!device.reachable) return Promise.reject(new DriverError('UNREACHABLE', 'no route'));
      return Promise.resolve(session());
    },
  };

  async function act<T>(name: string, work: () => T): Promise<T> {
    await Promise.resolve();
    if (!device.reachable) throw new DriverError('LOST', 'connection lost');
    const mishap = device.mishaps.get(name);
    device.mishaps.delete(name);
    if (mishap === 'refuse') throw new DriverError('RPC_ERROR', `${name} refused`, 'operation-failed');
    if (mishap === 'lost-before') throw new DriverError('LOST', 'connection lost');
    device.log.push(name);
    const result = work();
    if (mishap === 'lost-after') throw new DriverError('LOST', 'connection lost');
    return result;
  }

  function session(): WriteSession {
    const me = {};
    const say = (tag: string): never => {
      throw new DriverError('RPC_ERROR', tag, tag);
    };
    return {
      capabilities: [],
      ladder: 'confirmed',
      takeWarnings: () => [],
      lockCandidate: () =>
        act('lock', () => {
          if (locked !== undefined && locked !== me) say('lock-denied');
          locked = me;
        }),
      unlockCandidate: () =>
        act('unlock', () => {
          locked = undefined;
        }),
      getConfig: (source) => act(`get-${source}`, () => device[source]),
      editCandidate: (config) =>
        act('edit', () => {
          device.candidate = device.edits.get(config) ?? say('bad-element');
        }),
      validateCandidate: () => act('validate', () => undefined),
      commitConfirmed: ({ persistId, renews = false }) =>
        act(renews ? 'renew' : 'commit', () => {
          if (renews && device.pending?.persistId !== persistId) say('invalid-value');
          device.pending = { persistId, before: device.pending?.before ?? device.running };
          device.running = device.candidate;
        }),
      confirmCommit: (persistId) =>
        act('confirm', () => {
          if (device.pending?.persistId !== persistId) say('invalid-value');
          device.pending = undefined;
        }),
      cancelCommit: (persistId) =>
        act('cancel', () => {
          if (device.pending?.persistId !== persistId) say('invalid-value');
          if (!device.keepsCommits) device.running = device.pending?.before ?? device.running;
          device.pending = undefined;
        }),
      discardChanges: () =>
        act('discard', () => {
          device.candidate = device.running;
        }),
      commit: () =>
        act('commit', () => {
          device.running = device.candidate;
        }),
      commitUntilClosed: () => act('commit', () => say('operation-not-supported')),
      lockRunning: () => act('lock', () => say('operation-not-supported')),
      unlockRunning: () => act('unlock', () => say('operation-not-supported')),
      editRunning: () => act('edit', () => say('operation-not-supported')),
      close: () => {
        if (locked === me) {
          locked = undefined;
          device.candidate = device.running;
        }
        return Promise.resolve();
      },
    };
  }
  return device;
}
