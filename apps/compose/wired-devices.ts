/**
 * The way to devices of a network in memory over real sockets: NETCONF over SSH, SNMPv3 and HTTPS servers on loopback
 * before it, the broker's own drivers against them, and its own receivers for the traps and the syslog that the devices send.
 * The network's clock stands still meanwhile.
 */
import { randomBytes } from 'node:crypto';
import type { DeviceEndpoint } from '../../broker/drivers/driver.ts';
import { createMemoryEvents } from '../../broker/stores/memory-events.ts';
import { createEventFeed, type EventFeed } from '../../broker/telemetry/event-feed.ts';
import type { TelemetryCounts } from '../../broker/telemetry/reception.ts';
import { createSources, type SourceDevice } from '../../broker/telemetry/sources.ts';
import { startTelemetry } from '../../broker/telemetry/start-telemetry.ts';
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

export interface WiredDevices extends OpenDevices {
  /** What the devices told by themselves, as the broker received and kept it. */
  readonly feed: EventFeed;
  counts(): TelemetryCounts;
  /** Resolves when what was received until now is kept. */
  settle(): Promise<void>;
}

/** How often devices send what happened, by the network's clock. */
const SEND_MS = 10_000;

/** Servers first, then drivers that know their addresses and keys, and ears that know who may speak; `close` ends all. */
export async function openWiredDevices(
  { network, clock, tenants }: WiredNetwork,
  surroundings: Omit<DevicesSurroundings, 'inventory' | 'allowSnmp2c' | 'aging'>,
): Promise<WiredDevices> {
  // Sessions and pictures age by both clocks: whenever somebody waits in the model, or here.
  const aging = (): number => Math.floor(performance.now() + clock.now());
  const closers: (() => Promise<void>)[] = [];
  const running: Omit<Running, 'accounts'> = {
    ...{ clock: { present: () => network }, aging, deviceTimers: clock.timers },
    ...{ netconf: new Map(), agents: new Map(), nextSecret: secrets() },
    ...{ monitors: [], doors: ownDoors, closers },
    // What is late is late by the network's clock.
    telemetry: createTelemetry({
      source: telemetrySource(network),
      ...{ imperfections: ORDINARY, seed: 0, speed: 1, timers: clock.timers, salt: createSalts(randomBytes) },
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
  const ears = await openEars(endpoints, clock);
  // Flow records are read from the controller: by the minute of hours that pass at once they would overflow any socket.
  const { traps, syslog } = ears.addresses;
  running.telemetry.setCollectors({ traps, syslog });
  const unsubscribe = network.subscribe(running.telemetry.tell);
  let ticking = true;
  const tick = (): void => {
    running.telemetry.flush();
    if (ticking) clock.timers.set(SEND_MS, tick);
  };
  clock.timers.set(SEND_MS, tick);
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
    feed: ears.feed,
    counts: ears.counts,
    settle: ears.flush,
    close: async () => {
      ticking = false;
      unsubscribe();
      await devices.close();
      running.telemetry.stop();
      await ears.close();
      await Promise.all(closers.map((close) => close()));
    },
  };
}

/** The broker's receivers on loopback; whoever is not one of the endpoints, or cannot prove it, is not heard. */
async function openEars(endpoints: ReadonlyMap<string, DeviceEndpoint>, clock: ModelClock) {
  const events = createMemoryEvents();
  const feed = createEventFeed(events, systemTimers);
  const sources = [...endpoints.values()].flatMap(({ tenant, device, telemetry, snmp }): readonly SourceDevice[] => {
    if (telemetry === undefined || snmp === undefined) return [];
    const user = { name: snmp.user, authPassword: snmp.authPassword, privPassword: snmp.privPassword };
    return [{ tenant, device, ...telemetry, user }];
  });
  const receivers = await startTelemetry({
    ...{ host: '127.0.0.1', ports: { traps: 0, syslog: 0, flows: 0 }, sources: createSources(sources) },
    ...{ events, feed, clock, timers: systemTimers, onStoreError: () => undefined },
    engine: {
      // RFC 3411 §5: format 5, octets; 32473 is the enterprise number of examples (RFC 5612).
      engineId: Buffer.concat([Buffer.of(0x80, 0, 0x7e, 0xd9, 5), randomBytes(12)]),
      engineBoots: () => 1,
      engineTime: () => Math.floor(performance.now() / 1_000),
      salt: createSalts(randomBytes),
    },
  });
  return { ...receivers, feed };
}
