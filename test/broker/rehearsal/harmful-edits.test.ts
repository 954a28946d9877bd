/** Edits that hurt must fail on the model, before the device; edits that heal or change nothing must pass. Over 300 lines because every way to do harm is an example. */
import { describe, expect, it } from 'vitest';
import { WayleaveError } from '../../../broker/errors.ts';
import type { DeviceConfig } from '../../../protocols/device/config.ts';
import { TOOLS } from '../../../tools/registry.ts';
import { type Bench, createBench, OPERATOR, outcomeOf, RIGHT_AS } from '../pipeline/bench.ts';
import { editTo, rawEdit } from '../pipeline/raw-edit.ts';

type Change = (config: DeviceConfig) => DeviceConfig;
const ref = (device: string) => ({ tenant: 'acme', device });

async function bench(): Promise<Bench> {
  return createBench({ tools: [...TOOLS, rawEdit] });
}

/** Proposes the change as an edit; the message of the refusal, or `pending`. */
async function attempt(on: Bench, change: Change, device = 'br2_edge'): Promise<string> {
  const old = on.network.config(ref(device));
  const args = { target: { devices: [device] }, input: { config: editTo(old, change(old)) }, purpose: 'chat:1' };
  return on.call(OPERATOR, 'wan', 'raw.edit', args).then(
    (answer) => answer.status,
    (error: unknown) => (error instanceof WayleaveError ? `${error.code} ${error.message}` : String(error)),
  );
}

const ports =
  (
    match: (port: DeviceConfig['interfaces'][number]) => boolean,
    more: Partial<DeviceConfig['interfaces'][number]>,
  ): Change =>
  (config) => ({ ...config, interfaces: config.interfaces.map((port) => (match(port) ? { ...port, ...more } : port)) });
const bgp =
  (more: Partial<NonNullable<DeviceConfig['bgp']>>): Change =>
  (config) =>
    config.bgp === undefined ? config : { ...config, bgp: { ...config.bgp, ...more } };
const entries =
  (list: string, ...added: DeviceConfig['accessLists'][number]['entries'][number][]): Change =>
  (config) => ({
    ...config,
    accessLists: config.accessLists.map((one) =>
      one.name === list ? { ...one, entries: [...added, ...one.entries] } : one,
    ),
  });
const routes =
  (prefix: string, nextHop: string): Change =>
  (config) => ({ ...config, staticRoutes: [...config.staticRoutes, { vrf: 10, prefix, nextHop }] });
const keepTunnels =
  (keep: (color: string) => boolean): Change =>
  (config) => ({ ...config, tunnels: config.tunnels.filter((one) => keep(one.color)) });

