/** Faults of devices themselves, and of those who watch them. */
import { nodeName } from '../../protocols/device/names.ts';
import type { FaultGround, FaultPlace, FaultType } from '../model/fault.ts';
import type { DeviceRef } from '../model/network.ts';
import { LEAK_LIMIT_KB } from '../model/state/system-state.ts';
import { deviceOf, isRouter } from './edit.ts';

const onDevice = (place: FaultPlace): boolean => place.device !== undefined;

const HOUR_MS = 3_600_000;
/** A process that grows by 2 GB in eight hours. */
const LEAK_KB_PER_HOUR = 250_000;
/** Share of the limit at which the device warns. */
const WARNING = 0.8;
/** The poller asks every five minutes. */
const POLL_SECONDS = 300;

/** Warns when the memory runs out and tells of each restart, for as long as the leak lasts. */
function tellOfLeak(ground: FaultGround, ref: DeviceRef, process: string, kbPerHour: number): () => void {
  const period = (LEAK_LIMIT_KB / kbPerHour) * HOUR_MS;
  let cancel: () => void;
  const tell = (name: string, detail: string, severity: 'warning' | 'major'): void =>
    ground.announce(ref, { name, resource: nodeName(ref.device), severity, detail });
  const warn = (): void => {
    tell('trap.memory', `memory of ${process} at ${100 * WARNING} % of its limit`, 'warning');
    cancel = ground.schedule(ground.now() + period * (1 - WARNING), () => {
      tell('trap.process_restart', `${process} was ended for want of memory and started again`, 'major');
      cancel = ground.schedule(ground.now() + period * WARNING, warn);
    });
  };
  cancel = ground.schedule(ground.now() + period * WARNING, warn);
  return () => cancel();
}

/** Does something now and at every interval until it is cancelled. */
function repeat(ground: FaultGround, everySeconds: number, act: () => void): () => void {
  let cancel = (): void => undefined;
  const again = (): void => {
    act();
    cancel = ground.schedule(ground.now() + everySeconds * 1_000, again);
  };
  again();
  return () => cancel();
}

const pollerOf = (ground: FaultGround, { tenant }: FaultPlace) =>
  ground.topology.hosts.find((host) => host.tenant === tenant && host.kind === 'poller');

export const deviceFaults: readonly FaultType[] = [
  {
    type: 'device_down',
    kinds: ['node', 'controller'],
    mechanism: 'Power or hardware: everything from one device vanishes at one instant.',
    fits: onDevice,
    apply: (ground, place) => ground.impose({ kind: 'no-power', ...deviceOf(place) }),
  },
  {
    type: 'memory_leak',
    kinds: ['node'],
    mechanism: 'A software defect lets a process grow until the system ends it and starts it again.',
    fits: onDevice,
    graded: true,
    apply(ground, place, degree) {
      const ref = deviceOf(place);
      const process = ground.config(ref).role === 'controller' ? 'vdaemon' : 'bfdd';
      const kbPerHour = Math.round(LEAK_KB_PER_HOUR * degree);
      const stop = tellOfLeak(ground, ref, process, kbPerHour);
      const undo = ground.impose({ kind: 'memory-leak', ...ref, process, kbPerHour, since: ground.now() });
      return () => {
        stop();
        undo();
      };
    },
  },
  {
    type: 'monitoring_path_down',
    kinds: ['node'],
    mechanism: 'The poller has lost its uplink, so that everything behind it looks dead at once.',
    fits: (place, ground) => place.host !== undefined && place.host === pollerOf(ground, place)?.name,
    apply: (ground, place) => ground.impose({ kind: 'poller-cut', tenant: place.tenant }),
  },
  {
    type: 'monitoring_wrong_password',
    kinds: ['node'],
    mechanism: "The poller's account at one device has an outdated password and fails at every poll.",
    fits: (place, ground) => onDevice(place) && pollerOf(ground, place) !== undefined,
    apply(ground, place) {
      const ref = deviceOf(place);
      const source = pollerOf(ground, place)?.address ?? '';
      const stop = repeat(ground, POLL_SECONDS, () => ground.login(ref, 'poller', source, 'failed'));
      const known = ground.impose({
        kind: 'known-source',
        tenant: place.tenant,
        record: { name: source, role: 'management', summary: 'poller of the network operations centre' },
      });
      return () => {
        stop();
        known();
      };
    },
  },
  {
    type: 'healthy',
    kinds: ['node'],
    mechanism: 'No fault: every signal within its own baseline.',
    condition: true,
    fits: isRouter,
    apply: () => () => undefined,
  },
];
