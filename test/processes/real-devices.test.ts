/** An installation without simulators of its own: devices that run elsewhere are reached by a file that names them. */
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { findRunning, findSimulators, signInAs } from '../../apps/cli/connect.ts';
import { createMcpClient } from '../../apps/client/mcp-client.ts';
import { loadConfig } from '../../apps/config.ts';
import { type Installation, startInstallation } from '../../apps/installation.ts';
import { type Simulation, startSimulation } from '../../apps/simulation.ts';
import { InventoryDocument } from '../../broker/inventory/document.ts';
import { generateSshKeyPair } from '../../protocols/netconf/ssh-key.ts';
import { runWayleave } from './command-line.ts';
import { newFolder } from './fixture.ts';

const elsewhere = newFolder();
const here = newFolder();
const file = path.join(elsewhere, 'devices.json');
let network: Simulation;
let installation: Installation | undefined;

const start = (env: { readonly [name: string]: string }) =>
  startInstallation({
    config: loadConfig({ home: here, inventory: file, brokerPort: 0, agentsPort: 0 }, {}).config,
    progress: () => undefined,
    onCrash: () => undefined,
    env,
  });

beforeAll(async () => {
  const tenants = [{ name: 'acme', network: 'refnet:s' }];
  network = await startSimulation({
    home: elsewhere,
    tenants,
    seed: 1,
    speed: 1,
    monitor: true,
    onCrash: () => undefined,
  });
  const document = InventoryDocument.parse(network.ready.inventory);
  // One pass phrase is not in the file: it is named there, and comes from the environment.
  const text = JSON.stringify(document, (_key, value: unknown) =>
    value === secret(document) ? { env: 'SNMP_AUTH' } : value,
  );
  writeFileSync(file, text, { mode: 0o600 });
}, 120_000);
afterAll(async () => {
  await installation?.stop();
  await network.stop();
  for (const folder of [elsewhere, here]) rmSync(folder, { recursive: true, force: true });
});

const secret = ({ tenants }: InventoryDocument): string | undefined =>
  tenants[0]?.devices.find(({ endpoint }) => endpoint.snmp !== undefined)?.endpoint.snmp?.authPassword;

it('does not start with a file that others can read, or without a secret that it names', async () => {
  chmodSync(file, 0o644);
  await expect(start({})).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('chmod 600'),
  });
  chmodSync(file, 0o600);
  await expect(start({})).rejects.toMatchObject({
    message: expect.stringMatching(/snmp\.authPassword: SNMP_AUTH is not set/),
  });
});

it('reads them over NETCONF, SNMP and REST, and has no testers’ door', { timeout: 240_000 }, async () => {
  installation = await start({ SNMP_AUTH: secret(InventoryDocument.parse(network.ready.inventory)) ?? '' });
  expect(Object.keys(installation.children).sort()).toEqual(['agents', 'broker', 'witness']);
  expect(() => findSimulators(here)).toThrow(/is a real one/);
  const session = await signInAs(here, findRunning(here).brokerUrl, 'operator@acme');
  const client = await createMcpClient(session, 'diagnostics');
  const read = async (tool: string): Promise<readonly string[]> => {
    const answer = await client.callTool(tool, { target: { devices: ['br1_edge'] }, input: {}, purpose: 'chat:1' });
    return answer.status === 'done' ? answer.evidence.map(({ source }) => source.split(':')[0] ?? '') : [];
  };
  const sources = [...(await read('bgp.read')), ...(await read('interfaces.read')), ...(await read('statistics.read'))];
  expect(new Set(sources)).toEqual(new Set(['netconf', 'snmp', 'rest']));
  await client.close();
});

it('takes another key of a device while it runs, and no login of others', { timeout: 240_000 }, async () => {
  const document = InventoryDocument.parse(network.ready.inventory);
  const monitors = z.array(
    z.looseObject({ device: z.string(), user: z.string(), netconf: z.object({ privateKey: z.string() }) }),
  );
  const monitor = monitors.parse(network.ready.monitors).find(({ device }) => device === 'br1_edge');
  const [tenant] = document.tenants;
  const edge = tenant?.devices.find(({ name }) => name === 'br1_edge')?.endpoint.netconf;
  if (edge === undefined || monitor === undefined) throw new Error('br1_edge has no login');
  const session = await signInAs(here, findRunning(here).brokerUrl, 'operator@acme');
  const client = await createMcpClient(session, 'diagnostics');
  const reads = async (device: string): Promise<boolean> => {
    const args = { target: { devices: [device] }, input: {}, purpose: 'chat:1' };
    const answer = await client.callTool('bgp.read', args).catch((error: unknown) => {
      expect(error).toMatchObject({ code: 'DEVICE_UNREACHABLE', message: 'the device refused the public key' });
    });
    return answer?.status === 'done' && answer.evidence.length > 0;
  };
  const key = path.join(elsewhere, 'br1.key');
  /** Puts the login into the file, whose key is in a file of its own, and the file into the running broker. */
  const put = async (user: string, privateKey: string, as = 'admin@acme') => {
    writeFileSync(key, privateKey, { mode: 0o600 });
    Object.assign(edge, { user, privateKey: { file: key } });
    writeFileSync(file, JSON.stringify(document), { mode: 0o600 });
    return runWayleave(
      { config: { home: here } },
      ...['inventory', 'import', '--file', file, '--device', 'br1_edge', '--as', as],
    );
  };

  expect(await reads('br1_edge')).toBe(true);
  expect(await put('monitor', monitor.netconf.privateKey, 'operator@acme')).toMatchObject({ exit: 3 });
  expect(await put('nobody', generateSshKeyPair().privateKey)).toMatchObject({ exit: 0, out: '~ br1_edge\n' });
  expect([await reads('br1_edge'), await reads('br2_edge')]).toEqual([false, true]);
  expect(await put(monitor.user, monitor.netconf.privateKey)).toMatchObject({ exit: 0 });
  expect(await reads('br1_edge')).toBe(true);
  await client.close();
});