const HARMFUL: readonly (readonly [says: string, invariant: string, change: Change])[] = [
  ['shuts both WAN ports', 'management-path-kept', ports((port) => port.color !== undefined, { enabled: false })],
  ['isolates the site by shutting its LAN', 'no-service-cut-off', ports((port) => port.vrf === 10, { enabled: false })],
  ['removes all BGP neighbours', 'overlay-kept', bgp({ neighbors: [] })],
  ['sets the wrong AS', 'overlay-kept', bgp({ localAs: 64_999 })],
  [
    'denies the ERP',
    'no-service-cut-off',
    entries('acl-lan-in', { name: 'e5', action: 'deny', protocol: 'tcp', destinationPort: 443 }),
  ],
  [
    'announces a foreign prefix',
    'no-foreign-prefix',
    bgp({ networks: ['10.2.10.0/24', '10.2.30.0/24', '10.1.10.0/24'] }),
  ],
  ['deletes the controllers', 'management-path-kept', (config) => ({ ...config, controllers: [] })],
  ['drops the data centre', 'no-traffic-diverted', routes('10.100.20.0/24', 'discard')],
  ['diverts the data centre', 'no-traffic-diverted', routes('10.100.20.0/25', '10.2.10.99')],
  ['removes the last tunnel', 'overlay-kept', keepTunnels(() => false)],
  [
    'changes the identity key',
    'overlay-kept',
    (config) => ({ ...config, ipsec: { ...config.ipsec, identityKey: Buffer.alloc(32, 7).toString('base64') } }),
  ],
  [
    'denies management in the control-plane list',
    'management-path-kept',
    entries('acl-control-in', { name: 'e1', action: 'deny', protocol: 'tcp', destinationPort: 830 }),
  ],
  [
    'renumbers a WAN port',
    'management-path-kept',
    ports((port) => port.color === 'mpls', { ipv4: { address: '100.64.9.2', prefixLength: 30 } }),
  ],
  ['takes another identity', 'identity-kept', (config) => ({ ...config, systemIp: '10.255.0.2' })],
  [
    'takes the subnet of another site',
    'no-traffic-diverted',
    ports((port) => port.vrf === 40, { ipv4: { address: '10.1.10.200', prefixLength: 24 } }),
  ],
  [
    'leaks the things into the users’ VRF',
    'segments-stay-apart',
    (config) => ({ ...config, vrfLeaks: [...config.vrfLeaks, { name: 'short-cut', from: 30, to: 10 }] }),
  ],
  [
    'opens a tunnel to somebody who is not of the tenant',
    'tenant-kept',
    (config) => ({
      ...config,
      tunnels: config.tunnels.map((one, index) =>
        index === 0 ? { ...one, peer: 'globex_edge', remoteAddress: '172.31.0.9' } : one,
      ),
    }),
  ],
  [
    'trusts the key of somebody who is not of the tenant',
    'tenant-kept',
    (config) => ({
      ...config,
      ipsec: {
        ...config.ipsec,
        peers: [...config.ipsec.peers, { peer: 'globex_edge', key: config.ipsec.identityKey }],
      },
    }),
  ],
  [
    'takes the last resolver from the clients',
    'names-resolve',
    (config) => ({ ...config, dhcp: config.dhcp.map((scope) => ({ ...scope, resolvers: ['192.0.2.53'] })) }),
  ],
  ['takes the firewall away', 'protection-kept', ({ firewall: _, ...config }) => config],
  [
    'lets an inspection rule match nothing',
    'protection-kept',
    ({ firewall, ...config }) => ({
      ...config,
      ...(firewall === undefined
        ? {}
        : { firewall: { ...firewall, inspection: firewall.inspection.map((rule) => ({ ...rule, pattern: '^$' })) } }),
    }),
  ],
  [
    'takes the list off a port',
    'protection-kept',
    (config) => ({
      ...config,
      interfaces: config.interfaces.map(({ accessListIn: _, ...port }) => port),
    }),
  ],
  [
    'lets voice wait behind others',
    'voice-kept',
    (config) => ({
      ...config,
      qos: config.qos.map((policy) => ({
        ...policy,
        classes: policy.classes.map((one) => (one.class === 'voice' ? { ...one, priority: false } : one)),
      })),
    }),
  ],
  [
    'rewrites voice in the tunnels',
    'voice-kept',
    (config) => ({ ...config, tunnels: config.tunnels.map((one) => ({ ...one, dscpRewrite: 0 })) }),
  ],
  [
    'locks out those who watch it',
    'oversight-kept',
    (config) => ({ ...config, accounts: config.accounts.filter(({ name }) => name !== 'poller') }),
  ],
  ['takes its last time server', 'oversight-kept', (config) => ({ ...config, ntpServers: [] })],
  ['lets the guests into the users’ VRF', 'segments-stay-apart', ports((port) => port.vrf === 40, { vrf: 10 })],
];

