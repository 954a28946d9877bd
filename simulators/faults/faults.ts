/** All fault types, by family: a literal list, handed to `createNetwork`. */
import type { FaultType } from '../model/fault.ts';
import { applicationFaults } from './application.ts';
import { changeFaults } from './change.ts';
import { controlFaults } from './control.ts';
import { deviceFaults } from './device.ts';
import { lanFaults } from './lan.ts';
import { overlayFaults } from './overlay.ts';
import { qualityFaults } from './quality.ts';
import { routingFaults } from './routing.ts';
import { securityFaults } from './security.ts';
import { serverFaults } from './servers.ts';
import { transportFaults } from './transport.ts';

export const FAULT_TYPES: readonly FaultType[] = [
  ...transportFaults,
  ...overlayFaults,
  ...routingFaults,
  ...controlFaults,
  ...deviceFaults,
  ...changeFaults,
  ...applicationFaults,
  ...securityFaults,
  ...serverFaults,
  ...lanFaults,
  ...qualityFaults,
];
