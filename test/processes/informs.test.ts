/** Simulated devices that tell by informs, and the broker's receivers, which acknowledge them. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { DIST } from '../../apps/agent-launch.ts';
import { startSimulation } from '../../apps/simulation.ts';
import { InventoryDocument } from '../../broker/inventory/document.ts';
import { startReceivers } from '../broker/telemetry/lab.ts';

it.skipIf(!existsSync(path.join(DIST, 'apps')))('a link that goes down is told by inform, and kept once', async () => {
  const home = mkdtempSync(path.join(tmpdir(), 'wayleave-informs-'));
  const tenants = [{ name: 'acme', network: 'refnet:s' }];
  const simulation = await startSimulation({
    home,
    tenants,
    seed: 1,
    speed: 1,
    informs: true,
    onCrash: () => undefined,
  });
  const { inventory, control } = simulation.ready;
  const sources = InventoryDocument.parse(inventory).tenants.flatMap(({ tenant, devices }) =>
    devices.flatMap(({ name, endpoint: { telemetry, snmp } }) =>
      telemetry === undefined || snmp === undefined
        ? []
        : [{ tenant, device: name, ...telemetry, user: { ...snmp, name: snmp.user } }],
    ),
  );
  const receivers = await startReceivers({ clock: { now: () => Date.now() } }, sources);
  const ask = (route: string, body: object): Promise<Response> =>
    fetch(`${control.url}${route}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${control.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  try {
    expect((await ask('/collectors', { traps: receivers.addresses.traps })).status).toBe(200);
    const fault = { tenant: 'acme', type: 'link_down', resource: 'interface/br1_edge/ge0/0' };
    expect((await ask('/faults', fault)).status).toBe(200);
    const question = { tenant: 'acme', stream: 'events', since: 0, limit: 100, waitSeconds: 0 } as const;
    const told = async () =>
      (await receivers.feed.read(question)).filter((one) => JSON.stringify(one).includes('trap.linkDown'));
    await expect.poll(told, { timeout: 20_000 }).toMatchObject([{ channel: 'inform', device: 'br1_edge' }]);
  } finally {
    await receivers.close();
    await simulation.stop();
    rmSync(home, { recursive: true, force: true });
  }
});