const HARMLESS: readonly (readonly [says: string, change: Change])[] = [
  ['names a port', ports((port) => port.name === 'ge0/2', { description: 'corp LAN, floor 2' })],
  ['adds a time server', (config) => ({ ...config, ntpServers: [...config.ntpServers, '10.200.20.123'] })],
  ['lengthens leases', (config) => ({ ...config, dhcp: config.dhcp.map((one) => ({ ...one, leaseSeconds: 28_800 })) })],
  [
    'adds a second resolver',
    (config) => ({
      ...config,
      dhcp: config.dhcp.map((one) => ({ ...one, resolvers: [...one.resolvers, '10.200.20.53'] })),
    }),
  ],
  [
    'moves clients to another resolver that answers',
    (config) => ({
      ...config,
      dhcp: config.dhcp.map((one) => (one.name === 'corp' ? { ...one, resolvers: ['10.200.20.53'] } : one)),
    }),
  ],
  [
    'denies what nobody uses',
    entries('acl-lan-in', { name: 'e5', action: 'deny', protocol: 'tcp', destinationPort: 6667 }),
  ],
  [
    'looks for the dead more slowly',
    (config) => ({ ...config, bfd: config.bfd.map((one) => ({ ...one, multiplier: 9 })) }),
  ],
  ['makes packets of guests smaller', ports((port) => port.vrf === 40, { mtu: 1400 })],
  [
    'gives voice more',
    (config) => ({
      ...config,
      qos: config.qos.map((policy) => ({
        ...policy,
        classes: policy.classes.map((one) => {
          if (one.class === 'voice') return { ...one, bandwidthPct: 25 };
          return one.class === 'best-effort' ? { ...one, bandwidthPct: 10 } : one;
        }),
      })),
    }),
  ],
  [
    'inspects for one thing more',
    ({ firewall, ...config }) => ({
      ...config,
      ...(firewall === undefined
        ? {}
        : { firewall: { ...firewall, inspection: [...firewall.inspection, { name: 'sig-2', pattern: '^TRACE ' }] } }),
    }),
  ],
  [
    'widens the replay window',
    (config) => ({ ...config, tunnels: config.tunnels.map((one) => ({ ...one, replayWindow: 1024 })) }),
  ],
];

