/** Wires one simulated device: its NETCONF server, its SNMP agent and what it tells by itself, on an address of its own. */
import { randomBytes } from 'node:crypto';
import type { z } from 'zod';
import type { InventoryDocument } from '../../broker/inventory/document.ts';
import { generateHostKey, generateSshKeyPair, type SshKeyPair } from '../../protocols/netconf/ssh-key.ts';
import { systemTimers, type Timers } from '../../protocols/netconf/timers.ts';
import { createSalts, type UsmUser } from '../../protocols/snmp/usm.ts';
import type { Doors } from '../../simulators/doors/doors.ts';
import type { DeviceRef, Network } from '../../simulators/model/network.ts';
import type { NetconfBackend, NetconfUser } from '../../simulators/protocols/netconf/backend.ts';
import { type NetconfServer, startNetconfServer } from '../../simulators/protocols/netconf/server.ts';
import { type SnmpAgent, startSnmpAgent } from '../../simulators/protocols/snmp/agent.ts';
import { createEngineClock } from '../../simulators/protocols/snmp/engine-clock.ts';
import type { Telemetry, TellingDevice } from '../../simulators/protocols/telemetry.ts';
import type { createInformQueue } from '../../simulators/protocols/traps/inform-queue.ts';
import { sendInform } from '../../simulators/protocols/traps/send-inform.ts';
import { liveMib } from '../../simulators/views/mib-view.ts';
import { netconfView } from '../../simulators/views/netconf-view.ts';
import type { SimulationClock } from './simulation-clock.ts';

/** Name of the broker's account on every device. */
export const USER = 'wayleave';
/** Name of the account that may look and not touch. */
const MONITOR = 'monitor';
/** What that account sees over SNMP (RFC 3415 views): system, interfaces and IF-MIB, not the rest of the device. */
const MONITOR_VIEW = [
  [1, 3, 6, 1, 2, 1, 1],
  [1, 3, 6, 1, 2, 1, 2],
  [1, 3, 6, 1, 2, 1, 31],
];

/** An account of a device, with the secrets that open it. */
export interface DeviceAccount {
  readonly tenant: string;
  readonly device: string;
  readonly user: string;
  readonly netconf: { readonly privateKey: string };
  readonly snmp: { readonly authPassword: string; readonly privPassword: string };
}

/** Who may log in to the devices of a tenant over NETCONF: one key an account, as platforms that log in everywhere have. */
export interface Accounts {
  readonly broker: SshKeyPair;
  /** Absent unless it was asked for. */
  readonly monitor?: SshKeyPair;
  readonly users: Readonly<Record<string, NetconfUser>>;
}

export function openAccounts(withMonitor: boolean): Accounts {
  const broker = generateSshKeyPair();
  const users: Record<string, NetconfUser> = { [USER]: { publicKey: broker.publicKey, access: 'read-write' } };
  if (!withMonitor) return { broker, users };
  const monitor = generateSshKeyPair();
  users[MONITOR] = { publicKey: monitor.publicKey, access: 'read-only' };
  return { broker, monitor, users };
}

export interface Running {
  readonly clock: Pick<SimulationClock, 'present'>;
  /** Milliseconds by which what servers keep ages; those of this process for SNMP, the network's for REST when absent. */
  readonly aging?: () => number;
  /** By which a confirmed commit lapses; real ones when absent. */
  readonly deviceTimers?: Timers;
  readonly netconf: Map<string, NetconfServer>;
  readonly agents: Map<string, SnmpAgent>;
  readonly telemetry: Telemetry;
  readonly nextSecret: () => string;
  readonly community?: string;
  readonly accounts: Accounts;
  readonly doors: Doors;
  /** Takes informs to send; traps are sent when absent. */
  readonly inform?: ReturnType<typeof createInformQueue>;
  readonly monitors: DeviceAccount[];
  readonly closers: (() => Promise<void>)[];
}

export type Endpoint = z.input<typeof InventoryDocument>['tenants'][number]['devices'][number]['endpoint'];

/** How the servers of a device are reached; a controller has NETCONF alone. */
export type Servers = Required<Pick<Endpoint, 'netconf'>> & Pick<Endpoint, 'snmp' | 'telemetry'>;

/** Pass phrases of 24 characters, cut from large pieces of the system's randomness: asking for each costs more than the rest. */
export function secrets(): () => string {
  const [length, piece] = [18, 18 * 512];
  let bytes = Buffer.alloc(0);
  let at = 0;
  return () => {
    if (at >= bytes.length) [bytes, at] = [randomBytes(piece), 0];
    at += length;
    return bytes.toString('base64url', at - length, at);
  };
}

/** Every server that the device has: all of them, or NETCONF alone for a controller, as real ones have. */
export async function startServers(running: Running, ref: DeviceRef, host: string): Promise<Servers> {
  const network = running.clock.present();
  const { role } = network.config(ref);
  return role === 'controller' ? startNetconf(running, network, ref, host) : startDevice(running, network, ref, host);
}

