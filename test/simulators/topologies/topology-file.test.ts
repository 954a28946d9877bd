/** Networks of somebody's own: what ships converges and carries traffic, what does not fit is refused with its place. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createNetwork } from '../../../simulators/model/create-network.ts';
import { buildTopology } from '../../../simulators/topologies/blueprint.ts';
import { fileBlueprint } from '../../../simulators/topologies/file-blueprint.ts';
import { EXAMPLES, loadTopology } from '../../../simulators/topologies/load-topology.ts';
import { parseTopologyFile } from '../../../simulators/topologies/topology-file.ts';

const options = { tenant: 'acme', seed: 1, tenantIndex: 0 };
const START = Date.parse('2026-01-06T10:00:00Z');
const build = (text: string) => buildTopology(fileBlueprint(parseTopologyFile(text), options));
const shipped = (name: string) =>
  readFileSync(new URL(`../../../simulators/topologies/examples/${name}.yaml`, import.meta.url), 'utf8');

describe.each(EXAMPLES)('%s', (name) => {
  const topology = loadTopology(name, options);
  const network = createNetwork({ topology, seed: 1, startAt: START });

  it('gives no address twice', () => {
    const addresses = topology.devices.flatMap(({ config }) => [
      config.systemIp,
      ...config.interfaces.flatMap((port) => port.ipv4?.address ?? []),
      ...config.tunnels.map((tunnel) => tunnel.localAddress),
    ]);
    expect(new Set([...addresses, ...topology.hosts.map((host) => host.address)]).size).toBe(
      addresses.length + topology.hosts.length,
    );
  });

  it('converges: every tunnel of the first transports is up, every session established', () => {
    for (const ref of network.devices()) {
      const { tunnels, bgp } = network.state(ref);
      expect(tunnels.map((tunnel) => tunnel.bfd)).toEqual(tunnels.map(() => 'up'));
      expect(bgp.map((session) => session.state)).toEqual(bgp.map(() => 'established'));
    }
  });

  it('carries users to the servers, and branches to each other', () => {
    const server = topology.hosts.find((host) => host.services.some((one) => one.name === 'erp'));
    for (const host of topology.hosts.filter((one) => one.kind === 'pc')) {
      const edge = topology.devices.find(({ config }) => config.site === host.site);
      const ref = { tenant: 'acme', device: edge?.device ?? '' };
      const probe = (destination: string | undefined) =>
        network.probe(ref, { kind: 'icmp', vrf: 10, destination: destination ?? '' }).result;
      expect([host.name, probe(server?.address)]).toEqual([host.name, 'ok']);
      const other = topology.hosts.find((one) => one.kind === 'pc' && one.site !== host.site);
      expect([host.name, other?.name, probe(other?.address)]).toEqual([host.name, other?.name, 'ok']);
    }
  });
});

describe('a file that does not fit together', () => {
  const sound = shipped('two-regions');
  it.each([
    ['two equal ids', ['name: zrh, id: 2', 'name: zrh, id: 1'], 'branches.1.id: id 1 is taken by branches.0.id'],
    ['two equal names', ['name: zrh', 'name: muc'], 'branches.1.name'],
    ['a transport that is not there', ['transports: [biz-internet] }', 'transports: [lte] }'], 'branches.3.transports'],
    ['a hub that is not there', ['hubs: [sin, fra]', 'hubs: [sin, nyc]'], 'branches.4.hubs: there is no hub nyc'],
    [
      'a region without a hub',
      ['name: muc, id: 1, region: emea', 'name: muc, id: 1, region: latam'],
      'branches.0.region',
    ],
    ['a link to nowhere', ['hubs:\n', 'mesh: links\nlinks: [[muc, nyc]]\nhubs:\n'], 'links.0'],
    [
      'an address plan that overlaps',
      ['lan: 10.{site}.{vrf}.0/24', 'lan: 10.1.{vrf}.0/24'],
      'addressing.lan: 10.1.10.0/24',
    ],
    ['a range that is too small', ['wan: 198.18.0.0/16', 'wan: 198.18.0.0/28'], 'addressing.wan'],
    ['an unknown key', ['name: Two regions', 'title: Two regions'], 'name'],
    ['no YAML', ['hubs:\n', 'hubs: [\n'], 'document'],
  ])('is refused for %s', (_, [from, to], place) => {
    expect(sound).toContain(from);
    expect(() => build(sound.replace(from ?? '', to ?? ''))).toThrowError(
      expect.objectContaining({ code: 'TOPOLOGY_INVALID', message: expect.stringContaining(place) }),
    );
  });

  it.each(['refnet:0', 'refnet:big', 'refnet:10000', 'no-such-file.yaml'])('is refused as %s', (name) => {
    expect(() => loadTopology(name, options)).toThrowError(expect.objectContaining({ code: 'TOPOLOGY_INVALID' }));
  });
});
