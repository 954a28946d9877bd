/** Faults of devices and of their way to the controllers. */
import type { FaultGround, FaultPlace, FaultType } from '../model/fault.ts';
import { deviceOf } from './edit.ts';

const onDevice = (place: FaultPlace): boolean => place.device !== undefined;

const talksToControllers = (place: FaultPlace, ground: FaultGround): boolean =>
  place.device !== undefined && ground.config(place.device).controllers.length > 0;

/** Two hours: beyond what any certificate check tolerates. */
const CLOCK_JUMP_MS = 7_200_000;

export const deviceFaults: readonly FaultType[] = [
  {
    type: 'device_down',
    kinds: ['node', 'controller'],
    mechanism: 'Power or hardware: everything from one device vanishes at one instant.',
    fits: onDevice,
    apply: (ground, place) => ground.impose({ kind: 'no-power', ...deviceOf(place) }),
  },
  {
    type: 'cert_expired',
    kinds: ['node'],
    mechanism: 'The identity certificate ran out; connections live until they authenticate again, then none comes up.',
    fits: talksToControllers,
    apply: (ground, place) => ground.impose({ kind: 'certificate-expired', ...deviceOf(place) }),
  },
  {
    type: 'clock_skew',
    kinds: ['node'],
    mechanism: 'The clock jumped, so that good certificates do not verify.',
    fits: talksToControllers,
    apply: (ground, place) => ground.impose({ kind: 'clock-offset', ...deviceOf(place), offsetMs: CLOCK_JUMP_MS }),
  },
  {
    type: 'controller_unreachable',
    kinds: ['node'],
    mechanism: 'The edge reaches no controller on any colour while its data plane works.',
    fits: talksToControllers,
    apply: (ground, place) => ground.impose({ kind: 'controllers-cut', ...deviceOf(place) }),
  },
];
