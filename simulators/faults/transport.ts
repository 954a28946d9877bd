/** Faults of circuits and ports. */
import type { FaultGround, FaultPlace, FaultType } from '../model/fault.ts';
import { deviceOf } from './edit.ts';

const hasPort = (place: FaultPlace): boolean => place.device !== undefined && place.interface !== undefined;

export const transportFaults: readonly FaultType[] = [
  {
    type: 'link_down',
    kinds: ['link', 'interface', 'circuit'],
    mechanism: 'Carrier is lost on the access circuit; the edge fails over to the second transport.',
    fits: hasPort,
    apply: (ground, place) =>
      ground.impose({ kind: 'no-carrier', ...deviceOf(place), interface: place.interface ?? '' }),
  },
  {
    type: 'provider_outage',
    kinds: ['node'],
    mechanism: 'The shared provider core carries nothing any more while local loops stay lit.',
    fits: (place) => place.provider !== undefined,
    apply: (ground, place) => ground.impose({ kind: 'provider-outage', provider: place.provider ?? '' }),
  },
  {
    type: 'if_admin_shutdown',
    kinds: ['interface'],
    mechanism: 'An operator shut the interface down; hardware and circuit are fine.',
    fits: hasPort,
    apply(ground, place) {
      const set = (enabled: boolean) => setEnabled(ground, place, enabled);
      set(false);
      return () => set(true);
    },
  },
];

function setEnabled(ground: FaultGround, place: FaultPlace, enabled: boolean): void {
  const name = place.interface;
  ground.commit(deviceOf(place), (running) =>
    running.interfaces.some((port) => port.name === name && port.enabled !== enabled)
      ? {
          ...running,
          interfaces: running.interfaces.map((port) => (port.name === name ? { ...port, enabled } : port)),
        }
      : undefined,
  );
}
