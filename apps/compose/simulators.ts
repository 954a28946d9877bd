/** Wires the simulators' process: one network model behind NETCONF, SNMP and REST servers, and the testers' control door. */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { WayleaveError } from '../../broker/errors.ts';
import { startHttpServer } from '../../broker/http/server.ts';
import { controllerRoutes } from '../../protocols/controller/routes.ts';
import { systemTimers } from '../../protocols/netconf/timers.ts';
import { createSalts } from '../../protocols/snmp/usm.ts';
import { createControlApp } from '../../simulators/control.ts';
import { ownDoors } from '../../simulators/doors/doors.ts';
import { FAULT_TYPES } from '../../simulators/faults/faults.ts';
import { createNetwork } from '../../simulators/model/create-network.ts';
import type { Imperfections } from '../../simulators/model/imperfection.ts';
import { type DeviceRef, ModelError, type Network, type Topology } from '../../simulators/model/network.ts';
import type { NetconfServer } from '../../simulators/protocols/netconf/server.ts';
import { createTelemetry } from '../../simulators/protocols/telemetry.ts';
import { createInformQueue } from '../../simulators/protocols/traps/inform-queue.ts';
import { mergeTopologies } from '../../simulators/topologies/blueprint.ts';
import type { FileOptions } from '../../simulators/topologies/file-blueprint.ts';
import { loadTopology } from '../../simulators/topologies/load-topology.ts';
import { telemetrySource } from '../../simulators/views/telemetry-view.ts';
import { deviceAddress } from '../device-address.ts';
import { type Knobs, knobsForm } from '../imperfections.ts';
import type { ToldTenant } from '../told-inventory.ts';
import { doorsFor } from './device-doors.ts';
import { type DeviceAccount, openAccounts, type Running, secrets, startServers, USER } from './simulated-device.ts';
import { startDirector } from './simulated-director.ts';
import { runClock } from './simulation-clock.ts';
import { tellTopology } from './told-topology.ts';

export const simulatorsSettings = z.strictObject({
  tenants: z.array(z.strictObject({ name: z.string(), network: z.string() })),
  seed: z.number(),
  speed: z.number(),
  /** Read-only community of SNMPv2c on every device; off when absent, because nothing protects it. */
  community: z.string().min(1).max(64).exactOptional(),
  /** Whether every device also has an account that may look and not touch. */
  monitor: z.boolean().exactOptional(),
  /** Whether devices tell by informs instead of traps. */
  informs: z.boolean().exactOptional(),
  imperfections: knobsForm,
  /** Made by the supervisor meanwhile: the programs that make them cost as much as a thousand devices. */
  certificates: z.strictObject({
    ca: z.string(),
    controllers: z.array(z.strictObject({ host: z.string(), cert: z.string(), key: z.string() })),
  }),
});
type SimulatorsSettings = z.infer<typeof simulatorsSettings>;

export interface SimulatorsReady {
  /** Everything the broker needs to reach the devices; holds their credentials. */
  readonly inventory: { readonly tenants: readonly ToldTenant[] };
  readonly control: { readonly url: string; readonly token: string };
  readonly devices: number;
  /** Accounts that may look and not touch, when they were asked for. */
  readonly monitors: readonly DeviceAccount[];
}

/** Devices are looked over for those that have lost their power no more often than this, and so many at a time: it costs a large network no more than a small one. */
const SILENCE_MS = 200;
const SILENCED_AT_ONCE = 100;

