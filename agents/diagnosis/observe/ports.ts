/** Observations of ports: state, size, errors, drops, use; and of the queues behind them. */
import { isTunnelPort } from '../../../protocols/device/names.ts';
import type { Entity, Observation, Sighting } from '../observation.ts';
import { NORMAL, told } from '../observation.ts';
import type { Context } from './context.ts';
import { median, portOf } from './context.ts';

/** Frames damaged or thrown away that are no accident: one in a minute for a day. */
const MANY_ERRORS = 1_500;
const MANY_DROPS = 1_500;
/** Volume of a mobile plan of 5 GB that is as good as used up. */
const FULL_PLAN_BYTES = 4.9e9;
/** A line without room (percent of the contract). */
const FULL_PCT = 90;

function entityOf({ map }: Context, { resource }: Sighting): Entity | undefined {
  const at = portOf(resource);
  // Tunnel ports mirror their tunnels; what is said of these is not said twice.
  if (at === undefined || isTunnelPort(at.port)) return undefined;
  const color = map.circuitAt(at.device, at.port)?.color;
  return { kind: 'port', ...at, color, site: map.device(at.device)?.site };
}

/** A port that others of the device were read beside, and that is not there itself. */
function readMissing(context: Context): Observation[] {
  const { map, of } = context;
  const rows = of('if.oper');
  const seen = new Map(rows.map((one) => [one.resource, one]));
  const answered = new Map(rows.map((one) => [portOf(one.resource)?.device ?? '', one]));
  const names = new Map<string, Set<string>>();
  // A LAN port that most of its like have is expected; of WAN ports the inventory knows which there are.
  for (const { resource } of rows) {
    const at = portOf(resource);
    if (at === undefined || isTunnelPort(at.port) || map.circuitAt(at.device, at.port) !== undefined) continue;
    const role = `${map.device(at.device)?.role} ${at.port}`;
    names.set(role, (names.get(role) ?? new Set()).add(at.device));
  }
  return [...answered].flatMap(([device, sighting]) => {
    const role = map.device(device)?.role;
    const peers = [...answered.keys()].filter((one) => map.device(one)?.role === role);
    const expected = [...names]
      .filter(([key, having]) => key.startsWith(`${role} `) && having.size * 3 >= peers.length * 2)
      .map(([key]) => key.slice(`${role} `.length));
    const circuits = map.inventory.circuits.filter((one) => one.device === device).map((one) => one.interface);
    return [...new Set([...expected, ...circuits])].map((port) => {
      const resource = `interface/${device}/${port}`;
      const color = map.circuitAt(device, port)?.color;
      const entity = { kind: 'port' as const, device, port, color, site: map.device(device)?.site };
      const there = seen.get(resource);
      return { ...told(there ?? sighting, 'port', there ? NORMAL : 'missing', entity), resource };
    });
  });
}

export function readPorts(context: Context): readonly Observation[] {
  const { of } = context;
  const each = (signal: string, feature: string, value: (one: Sighting) => string): Observation[] =>
    of(signal).flatMap((one) => {
      const entity = entityOf(context, one);
      return entity === undefined ? [] : [told(one, feature, value(one), entity)];
    });
  const usualMtu = median(of('if.mtu').map(({ value }) => Number(value)));
  const bandwidth = of('qos.bandwidth').flatMap((one) => {
    const [, device, policy, name] = /^policy\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(one.resource) ?? [];
    const starved = Number.parseFloat(String(one.value)) === 0;
    return device === undefined
      ? []
      : [told(one, `promise.${name}`, starved ? 'none' : NORMAL, { kind: 'device', device, policy })];
  });
  const queues = of('qos.class_drops').flatMap((one) => {
    const [, name = '', traffic] = /^(interface\/.+)\/([\w-]+)$/.exec(one.resource) ?? [];
    const entity = entityOf(context, { ...one, resource: name });
    const value = Number(one.value) >= MANY_DROPS ? 'drops' : NORMAL;
    return entity === undefined ? [] : [{ ...told(one, `queue.${traffic}`, value, entity), resource: name }];
  });
  return [
    ...each('if.oper', 'oper', ({ value }) => (value === 'up' ? NORMAL : 'down')),
    ...each('if.admin', 'admin', ({ value }) => (value === 'up' ? NORMAL : 'down')),
    ...each('if.mtu', 'mtu', ({ value }) => (Number(value) < usualMtu ? 'low' : NORMAL)),
    ...each('if.in_errors', 'errors', ({ value }) => (Number(value) >= MANY_ERRORS ? 'many' : NORMAL)),
    ...each('if.out_drops', 'drops', ({ value }) => (Number(value) >= MANY_DROPS ? 'many' : NORMAL)),
    ...each('if.util_pct', 'use', ({ value }) => (Number(value) >= FULL_PCT ? 'full' : NORMAL)),
    ...each('lte.signal', 'lte', ({ value }) =>
      String(value).startsWith('registered attached') ? NORMAL : value === 'no data' ? 'no-data' : 'detached',
    ),
    ...each('lte.volume', 'lte-volume', ({ value }) => (Number(value) >= FULL_PLAN_BYTES ? 'large' : NORMAL)),
    ...each('ospf.neighbor', 'ospf', ({ value }) => (value === 'full' ? NORMAL : 'lost')),
    ...readMissing(context),
    ...bandwidth,
    ...queues,
  ];
}
