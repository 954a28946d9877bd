/** Observations of configuration: in sync or not, and which part differs, by what the part does and never by how it is called. */
import type { Entity, Observation, Sighting } from '../observation.ts';
import { NORMAL, told } from '../observation.ts';
import type { Context } from './context.ts';
import { nameOf } from './context.ts';

/** Ports that stand for what breaks: BGP (RFC 4271), BFD (RFC 5881, tunnels inside), DNS (RFC 1035). */
const PORTS: { readonly [port: string]: string } = { '179': 'bgp', '3784': 'bfd', '53': 'dns' };

/** What an entry that was added denies: `deny-bgp`, `deny-app`, `deny-echo`, … */
export function describeEntry(leaves: ReadonlyMap<string, string>): string {
  const action = leaves.get('action') ?? 'permit';
  const protocol = leaves.get('protocol') ?? 'any';
  const port = leaves.get('destination-port');
  if (protocol === 'icmp') {
    // RFC 792: 8 is an echo request, 3 with code 4 "fragmentation needed".
    const type = leaves.get('icmp-type');
    return `${action}-${type === '8' ? 'echo' : type === '3' ? 'frag-needed' : 'icmp'}`;
  }
  if (protocol === 'ospf') return `${action}-ospf`;
  return `${action}-${port === undefined ? 'all' : (PORTS[port] ?? 'app')}`;
}

const LEAVES = /present \((.*)\)/;

function parseLeaves(text: string): ReadonlyMap<string, string> {
  const inside = LEAVES.exec(text)?.[1] ?? '';
  return new Map(
    inside.split(', ').map((leaf) => {
      const [name = '', ...value] = leaf.split(' ');
      return [name, value.join(' ')];
    }),
  );
}

/** `tun-mpls-hub1_edge`; one that joins two colours names the far one too: `tun-lte-hub1_edge-biz-internet`. */
const TUNNEL = /^tun-(mpls|biz-internet|lte)-(.+?)(?:-(mpls|biz-internet|lte))?$/;

interface Difference {
  readonly value: string;
  readonly entity: Entity;
}

/** Reads `section/keys/leaf: running x, intended y`. */
export function classifyDifference(device: string, text: string): Difference | undefined {
  const [, path = '', running = '', intended = ''] = /^(.*?): running (.*), intended (.*)$/s.exec(text) ?? [];
  const steps = path.split('/');
  const [section = ''] = steps;
  const leaf = steps.at(-1) ?? '';
  const isAdded = running.startsWith('present');
  const isGone = intended.startsWith('present');
  const entity: Entity = { kind: 'device', device };
  switch (section) {
    case 'access-lists':
      return { value: isAdded ? describeEntry(parseLeaves(running)) : 'acl-changed', entity };
    case 'static-routes': {
      const hop = parseLeaves(isAdded ? running : intended).get('next-hop');
      return { value: isAdded ? (hop === 'discard' ? 'discard-route' : 'static-route') : 'static-gone', entity };
    }
    case 'interfaces': {
      const helper = steps.indexOf('dhcp-helper');
      const end = helper > 0 ? helper : isAdded || isGone ? steps.length : steps.length - 1;
      const port = steps.slice(1, end).join('/');
      const value = helper > 0 ? 'helper' : isAdded || isGone ? 'port' : leaf;
      return { value: `port-${value}`, entity: { ...entity, port } };
    }
    case 'tunnels': {
      const [, color, peer, peerColor = color] = TUNNEL.exec(steps[1] ?? '') ?? [];
      const value = steps[2] ?? 'tunnel';
      return { value: `tunnel-${value}`, entity: { kind: 'tunnel', device, color, peer, peerColor } };
    }
    case 'bfd':
      return { value: 'bfd-timers', entity: { ...entity, color: steps[1] } };
    case 'bgp': {
      if (steps[1] === 'network') return { value: isAdded ? 'network-added' : 'network-gone', entity };
      // What is preferred is said by the policy for what comes in (RFC 4271, LOCAL_PREF).
      return {
        value: `bgp-${leaf}`,
        entity: leaf === 'local-preference' ? { ...entity, policy: 'overlay-in' } : entity,
      };
    }
    case 'qos':
      return { value: 'qos', entity: { ...entity, policy: steps[1] } };
    case 'app-routes':
      return {
        value: `approute-${steps[2] ?? 'rule'}`,
        entity: { ...entity, application: steps[1], policy: `approute-${steps[1]}` },
      };
    case 'vrf-leaks':
      return {
        value: isGone ? 'leak-gone' : 'leak-changed',
        entity: { ...entity, policy: (steps[1] ?? '').split(',')[0] },
      };
    case 'dhcp':
      return { value: isGone ? 'scope-gone' : `scope-${leaf}`, entity };
    default:
      return { value: `${section}${isAdded ? '-added' : isGone ? '-gone' : ''}`, entity };
  }
}

/** Each difference of each device; a device in sync shows that there is none. */
export function readConfiguration({ of }: Context): readonly Observation[] {
  const entity = (one: Sighting): Entity => ({ kind: 'device', device: nameOf(one.resource) });
  return [
    ...of('cfg.sync').map((one) => told(one, 'sync', one.value === 'in-sync' ? NORMAL : 'differs', entity(one))),
    ...of('cfg.diff').flatMap((one) => {
      const found = classifyDifference(nameOf(one.resource), String(one.value));
      return found === undefined ? [] : [told(one, 'cfg', found.value, found.entity)];
    }),
  ];
}