/** The NETCONF server of a device, or of a controller. */
async function startNetconf(
  { clock, netconf, accounts, doors, closers, deviceTimers }: Running,
  network: Network,
  ref: DeviceRef,
  host: string,
): Promise<Pick<Servers, 'netconf'>> {
  const hostKey = generateHostKey();
  const server = await startNetconfServer({
    host,
    port: 0,
    hostKey: () => hostKey.privateKey,
    users: accounts.users,
    startedAt: network.now(),
    backend: () => presentView(clock, ref),
    timers: systemTimers,
    ...(deviceTimers === undefined ? {} : { deviceTimers }),
    doors,
  });
  netconf.set(`${ref.tenant}/${ref.device}`, server);
  closers.push(() => server.close());
  return {
    netconf: {
      host: server.address,
      port: server.port,
      hostKey: hostKey.fingerprint,
      user: USER,
      privateKey: accounts.broker.privateKey,
    },
  };
}

async function startDevice(running: Running, network: Network, ref: DeviceRef, host: string): Promise<Servers> {
  const { clock, agents, telemetry, nextSecret, doors, closers } = running;
  const monitor = addMonitor(running, ref);
  const { netconf } = await startNetconf(running, network, ref, host);
  const snmp = {
    user: USER,
    authPassword: nextSecret(),
    privPassword: nextSecret(),
  };
  // RFC 3411 §5: enterprise number with the first bit set, format 4 (text), then the name.
  const engineId = Buffer.concat([
    Buffer.of(0x80, 0, 0, 0, 4),
    Buffer.from(`${ref.tenant}-${ref.device}`).subarray(0, 27),
  ]);
  const engine = createEngineClock(
    () => (network.alive(ref) ? network.bootedAt(ref) : undefined),
    () => performance.now(),
  );
  const user = { name: snmp.user, authPassword: snmp.authPassword, privPassword: snmp.privPassword };
  const agent = await startSnmpAgent({
    host,
    port: 0,
    engineId,
    engineBoots: engine.boots,
    engineTime: engine.time,
    users: monitor === undefined ? [user] : [user, monitor],
    ...(running.community === undefined ? {} : { community: { name: running.community } }),
    mib: liveMib(clock.present, ref, running.aging ?? (() => performance.now())),
    reachable: () => clock.present().reachable(ref),
    doors,
  });
  agents.set(`${ref.tenant}/${ref.device}`, agent);
  telemetry.add({
    tenant: ref.tenant,
    device: ref.device,
    engineId,
    user,
    send: agent.send,
    ...(running.inform === undefined ? {} : { inform: informer(running.inform, { host, engineId, user }) }),
    engineBoots: engine.boots,
    engineTime: () => Math.floor(engine.time()),
  });
  closers.push(() => agent.close());
  return {
    netconf,
    snmp: { host: agent.address, port: agent.port, ...snmp },
    telemetry: { host: agent.address, port: agent.port, engineId: engineId.toString('hex') },
  };
}

const salt = createSalts(randomBytes);

/** Waits a second for each of four tries: a receiver that is away for longer misses it. */
function informer(
  queue: ReturnType<typeof createInformQueue>,
  device: { readonly host: string; readonly engineId: Buffer; readonly user: UsmUser },
): NonNullable<TellingDevice['inform']> {
  const now = (): number => performance.now();
  const sender = { timers: systemTimers, now, random: randomBytes, salt, waitMs: 1_000, tries: 4, ...device };
  return (varbinds, to) => queue(() => sendInform(varbinds, to, sender));
}

/** The device as its NETCONF server sees it: every look at it is a look at it now. */
function presentView(clock: Pick<SimulationClock, 'present'>, ref: DeviceRef): NetconfBackend {
  const view = netconfView(clock.present(), ref);
  const now =
    <Args extends readonly unknown[], T>(look: (...args: Args) => T) =>
    (...args: Args): T => {
      clock.present();
      return look(...args);
    };
  return {
    ...view,
    running: now(view.running),
    state: now(view.state),
    commit: now(view.commit),
    rpc: now(view.rpc),
    reachable: now(view.reachable),
  };
}

/** The account that may look and not touch over SNMP, kept for who starts the network; undefined unless it was asked for. */
function addMonitor({ accounts, nextSecret, monitors }: Running, ref: DeviceRef) {
  if (accounts.monitor === undefined) return undefined;
  const { privateKey } = accounts.monitor;
  const snmp = { authPassword: nextSecret(), privPassword: nextSecret() };
  monitors.push({ tenant: ref.tenant, device: ref.device, user: MONITOR, netconf: { privateKey }, snmp });
  return { name: MONITOR, authPassword: snmp.authPassword, privPassword: snmp.privPassword, view: MONITOR_VIEW };
}
