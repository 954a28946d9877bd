/**
 * The way to devices of a network in memory over real sockets: NETCONF over SSH, SNMPv3 and HTTPS servers on loopback
 * before it, the broker's own drivers against them. The network's clock stands still meanwhile.
 */
import { randomBytes } from 'node:crypto';
import type { DeviceEndpoint } from '../../broker/drivers/driver.ts';
import { systemTimers } from '../../protocols/netconf/timers.ts';
import { createSalts } from '../../protocols/snmp/usm.ts';
import { directorOf } from '../../scenarios/answer.ts';
import { ownDoors } from '../../simulators/doors/doors.ts';
import { ORDINARY } from '../../simulators/model/imperfection.ts';
import type { Network } from '../../simulators/model/network.ts';
import { createTelemetry } from '../../simulators/protocols/telemetry.ts';
import { telemetrySource } from '../../simulators/views/telemetry-view.ts';
import { makeControllerCertificates } from '../controller-certificates.ts';
import { deviceAddress } from '../device-address.ts';
import { type DevicesSurroundings, type OpenDevices, openDevices } from './broker-devices.ts';
import type { ModelClock } from './model-clock.ts';
import { openAccounts, type Running, secrets, startServers } from './simulated-device.ts';
import { startDirector } from './simulated-director.ts';

export interface WiredNetwork {
  readonly network: Network;
  readonly clock: ModelClock;
  readonly tenants: readonly string[];
}

/** Servers first, then drivers that know their addresses and keys; `close` ends both. */
export async function openWiredDevices(
  { network, clock, tenants }: WiredNetwork,
  surroundings: Omit<DevicesSurroundings, 'inventory' | 'allowSnmp2c' | 'aging'>,
): Promise<OpenDevices> {
  // Sessions and pictures age by both clocks: whenever somebody waits in the model, or here.
  const aging = (): number => Math.floor(performance.now() + clock.now());
  const closers: (() => Promise<void>)[] = [];
  const running: Omit<Running, 'accounts'> = {
    ...{ clock: { present: () => network }, aging, deviceTimers: clock.timers },
    ...{ netconf: new Map(), agents: new Map(), nextSecret: secrets() },
    ...{ monitors: [], doors: ownDoors, closers },
    // Nobody collects: what devices tell is read where it is kept.
    telemetry: createTelemetry({
      source: telemetrySource(network),
      ...{ imperfections: ORDINARY, seed: 0, speed: 1, timers: systemTimers, salt: createSalts(randomBytes) },
    }),
  };
  const certificates = await makeControllerCertificates(
    tenants.map((name) => ({ name })),
    Date.now(),
  );
  const endpoints = new Map<string, DeviceEndpoint>();
  for (const [index, tenant] of tenants.entries()) {
    const rest = await startDirector(running, directorOf(network, tenant), index, certificates);
    const accounts = openAccounts(false);
    const own = network.devices().filter((one) => one.tenant === tenant);
    for (const [place, ref] of own.entries()) {
      const servers = await startServers({ ...running, accounts }, ref, deviceAddress(index, place + 2));
      endpoints.set(`${tenant}/${ref.device}`, { ...ref, rest, ...servers });
    }
  }
  const devices = openDevices({
    ...surroundings,
    ...{ clock, aging, allowSnmp2c: false },
    inventory: {
      endpoint: async (tenant, device) => {
        const found = endpoints.get(`${tenant}/${device}`);
        if (found === undefined) throw new Error(`${device} has no endpoint`);
        return found;
      },
    },
  });
  return {
    ...devices,
    close: async () => {
      await devices.close();
      running.telemetry.stop();
      await Promise.all(closers.map((close) => close()));
    },
  };
}
