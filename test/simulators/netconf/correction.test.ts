/** Forward error correction, turned on by NETCONF and read back over NETCONF: parity is sent, losses are rebuilt, and calls sound better for it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNetconfDriver } from '../../../broker/drivers/netconf/driver.ts';
import { generateSshKeyPair } from '../../../protocols/netconf/ssh-key.ts';
import { systemTimers } from '../../../protocols/netconf/timers.ts';
import { SDWAN_NS } from '../../../protocols/yang/namespaces.ts';
import { type NetconfServer, startNetconfServer } from '../../../simulators/protocols/netconf/server.ts';
import { netconfView } from '../../../simulators/views/netconf-view.ts';
import { acme, acmeTopology, readPlain, START, startNetwork } from '../model/reference.ts';

const MINUTE_MS = 60_000;
const TUNNEL = 'br1_edge:mpls--hub1_edge:mpls';
const ENDS = [
  ['br1_edge', 'tun-mpls-hub1_edge'],
  ['hub1_edge', 'tun-mpls-br1_edge'],
] as const;

const driver = createNetconfDriver();
const servers: NetconfServer[] = [];
const host = generateSshKeyPair();
const user = generateSshKeyPair();
const network = startNetwork(acmeTopology(2));
const endpoints = new Map<string, Parameters<typeof driver.openWriteSession>[0]>();

beforeAll(async () => {
  for (const [device] of ENDS) {
    const server = await startNetconfServer({
      ...{ host: '127.0.0.1', port: 0, hostKey: host.privateKey, timers: systemTimers },
      users: { wayleave: { publicKey: user.publicKey, access: 'read-write' } },
      backend: netconfView(network, acme(device)),
    });
    servers.push(server);
    endpoints.set(device, {
      ...acme(device),
      netconf: {
        ...{ host: server.address, port: server.port, hostKey: host.fingerprint },
        ...{ user: 'wayleave', privateKey: user.privateKey },
      },
    });
  }
});
afterAll(async () => {
  await driver.close();
  await Promise.all(servers.map((server) => server.close()));
});

const endpointOf = (device: string) => {
  const endpoint = endpoints.get(device);
  if (endpoint === undefined) throw new Error(`no server for ${device}`);
  return endpoint;
};

/** Both ends get the same mode in one commit each; '' takes it away. */
async function correct(mode: 'always' | 'adaptive' | ''): Promise<void> {
  for (const [device, name] of ENDS) {
    const leaf = mode === '' ? '<fec nc:operation="remove"/>' : `<fec>${mode}</fec>`;
    const session = await driver.openWriteSession(endpointOf(device));
    await session.editCandidate(
      `<tunnels xmlns="${SDWAN_NS}" xmlns:nc="urn:ietf:params:xml:ns:netconf:base:1.0"><tunnel><name>${name}</name>${leaf}</tunnel></tunnels>`,
    );
    await session.commit();
    await session.close();
  }
}

/** The counters of the tunnel at a device, as its NETCONF server gives them. */
async function countersOf(device: string) {
  const filter = `<tunnels-state xmlns="${SDWAN_NS}"><tunnel><name>${TUNNEL}</name><fec/></tunnel></tunnels-state>`;
  const reply = await driver.run(endpointOf(device), { protocol: 'netconf', kind: 'get', device, filter });
  if (reply.protocol !== 'netconf') throw new Error('another protocol answered');
  const read = (leaf: string): number => Number(new RegExp(`<${leaf}>(\\d+)</${leaf}>`).exec(reply.xml)?.[1]);
  return { sent: read('sent'), received: read('received'), rebuilt: read('rebuilt') };
}

/** What a call to the hub sounds like (ITU-T G.107). */
const callScore = (): number =>
  network.probe(acme('br1_edge'), { kind: 'voice', vrf: 10, destination: '10.100.20.60', dscp: 46 }).figures?.mos ?? 0;
const damage = (): string =>
  network.inject({ type: 'link_packet_corruption', tenant: 'acme', resource: 'circuit/br1/mpls' });

describe('forward error correction', () => {
  it('sends nothing until somebody turns it on', async () => {
    network.advanceTo(START + 10 * MINUTE_MS);
    expect(await countersOf('br1_edge')).toEqual({ sent: 0, received: 0, rebuilt: 0 });
  });

  it('rebuilds what a bad circuit loses, and calls sound better', async () => {
    const fault = damage();
    const bad = callScore();
    await correct('always');
    expect(callScore()).toBeGreaterThan(bad);
    network.advanceTo(network.now() + 5 * MINUTE_MS);
    for (const [device] of ENDS) {
      const { sent, received, rebuilt } = await countersOf(device);
      expect(sent, device).toBeGreaterThan(0);
      expect(received, device).toBeGreaterThan(0);
      expect(rebuilt, device).toBeGreaterThan(0);
    }
    // What arrives is what the other end sent, less what the path lost.
    const [branch, hub] = [await countersOf('br1_edge'), await countersOf('hub1_edge')];
    expect(hub.received).toBeLessThan(branch.sent);
    expect(branch.received).toBeLessThan(hub.sent);
    network.clear(fault);
  });

  it('leaves what BFD measures as it is: its own packets have no parity', async () => {
    const measured = () => readPlain(network, 'br1_edge').tunnels.find(({ tunnel }) => tunnel === TUNNEL)?.revLoss;
    const before = measured();
    await correct('');
    expect(measured()).toBe(before);
  });

  it('stops counting when it is taken away, and starts by itself only on a path that loses', async () => {
    const stopped = await countersOf('br1_edge');
    network.advanceTo(network.now() + 10 * MINUTE_MS);
    expect(await countersOf('br1_edge')).toEqual(stopped);
    await correct('adaptive');
    network.advanceTo(network.now() + 10 * MINUTE_MS);
    expect(await countersOf('br1_edge')).toEqual(stopped);
    damage();
    network.advanceTo(network.now() + 10 * MINUTE_MS);
    const started = await countersOf('br1_edge');
    expect(started.sent).toBeGreaterThan(stopped.sent);
    expect(started.rebuilt).toBeGreaterThan(stopped.rebuilt);
  });

  it('is refused in another word than the model knows', async () => {
    const session = await driver.openWriteSession(endpointOf('br1_edge'));
    const edit = `<tunnels xmlns="${SDWAN_NS}"><tunnel><name>tun-mpls-hub1_edge</name><fec>sometimes</fec></tunnel></tunnels>`;
    await expect(session.editCandidate(edit).then(() => session.validateCandidate())).rejects.toMatchObject({
      code: 'RPC_ERROR',
    });
    await session.discardChanges();
    await session.close();
  });
});
