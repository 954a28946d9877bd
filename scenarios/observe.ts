/** What the read tools would observe on a model network, taken from the model directly: for the codebook and for replays without sockets. */
import { isDeepStrictEqual } from 'node:util';
import type { Json, Observation } from '../broker/contract.ts';
import type { DeviceConfig } from '../protocols/device/config.ts';
import { bgpSessionName, interfaceName, nodeName, policyName } from '../protocols/device/names.ts';
import type { DeviceState } from '../protocols/device/state.ts';
import type { Network } from '../simulators/model/network.ts';

/** One read or probe of a tool, as an agent asks for it. */
export interface ToolCall {
  readonly tool: string;
  readonly devices: readonly string[];
  readonly input: { readonly [name: string]: Json };
}

type Row = readonly [resource: string, signal: string, value: string | number];

const TRAP_SIGNALS = /^trap\./;

function readSystem(device: string, { system }: DeviceState): readonly Row[] {
  const rows: Row[] = [
    [nodeName(device), 'dev.uptime', Math.floor(system.uptimeMs / 1000)],
    [nodeName(device), 'dev.cpu_pct', system.cpuPct],
    [nodeName(device), 'dev.mem_pct', system.memoryPct],
    [nodeName(device), 'dev.clock_offset', system.clockOffsetMs / 1000],
    [nodeName(device), 'dev.cert_days', system.certificateDays],
    [nodeName(device), 'fw.session_use_pct', system.firewallSessionPct],
  ];
  const processes = system.processes.map(
    ({ name, running }): Row => [nodeName(device), 'dev.process', `${name} ${running ? 'running' : 'stopped'}`],
  );
  return [...rows, ...processes];
}

function readPorts(device: string, { interfaces }: DeviceState): readonly Row[] {
  return interfaces.flatMap(({ name, oper, admin, description }): Row[] => [
    [interfaceName(device, name), 'if.oper', oper],
    [interfaceName(device, name), 'if.admin', admin],
    [interfaceName(device, name), 'if.description', description],
  ]);
}

function readEntries(device: string, config: DeviceConfig, { accessLists }: DeviceState): readonly Row[] {
  return config.accessLists.flatMap((list) =>
    list.entries.map((entry): Row => {
      const hits = accessLists.find((one) => one.list === list.name && one.entry === entry.name)?.hits ?? 0;
      const { name, action, protocol, source = 'any', destination = 'any', destinationPort = 'any' } = entry;
      const text = `${name} ${action} ${protocol} ${source} ${destination} ${destinationPort} hits ${hits}`;
      return [policyName(device, list.name), 'acl.hits', text];
    }),
  );
}

/** Leaves of a configuration by path: list entries by key. */
function flatten(config: DeviceConfig): ReadonlyMap<string, string> {
  const leaves = new Map<string, string>();
  for (const { name, enabled, mtu, accessListIn } of config.interfaces) {
    leaves.set(`interfaces/${name}/enabled`, String(enabled));
    leaves.set(`interfaces/${name}/mtu`, String(mtu));
    leaves.set(`interfaces/${name}/access-list-in`, accessListIn ?? 'absent');
  }
  for (const { name, entries } of config.accessLists) {
    for (const entry of entries) leaves.set(`access-lists/${name}/${entry.name}`, 'present');
  }
  leaves.set('ipsec/identity-key', config.ipsec.identityKey);
  if (config.bgp) {
    leaves.set('bgp/local-as', String(config.bgp.localAs));
    leaves.set('bgp/networks', config.bgp.networks.join(','));
  }
  return leaves;
}

function readDrift(device: string, running: DeviceConfig, intended: DeviceConfig): readonly Row[] {
  if (isDeepStrictEqual(running, intended)) return [[nodeName(device), 'cfg.sync', 'in-sync']];
  const [now, meant] = [flatten(running), flatten(intended)];
  const paths = [...new Set([...now.keys(), ...meant.keys()])].filter((path) => now.get(path) !== meant.get(path));
  return [
    [nodeName(device), 'cfg.sync', 'out-of-sync'],
    ...paths.map((path): Row => {
      const text = `${path}: running ${now.get(path) ?? 'absent'}, intended ${meant.get(path) ?? 'absent'}`;
      return [nodeName(device), 'cfg.diff', text];
    }),
  ];
}

