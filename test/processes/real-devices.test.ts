/** An installation without simulators of its own: devices that run elsewhere are reached by a file that names them. */
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findRunning, findSimulators, signInAs } from '../../apps/cli/connect.ts';
import { createMcpClient } from '../../apps/client/mcp-client.ts';
import { loadConfig } from '../../apps/config.ts';
import { type Installation, startInstallation } from '../../apps/installation.ts';
import { type Simulation, startSimulation } from '../../apps/simulation.ts';
import { InventoryDocument } from '../../broker/inventory/document.ts';
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
  network = await startSimulation({ home: elsewhere, tenants, seed: 1, speed: 1, onCrash: () => undefined });
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
