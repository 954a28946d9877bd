/** Signals out of flow records since the onset: who talks, how much, by which way, how often, how regularly. */

import type { FlowRecord } from '../../protocols/device/flow.ts';
import { countNewPerSecond, isHalfOpen, rankTalkers, scorePeriodicity } from '../../protocols/device/flow-figures.ts';
import { groupBy } from '../../simulators/model/group-by.ts';
import type { SignalValue } from '../comparison.ts';
import type { Surface } from '../surface.ts';
import type { SignalReader } from './reader.ts';

/** `host/x`, `external/x`, or the address when nobody knows it. */
function nameOf({ topology, tenant }: Surface): (address: string) => string {
  const names = new Map([
    ...topology.externals.map((one) => [one.address, `external/${one.name}`] as const),
    ...topology.hosts.flatMap((one) => (one.tenant === tenant ? [[one.address, `host/${one.name}`] as const] : [])),
  ]);
  return (address) => names.get(address) ?? address;
}

type Figure = (flows: readonly FlowRecord[], spanMs: number) => SignalValue;

/** One reading a group of flows. */
const grouped =
  (keyOf: (flow: FlowRecord, name: (address: string) => string) => string, figure: Figure): SignalReader =>
  (surface, _ask, since) => {
    const name = nameOf(surface);
    const groups = groupBy(surface.flows(since), (flow) => keyOf(flow, name));
    return [...groups].map(([resource, flows]) => ({ resource, value: figure(flows, surface.now() - since) }));
  };

type Key = (flow: FlowRecord, name: (address: string) => string) => string;
const bySource: Key = (flow, name) => name(flow.source);
const byDestination: Key = (flow, name) => name(flow.destination);
const byPair: Key = (flow, name) => `${name(flow.source)} > ${name(flow.destination)}:${flow.destinationPort}`;
const byApplication: Key = (flow, name) => `${name(flow.source)} > ${flow.application}`;

/** One reading a flow. */
const single =
  (value: (flow: FlowRecord) => SignalValue | undefined): SignalReader =>
  (surface, _ask, since) => {
    const name = nameOf(surface);
    return surface.flows(since).flatMap((flow) => {
      const found = value(flow);
      return found === undefined ? [] : [{ resource: byApplication(flow, name), value: found, device: flow.device }];
    });
  };

/** Share of all octets, percent. */
const topTalkers: SignalReader = (surface, _ask, since) => {
  const name = nameOf(surface);
  const ranks = rankTalkers(surface.flows(since), (flow) => bySource(flow, name));
  return ranks.map(({ key, octets }) => ({ resource: key, value: octets }));
};

export const flowSignals = {
  'flow.top': topTalkers,
  'flow.new_per_s': grouped(bySource, (flows, spanMs) => Math.round(10 * countNewPerSecond(flows, spanMs)) / 10),
  'flow.halfopen': grouped(byDestination, (flows) => flows.filter(isHalfOpen).length),
  'flow.periodicity': grouped(byPair, (flows) => scorePeriodicity(flows)),
  'flow.dscp': single((flow) => `${flow.dscpIn} in, ${flow.dscpOut} out`),
  'flow.path': single((flow) => (flow.egress === '' ? 'dropped' : `${flow.color ?? 'local'} ${flow.egress}`)),
  'flow.dns_query': single((flow) => flow.dnsName),
} as const;
