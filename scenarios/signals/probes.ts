/** Signals of active probes: what a packet, a connection, a query or a call from one place to another meets. */

import type { ProbeResult } from '../../protocols/device/probe.ts';

import { parseAddress } from '../../simulators/model/address.ts';
import type { ProbeRequest } from '../../simulators/model/network.ts';
import { type Assertion, fits } from '../assert.ts';
import type { SignalValue } from '../comparison.ts';
import type { Surface } from '../surface.ts';
import type { SignalReader } from './reader.ts';

/** People work in this VRF. */
const CORP_VRF = 10;

interface Start {
  readonly device: string;
  readonly request: Pick<ProbeRequest, 'vrf' | 'source' | 'host'>;
}

/** `host/x`, `node/x` (its agent in the corp LAN) or `interface/x/port` (a WAN port: the underlay). */
function findStart(surface: Surface, name: string, vrf: number): Start | undefined {
  const [, kind = '', device = '', port = ''] = /^(\w+)\/([^/]+)(?:\/(.+))?$/.exec(name) ?? [];
  if (kind === 'node') return { device, request: { vrf } };
  if (kind === 'interface') {
    const found = surface.config(device).interfaces.find((one) => one.name === port);
    return found && { device, request: { vrf: found.vrf, source: port } };
  }
  const host = surface.topology.hosts.find((one) => one.tenant === surface.tenant && one.name === device);
  const edge = surface
    .devices()
    .find(
      (one) =>
        surface.config(one).site === host?.site && surface.config(one).interfaces.some((each) => each.vrf === host.vrf),
    );
  return host && edge !== undefined ? { device: edge, request: { vrf: host.vrf, host: host.name } } : undefined;
}

/** Address and port of `host/x:443`, `external/x:443`, `interface/x/port`, `tunnel/…` (its far end), `node/provider` or an address. */
function findGoal(
  surface: Surface,
  name: string,
  start: Start,
): { readonly destination: string; readonly port?: number } | undefined {
  const [, place = '', port] = /^(.*?)(?::(\d+))?$/.exec(name) ?? [];
  const at = (destination: string | undefined) =>
    destination === undefined ? undefined : { destination, ...(port === undefined ? {} : { port: Number(port) }) };
  if (!Number.isNaN(parseAddress(place))) return at(place);
  const [, kind = '', rest = ''] = /^(\w+)\/(.+)$/.exec(place) ?? [];
  const { topology, tenant } = surface;
  switch (kind) {
    case 'host':
      return at(topology.hosts.find((one) => one.tenant === tenant && one.name === rest)?.address);
    case 'external':
      return at(topology.externals.find((one) => one.name === rest)?.address);
    case 'interface': {
      const [device = '', ...parts] = rest.split('/');
      return at(surface.config(device).interfaces.find((one) => one.name === parts.join('/'))?.ipv4?.address);
    }
    case 'tunnel': {
      const far = rest.split('--').find((end) => !end.startsWith(`${start.device}:`)) ?? '';
      const [peer, color] = far.split(':');
      const { tunnels } = surface.config(start.device);
      return at(tunnels.find((one) => one.peer === peer && one.peerColor === color)?.remoteAddress);
    }
    case 'node':
      return at(providerSide(surface, start));
    default:
      return undefined;
  }
}

/** The first address of a WAN port's subnet is the provider's. */
function providerSide(surface: Surface, { device, request }: Start): string | undefined {
  const ipv4 = surface.config(device).interfaces.find((one) => one.name === request.source)?.ipv4;
  return ipv4?.address.replace(/\d+$/, (last) => String(Number(last) - 1));
}

/** `host/br*_corp_pc1 > x` stands for one probe from each host or device that fits. */
function expand(surface: Surface, place: string): readonly string[] {
  const [from = '', to = ''] = place.split(' > ');
  if (!from.includes('*')) return [place];
  const hosts = surface.topology.hosts.filter((one) => one.tenant === surface.tenant).map((one) => `host/${one.name}`);
  const starts = [...hosts, ...surface.devices().map((device) => `node/${device}`)];
  return starts.filter((one) => fits(from, one)).map((one) => `${one} > ${to}`);
}

const number = (value: number | undefined, result: ProbeResult): SignalValue => value ?? result.result;

const probe =
  (
    kind: ProbeRequest['kind'],
    value: (result: ProbeResult) => SignalValue,
    options: (ask: Assertion['with']) => Partial<ProbeRequest> = () => ({}),
  ): SignalReader =>
  (surface, ask) =>
    [ask.at]
      .flat()
      .flatMap((places) => expand(surface, places))
      .flatMap((place) => {
        const [from = '', to = ''] = place.split(' > ');
        const start = findStart(surface, from, ask.with?.vrf ?? CORP_VRF);
        const goal = start && findGoal(surface, to, start);
        if (start === undefined || goal === undefined) return [];
        const request = { kind, ...start.request, ...goal, ...options(ask.with) };
        return [{ resource: place, value: value(surface.probe(start.device, request)), device: start.device }];
      });

/** A figure when it came back, else the word for what happened. */
const roundTrip = (result: ProbeResult): SignalValue => (result.result === 'ok' ? result.rttMs : result.result);
const dscpOf = (ask: Assertion['with']) => (ask?.dscp === undefined ? {} : { dscp: ask.dscp });
const nameOf = (ask: Assertion['with']) => ({ name: ask?.name ?? 'erp.example' });

export const probeSignals = {
  'probe.icmp': probe('icmp', roundTrip, (ask) => ({
    count: 5,
    ...dscpOf(ask),
    ...(ask?.size === undefined ? {} : { size: ask.size }),
  })),
  'probe.tcp': probe('tcp', roundTrip),
  'probe.http_ms': probe('http', roundTrip, (ask) => ({ object: ask?.object ?? 'small' })),
  'probe.dns_ms': probe('dns', roundTrip, nameOf),
  'probe.dns_answer': probe('dns', (result) => result.figures?.answer ?? result.result, nameOf),
  'probe.df_size': probe('df-size', (result) => {
    const { size, nextHopMtu } = result.figures ?? {};
    return size === undefined
      ? result.result
      : `${size} ${nextHopMtu === undefined ? 'silent' : `next-hop ${nextHopMtu}`}`;
  }),
  'probe.throughput': probe('throughput', (result) => number(result.figures?.mbps, result)),
  'probe.mos': probe(
    'voice',
    (result) => number(result.figures?.mos, result),
    () => ({ dscp: 46 }),
  ),
} as const;
