/** Edits that hurt must fail on the model, before the device; edits that heal or change nothing must pass. */
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
  ['lets the guests into the users’ VRF', 'segments-stay-apart', ports((port) => port.vrf === 40, { vrf: 10 })],
];

describe('a rehearsal', () => {
  it.each(HARMFUL)('refuses an edit that %s', async (_says, invariant, change) => {
    const on = await bench();
    const answer = await attempt(on, change);
    expect(answer).toMatch(/^DENIED The rehearsal/);
    expect(answer).toContain(`${invariant}: `);
    expect(on.device('acme', 'br2_edge').commits).toEqual([]);
  });

  it('refuses to take the last tunnels of a branch at its hub', async () => {
    const on = await bench();
    const br1 = on.network.config(ref('br1_edge'));
    on.network.commit(ref('br1_edge'), { ...br1, tunnels: br1.tunnels.filter((one) => one.peer === 'hub1_edge') }, 'x');
    on.advance(60_000);
    const drop: Change = (config) => ({ ...config, tunnels: config.tunnels.filter((one) => one.peer !== 'br1_edge') });
    expect(await attempt(on, drop, 'hub1_edge')).toContain('br1_edge would lose the last of its tunnels');
  });

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