export async function composeSimulators(
  settings: SimulatorsSettings,
): Promise<{ readonly ready: SimulatorsReady; readonly stop: () => Promise<void> }> {
  const { seed, speed, imperfections: knobs } = settings;
  const topology = mergeTopologies(
    settings.tenants.map(({ name, network }, tenantIndex) => topologyOf(network, { tenant: name, seed, tenantIndex })),
  );
  const forked = doorsFor(topology.devices.length, () => {
    // Half a network would be taken for a broken one.
    throw new Error('a process that holds ports of the simulated devices ended');
  });
  const network = createNetwork({
    topology,
    seed,
    startAt: Date.now(),
    faults: FAULT_TYPES,
    clockSpreadMs: knobs.clocks,
    statisticsMs: 1_000 * knobs.statistics,
  });
  const netconf = new Map<string, NetconfServer>();
  const telemetry = createTelemetry({
    source: telemetrySource(network),
    imperfections: messageFate(knobs),
    ...{ seed, speed, timers: systemTimers, salt: createSalts(randomBytes) },
  });
  const unsubscribe = network.subscribe(telemetry.tell);
  const silenceTheDead = createSilence(network, netconf);
  let silencedAt = performance.now();
  const clock = runClock(network, speed, () => {
    telemetry.flush();
    // A dead device says nothing from its next request on; connections that nobody uses are closed some moments later.
    if (performance.now() - silencedAt < SILENCE_MS) return;
    silencedAt = performance.now();
    silenceTheDead();
  });
  const running: Omit<Running, 'accounts'> = {
    ...{ clock, netconf, agents: new Map(), telemetry, nextSecret: secrets(), monitors: [], closers: [] },
    doors: forked ?? ownDoors,
    ...(settings.informs === true ? { inform: createInformQueue() } : {}),
    ...(settings.community === undefined ? {} : { community: settings.community }),
  };
  const tenants = await Promise.all(
    settings.tenants.map(({ name }, index) =>
      startTenant({ ...running, accounts: openAccounts(settings.monitor === true) }, network, name, index, settings),
    ),
  );
  const token = randomBytes(24).toString('base64url');
  const control = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    createApp: () =>
      createControlApp({
        present: clock.present,
        faultTypes: FAULT_TYPES,
        trouble: (tenant, device) => netconf.get(`${tenant}/${device}`),
        agent: (tenant, device) => running.agents.get(`${tenant}/${device}`),
        collectors: telemetry.setCollectors,
        token,
      }),
  });
  return {
    ready: {
      inventory: { tenants },
      control: { url: control.url, token },
      devices: netconf.size,
      monitors: running.monitors,
    },
    stop: async () => {
      clock.stop();
      unsubscribe();
      telemetry.stop();
      await control.close();
      await forked?.stop();
      await Promise.all(running.closers.map((close) => close()));
    },
  };
}

const messageFate = ({ lost, late, doubled, spread, wait }: Knobs): Imperfections => ({
  ...{ lost, late, duplicated: doubled },
  ...{ spreadMs: spread, lateMs: wait },
});

/** The named network; what is wrong with a file is the person's to mend. */
function topologyOf(name: string, options: FileOptions): Topology {
  try {
    return loadTopology(name, options);
  } catch (error) {
    if (error instanceof ModelError) throw new WayleaveError('TOPOLOGY_INVALID', error.message);
    throw error;
  }
}

/** A device that lost its power answers nobody, also not on connections that are open. Looks at some, where the last look ended. */
function createSilence(network: Network, servers: ReadonlyMap<string, NetconfServer>): () => void {
  let rest = servers.entries();
  return () => {
    for (let looked = 0; looked < SILENCED_AT_ONCE; looked += 1) {
      const next = rest.next();
      if (next.done === true) {
        rest = servers.entries();
        return;
      }
      const [name, server] = next.value;
      if (!server.inUse) continue;
      const [tenant = '', device = ''] = name.split('/');
      if (!network.reachable({ tenant, device })) server.dropConnections();
    }
  };
}

/** Devices that are started at a time. */
const AT_ONCE = 50;

async function startTenant(
  running: Running,
  network: Network,
  tenant: string,
  index: number,
  { certificates, imperfections: knobs }: SimulatorsSettings,
): Promise<ToldTenant> {
  const topology = network.topology();
  const routes = controllerRoutes(network, tenant, { statisticsMs: 1_000 * knobs.statistics });
  const limits = { requestsPerSecond: knobs.requests, pageRows: knobs.page };
  const rest = await startDirector(running, routes, index, certificates, limits);
  const own = topology.devices.filter((one) => one.tenant === tenant);
  const configs = new Map(own.map(({ device, config }) => [device, config]));
  const start = async (ref: DeviceRef, place: number): Promise<ToldTenant['devices'][number]> => {
    const { role, site, systemIp, bgp } = network.config(ref);
    const { netconf, ...servers } = await startServers(running, ref, deviceAddress(index, place + 2));
    const { host, port, hostKey } = netconf;
    return {
      name: ref.device,
      role,
      site,
      systemIp,
      ...(bgp === undefined ? {} : { asn: bgp.localAs }),
      endpoint: { netconf: { host, port, hostKey }, ...servers },
    };
  };
  const devices: ToldTenant['devices'][number][] = [];
  // Some at a time: another process may open the ports.
  for (let at = 0; at < own.length; at += AT_ONCE)
    devices.push(...(await Promise.all(own.slice(at, at + AT_ONCE).map((ref, n) => start(ref, at + n)))));
  return {
    tenant,
    common: { rest, netconf: { user: USER, privateKey: running.accounts.broker.privateKey } },
    devices,
    ...tellTopology(topology, tenant, (device) => configs.get(device)),
  };
}
