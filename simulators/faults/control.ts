/** Faults of controllers and of the way to them. */
import type { FaultGround, FaultPlace, FaultType } from '../model/fault.ts';
import { deviceOf, slip } from './edit.ts';

const isController = (place: FaultPlace): boolean => place.device !== undefined;

const talksToControllers = (place: FaultPlace, ground: FaultGround): boolean =>
  place.device !== undefined && ground.config(place.device).controllers.length > 0;

/** Two hours: beyond what any certificate check tolerates. */
const CLOCK_JUMP_MS = 7_200_000;

export const controlFaults: readonly FaultType[] = [
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
    mechanism: 'The clock jumped and no longer follows its server, so that good certificates do not verify.',
    fits: talksToControllers,
    graded: true,
    apply: (ground, place, degree) =>
      ground.impose({ kind: 'clock-offset', ...deviceOf(place), offsetMs: Math.round(CLOCK_JUMP_MS * degree) }),
  },
  {
    type: 'controller_unreachable',
    kinds: ['node'],
    mechanism: 'The edge reaches no controller on any colour while its data plane works.',
    fits: talksToControllers,
    apply: (ground, place) => ground.impose({ kind: 'controllers-cut', ...deviceOf(place) }),
  },
  {
    type: 'controller_cert_expired',
    kinds: ['controller'],
    mechanism: "The controller's own certificate ran out, so that every edge refuses it.",
    fits: isController,
    apply: (ground, place) => ground.impose({ kind: 'certificate-expired', ...deviceOf(place) }),
  },
  {
    type: 'controller_down',
    kinds: ['controller'],
    mechanism: 'The control process of one redundant controller died.',
    fits: isController,
    apply: (ground, place) => ground.impose({ kind: 'process-stopped', ...deviceOf(place), process: 'vdaemon' }),
  },
  {
    type: 'controller_port_blocked',
    kinds: ['controller'],
    mechanism: 'A filter in front of the controller drops the control port without an answer.',
    fits: isController,
    apply: (ground, place) => ground.impose({ kind: 'filtered-in-front', ...deviceOf(place) }),
  },
  {
    type: 'controller_port_mismatch',
    kinds: ['controller'],
    mechanism:
      'The controller listens on another port than the edges use, so that their attempts are rejected at once.',
    fits: isController,
    apply(ground, place) {
      const ref = deviceOf(place);
      const good = ground.config(ref).controlPort;
      const wrong = good === 65_535 ? good - 100 : good + 100;
      return slip(
        ground,
        ref,
        (running) => ({ ...running, controlPort: wrong }),
        (running) => (running.controlPort === wrong ? { ...running, controlPort: good } : undefined),
      );
    },
  },
];
