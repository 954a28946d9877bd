/** Families of fault types, as the simulator's files group them: what is left out of the codebook together, to see what happens with the unknown. */
import { applicationFaults } from '../../simulators/faults/application.ts';
import { changeFaults } from '../../simulators/faults/change.ts';
import { controlFaults } from '../../simulators/faults/control.ts';
import { deviceFaults } from '../../simulators/faults/device.ts';
import { lanFaults } from '../../simulators/faults/lan.ts';
import { overlayFaults } from '../../simulators/faults/overlay.ts';
import { qualityFaults } from '../../simulators/faults/quality.ts';
import { routingFaults } from '../../simulators/faults/routing.ts';
import { securityFaults } from '../../simulators/faults/security.ts';
import { serverFaults } from '../../simulators/faults/servers.ts';
import { transportFaults } from '../../simulators/faults/transport.ts';

const FAMILIES = {
  transport: transportFaults,
  overlay: overlayFaults,
  routing: routingFaults,
  control: controlFaults,
  device: deviceFaults,
  change: changeFaults,
  application: applicationFaults,
  security: securityFaults,
  servers: serverFaults,
  lan: lanFaults,
  quality: qualityFaults,
} as const;

/** All types of the families that these belong to, conditions left in: what is nobody's fault stays known. */
export function familiesOf(types: readonly string[]): readonly string[] {
  return Object.values(FAMILIES)
    .filter((family) => family.some(({ type }) => types.includes(type)))
    .flatMap((family) => family.filter(({ condition }) => condition !== true).map(({ type }) => type));
}
