/** Which tool shows a signal, and how its evidence reads in the vocabulary of assertions: stories told through the broker. */
import type { Observation } from '../broker/contract.ts';
import type { Assertion, Reading } from './assert.ts';

/** One call of a tool that reads or probes. */
export interface ToolRead {
  readonly tool: string;
  readonly devices: readonly string[];
  readonly input: Record<string, string | number | boolean>;
}

/** Tools by the beginning of the names of the signals that they show; the first that fits. */
const TOOLS: readonly (readonly [prefix: string, tool: string])[] = [
  ['trap.', 'events.read'],
  ['if.util_pct', 'statistics.read'],
  ['if.', 'interfaces.read'],
  ['bfd.', 'tunnels.read'],
  ['ipsec.sa', 'tunnels.read'],
  ['tunnel.', 'approute.read'],
  ['bgp.', 'bgp.read'],
  ['rib.', 'routes.read'],
  ['acl.', 'acl.read'],
  ['ctrl.', 'control.read'],
  ['dev.', 'system.read'],
  ['vrrp.', 'vrrp.read'],
  ['app.', 'statistics.read'],
  ['lte.', 'lte.read'],
  ['probe.tcp', 'probe.tcp'],
  ['probe.icmp', 'probe.ping'],
];

const NEWEST_EVENTS = 200;
const CORP_VRF = 10;

const placesOf = ({ at }: Assertion): readonly string[] => [at].flat();

/** Devices that the places name, unless the assertion says who must report. */
function devicesOf(ask: Assertion): readonly string[] {
  const named = placesOf(ask).flatMap((place) =>
    [...place.matchAll(/(?:\/|--)(\w+_edge(?:_b)?)(?=[:/ ]|$)/g)].map(([, device = '']) => device),
  );
  // How an application does at a site is told by the edge that serves it.
  const serving = placesOf(ask).flatMap((place) => {
    const site = /^application\/(\w+)\//.exec(place)?.[1];
    return site === undefined ? [] : [`${site}_edge`];
  });
  return ask.seen_by ?? [...new Set([...named, ...serving])];
}

/** The call that shows what the assertion is about; undefined when no tool does. */
export function toolRead(ask: Assertion): ToolRead | undefined {
  const tool = TOOLS.find(([prefix]) => ask.signal.startsWith(prefix))?.[1];
  if (tool === undefined) return undefined;
  const vrf = ask.with?.vrf ?? CORP_VRF;
  if (tool === 'events.read') return { tool, devices: [], input: { last: NEWEST_EVENTS } };
  if (tool === 'routes.read') return { tool, devices: devicesOf(ask), input: { vrf } };
  if (!tool.startsWith('probe.')) return { tool, devices: devicesOf(ask), input: {} };
  const [, destination = '', port] = / > ([\d.]+)(?::(\d+))?$/.exec(placesOf(ask)[0] ?? '') ?? [];
  return {
    tool,
    devices: devicesOf(ask),
    input: { vrf, destination, ...(port === undefined ? {} : { port: Number(port) }) },
  };
}

/** What a tool observed, as readings. */
export function toReadings(ask: Assertion, observations: readonly Observation[]): readonly Reading[] {
  return observations.flatMap((one) => {
    const device = one.source.split(':')[1] ?? '';
    const base = { signal: one.signal, resource: one.resource, value: one.value, device };
    if (one.signal === 'acl.hits') {
      const [, entry = '', hits] = /^(\S+) .* hits (\d+)$/.exec(String(one.value)) ?? [];
      return [{ ...base, resource: `${one.resource}/${entry}`, value: Number(hits) }];
    }
    if (!one.signal.startsWith('probe.')) return [base];
    const [, rtt, word = ''] = /(?: ([\d.]+) ms)|\b(timeout|refused|unreachable)\b/.exec(String(one.value)) ?? [];
    return [{ ...base, resource: placesOf(ask)[0] ?? '', value: rtt === undefined ? word : Number(rtt) }];
  });
}