/** Rows that the device itself answers; undefined for a tool that asks somebody else. */
function askDevice(network: Network, tenant: string, device: string, { tool, input }: ToolCall): readonly Row[] {
  const ref = { tenant, device };
  const state = network.state(ref);
  switch (tool) {
    case 'system.read':
      return readSystem(device, state);
    case 'interfaces.read':
      return readPorts(device, state);
    case 'tunnels.read':
      return state.tunnels.flatMap(({ tunnel, bfd, ipsec }): Row[] => [
        [`tunnel/${tunnel}`, 'bfd.state', bfd],
        [`tunnel/${tunnel}`, 'ipsec.sa', ipsec],
      ]);
    case 'bgp.read':
      return state.bgp.flatMap((session): Row[] => [
        [bgpSessionName(device, session.peer), 'bgp.state', session.state],
        [
          bgpSessionName(device, session.peer),
          'bgp.last_error',
          `${session.lastErrorCode}/${session.lastErrorSubcode}`,
        ],
      ]);
    case 'acl.read':
      return readEntries(device, network.config(ref), state);
    case 'vrrp.read':
      return state.vrrp.map((one): Row => [interfaceName(device, one.interface), 'vrrp.state', one.state]);
    case 'config.diff':
      return readDrift(device, network.config(ref), network.intendedConfig(ref));
    case 'probe.tcp':
    case 'probe.ping': {
      const destination = String(input['destination']);
      const isTcp = tool === 'probe.tcp';
      const { result, sent, received, rttMs } = network.probe(ref, {
        kind: isTcp ? 'tcp' : 'icmp',
        vrf: Number(input['vrf']),
        destination,
        ...(isTcp ? { port: Number(input['port']) } : {}),
      });
      if (!isTcp) return [[nodeName(device), 'probe.icmp', `${destination} ${received}/${sent} ${rttMs} ms`]];
      const end = result === 'ok' ? `ok ${rttMs} ms` : result;
      return [[nodeName(device), 'probe.tcp', `${destination}:${input['port']} ${end}`]];
    }
    default:
      return [];
  }
}

/** Rows that the director answers for a device, reachable or not. */
function askDirector(network: Network, tenant: string, device: string, tool: string): readonly Row[] {
  const state = network.state({ tenant, device });
  const isUp = network.reachable({ tenant, device });
  switch (tool) {
    case 'system.read': {
      const isKnown = isUp && (state.control.length === 0 || state.control.some((one) => one.state === 'up'));
      return [[nodeName(device), 'dev.reach', isKnown ? 'reachable' : 'unreachable']];
    }
    case 'control.read':
      return state.control.map(({ controller, color, state: conn, reason }): Row => {
        const value = conn === 'up' && isUp ? 'up' : `down (${isUp ? reason : 'timeout'})`;
        return [`session/control/${controller}--${device}:${color}`, 'ctrl.conn', value];
      });
    case 'lte.read':
      return state.cellular.map(({ interface: port, registered, attached, signalDbm }): Row => {
        const text = `${registered ? 'registered' : 'searching'} ${attached ? 'attached' : 'detached'} ${signalDbm} dBm`;
        return [interfaceName(device, port), 'lte.signal', isUp ? text : 'no data'];
      });
    case 'approute.read':
      return state.tunnels.flatMap(({ tunnel, lossPct, latencyMs, jitterMs }): Row[] => [
        [`tunnel/${tunnel}`, 'tunnel.loss_pct', lossPct],
        [`tunnel/${tunnel}`, 'tunnel.latency_ms', latencyMs],
        [`tunnel/${tunnel}`, 'tunnel.jitter_ms', jitterMs],
      ]);
    default:
      return [];
  }
}

/** Events of a tenant that one call returns at most. */
const MAX_EVENTS = 500;

/** The observations of one call now; an unreachable device adds none of its own. */
export function observe(network: Network, tenant: string, call: ToolCall): readonly Observation[] {
  const now = new Date(network.now()).toISOString();
  if (call.tool === 'events.read') {
    const all = network.events(tenant, 0, Number.MAX_SAFE_INTEGER).filter(({ name }) => TRAP_SIGNALS.test(name));
    return all.slice(-Math.min(Number(call.input['last']), MAX_EVENTS)).map(({ resource, name, detail, at }) => ({
      resource,
      signal: name,
      value: detail,
      observedAt: new Date(at).toISOString(),
      source: 'rest:director',
    }));
  }
  const toObservation =
    (source: string) =>
    ([resource, signal, value]: Row): Observation => ({ resource, signal, value, observedAt: now, source });
  return call.devices.flatMap((device) => [
    ...askDirector(network, tenant, device, call.tool).map(toObservation('rest:director')),
    ...(network.reachable({ tenant, device })
      ? askDevice(network, tenant, device, call).map(toObservation(`netconf:${device}`))
      : []),
  ]);
}
