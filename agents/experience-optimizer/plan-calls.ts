/** What the experience optimizer reads and which test traffic it sends for a question. Pure. */
import type { Inventory } from '../inventory.ts';
import { findService } from '../inventory.ts';
import type { Task } from '../state.ts';
import type { Call } from '../talk.ts';

export const AGENT = 'experience-optimizer';
/** The VRF of people at the branches. */
const PEOPLE_VRF = 10;
/** Sites that one question sends test traffic from; more are judged by their paths and applications alone. */
const MOST_PROBED = 12;
/** Sites whose people's own machines are asked, each by itself: where the question names them. */
const MOST_ASKED = 3;

/** `chosen` are edges. */
export function planCalls(
  inventory: Inventory,
  chosen: readonly string[],
  { service, devices }: Task,
): readonly Call[] {
  const read = (tool: string, targets: readonly string[], input: Call['input'] = {}): Call => ({
    ...{ agent: AGENT, domain: 'diagnostics', tool, devices: targets, input },
  });
  const edges = chosen.filter((device) =>
    inventory.devices.some(({ name, role }) => name === device && role === 'edge'),
  );
  const probed = edges.slice(0, MOST_PROBED);
  const asked = devices.length > 0 ? edges.slice(0, MOST_ASKED) : [];
  const server = findService(inventory, service);
  const resolvers = inventory.hosts
    .filter(({ services }) => services.some(({ name }) => name === 'dns'))
    .map(({ address }) => address)
    .slice(0, 4);
  const probe = (from: 'device' | 'hosts', targets: readonly string[]): readonly Call[] => [
    ...(server && targets.length > 0
      ? [
          read('probe.http', targets, {
            ...{ vrf: PEOPLE_VRF, destination: server.host.address, port: server.port, object: 'small', from },
          }),
        ]
      : []),
    ...(server?.dnsName !== undefined && resolvers.length > 0 && targets.length > 0
      ? [read('probe.dns', targets, { vrf: PEOPLE_VRF, resolvers, name: server.dnsName, from })]
      : []),
  ];
  const directors = inventory.devices.filter(({ name, role }) => role === 'controller' && name.startsWith('director'));
  const director = directors.map(({ name }) => name);
  const hubs = inventory.devices.filter(({ role }) => role === 'hub').map(({ name }) => name);
  return [
    read('approute.read', chosen),
    // What waits in a queue of a hub is missed at a branch.
    read('statistics.read', [...chosen, ...hubs]),
    ...probe('device', probed),
    ...probe('hosts', asked),
    ...(director.length > 0 ? [read('config.leaves', director, { sections: ['app-routes', 'sla-classes'] })] : []),
    read('config.diff', [...chosen, ...director]),
  ];
}