describe('a rehearsal', () => {
  it.each(HARMFUL)('refuses an edit that %s', async (_says, invariant, change) => {
    const on = await bench();
    const answer = await attempt(on, change);
    expect(answer).toMatch(/^DENIED The rehearsal/);
    expect(answer).toContain(`${invariant}: `);
    expect(on.device('acme', 'br2_edge').commits).toEqual([]);
  });

  it.each(HARMLESS)('takes an edit that %s', async (_says, change) => {
    expect(await attempt(await bench(), change)).toBe('pending');
  });

  it('refuses to take the last tunnels of a branch at its hub', async () => {
    const on = await bench();
    const br1 = on.network.config(ref('br1_edge'));
    on.network.commit(ref('br1_edge'), { ...br1, tunnels: br1.tunnels.filter((one) => one.peer === 'hub1_edge') }, 'x');
    on.advance(60_000);
    const drop: Change = (config) => ({ ...config, tunnels: config.tunnels.filter((one) => one.peer !== 'br1_edge') });
    expect(await attempt(on, drop, 'hub1_edge')).toContain('br1_edge would lose the last of its tunnels');
  });

  it('refuses to take the last way to other sites away at the hubs', async () => {
    const on = await bench();
    const silentHub2: Change = bgp({ networks: [] });
    on.network.commit(ref('hub2_edge'), silentHub2(on.network.config(ref('hub2_edge'))), 'x');
    on.advance(60_000);
    expect(await attempt(on, silentHub2, 'hub1_edge')).toMatch(
      /routes-kept: .*br1_edge would have no way to 10\.0\.0\.0\/8/,
    );
  });

  it('refuses routes of two hubs that send packets round', async () => {
    const on = await bench();
    const [hub1, hub2] = [on.network.config(ref('hub1_edge')), on.network.config(ref('hub2_edge'))];
    const to = (config: DeviceConfig, peer: string): string =>
      config.tunnels.find((one) => one.peer === peer)?.remoteAddress ?? '';
    on.network.commit(ref('hub2_edge'), routes('10.1.10.0/24', to(hub2, 'hub1_edge'))(hub2), 'x');
    on.advance(60_000);
    expect(await attempt(on, routes('10.1.10.0/24', to(hub1, 'hub2_edge')), 'hub1_edge')).toMatch(
      /no-loop: packets for br1_\w+ would go round: .*hub1_edge → hub2_edge/,
    );
  });

  it('refuses to move what goes over a circuit to one that has no room, and takes it at night', async () => {
    const onlyInternet: Change = (config) => {
      const next = keepTunnels((color) => color !== 'mpls')(config);
      const remotes = new Set(next.tunnels.map((one) => one.remoteAddress));
      return bgp({ neighbors: (config.bgp?.neighbors ?? []).filter((one) => remotes.has(one.address)) })(next);
    };
    const night = await bench();
    expect(await attempt(night, onlyInternet)).toBe('pending');
    const day = await bench();
    day.network.advanceTo(Date.parse('2026-01-05T10:00:00Z'));
    day.inject('circuit_saturated_by_host', 'circuit/br2/biz-internet');
    expect(await attempt(day, onlyInternet)).toMatch(
      /headroom-kept: \d+ Mbit\/s would share 200 Mbit\/s of biz-internet/,
    );
  });

  it.each([{}, { source: '0.0.0.0/0' }, { source: '0.0.0.0/0', destination: '0.0.0.0/0' }])(
    'refuses to open wide a list that denies something, by an entry for %o',
    async (where) => {
      const on = await bench();
      on.inject('acl_blocks_app', 'node/br1_edge');
      const wide = entries('acl-lan-in', { name: 'e1', action: 'permit', protocol: 'any', ...where });
      expect(await attempt(on, wide, 'br1_edge')).toContain('protection-kept: acl-lan-in would let everything in');
    },
  );

  it('takes a description, and the right AS and the end of a blocking entry in a broken network', async () => {
    const on = await bench();
    expect(
      await attempt(
        on,
        ports((port) => port.name === 'ge0/2', { description: 'corp LAN, floor 2' }),
      ),
    ).toBe('pending');
    on.inject('bgp_asn_mismatch', 'node/br2_edge');
    expect(await attempt(on, bgp({ localAs: RIGHT_AS }))).toBe('pending');
    on.inject('acl_blocks_app', 'node/br1_edge');
    const heal: Change = (config) => ({
      ...config,
      accessLists: config.accessLists.map((list) => ({
        ...list,
        entries: list.entries.filter((entry) => entry.action === 'permit'),
      })),
    });
    expect(await attempt(on, heal, 'br1_edge')).toBe('pending');
  });

  it('takes the removal of one of several tunnels, but not when the others are down in truth', async () => {
    const onlyMpls = keepTunnels((color) => color === 'mpls');
    const sound = await bench();
    const withNeighbors: Change = (config) => {
      const next = onlyMpls(config);
      const remotes = new Set(next.tunnels.map((one) => one.remoteAddress));
      return bgp({ neighbors: (config.bgp?.neighbors ?? []).filter((one) => remotes.has(one.address)) })(next);
    };
    expect(await attempt(sound, withNeighbors)).toBe('pending');
    // The provider fails: no port shows it, and the model by itself would take these tunnels for up.
    const hurt = await bench();
    hurt.inject('provider_outage', 'node/isp1_core');
    expect(await attempt(hurt, withNeighbors)).toContain('overlay-kept: ');
  });

  it('refuses when a tunnel peer, or the state of the device, cannot be read', async () => {
    const on = await bench();
    on.turn.silent.add('acme/hub2_edge');
    const describePort = ports((port) => port.name === 'ge0/2', { description: 'x' });
    expect(await attempt(on, describePort)).toContain('ground-observed: hub2_edge could not be read');
    on.turn.silent.clear();
    on.turn.silent.add('acme/br2_edge');
    expect(await attempt(on, describePort)).toContain('DEVICE_UNREACHABLE');
    expect(await outcomeOf(on.change())).toBe('DEVICE_UNREACHABLE');
  });

  it('refuses on a configuration without its state: all would look as if it worked', async () => {
    for (const xml of [undefined, '']) {
      const on = await bench();
      const { read } = on.shared.devices;
      on.shared.devices.read = async (tenant, operation) => {
        const reply = await read(tenant, operation);
        if (operation.protocol !== 'netconf' || operation.kind !== 'get') return reply;
        const { collectedAt } = reply;
        return xml === undefined
          ? { operation, collectedAt, ok: false, error: { code: 'DEVICE_REFUSED', message: 'no' } }
          : { operation, collectedAt, ok: true, protocol: 'netconf', xml };
      };
      expect(await attempt(on, bgp({ localAs: 64_999 }))).toContain('DEVICE_UNREACHABLE');
    }
  });
});
