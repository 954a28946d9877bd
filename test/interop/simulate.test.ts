/** The accounts that `simulate` gives away: v2c only when asked for, and a monitor that may look and not touch. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Simulation, startSimulation } from '../../apps/simulation.ts';
import { InventoryDocument } from '../../broker/inventory/document.ts';

const WALK = '/usr/bin/snmpbulkwalk';
const run = promisify(execFile);
const account = z.object({
  device: z.string(),
  user: z.string(),
  snmp: z.object({ authPassword: z.string(), privPassword: z.string() }),
});

describe.skipIf(!existsSync(WALK))('snmpbulkwalk and what is printed (skipped when it is not installed)', () => {
  const simulations: Simulation[] = [];
  let folder: string;
  const start = async (more: { readonly community?: string; readonly monitor?: boolean }) => {
    const home = path.join(folder, String(simulations.length));
    const tenants = [{ name: 'acme', network: 'refnet:s' }];
    const simulation = await startSimulation({ home, tenants, seed: 1, speed: 1, onCrash: () => undefined, ...more });
    simulations.push(simulation);
    const { tenants: known } = InventoryDocument.parse(simulation.ready.inventory);
    const snmp = known[0]?.devices.find(({ name }) => name === 'br1_edge')?.endpoint.snmp;
    if (snmp === undefined) throw new Error('br1_edge has no SNMP endpoint');
    return { at: `${snmp.host}:${snmp.port}`, monitors: simulation.ready.monitors.map((one) => account.parse(one)) };
  };
  /** Output, or the error's. */
  const walk = (...args: readonly string[]): Promise<string> =>
    run(WALK, ['-On', '-t', '1', '-r', '0', ...args]).then(
      ({ stdout }) => stdout,
      (error: unknown) => String(error),
    );

  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'wayleave-simulate-'));
  });
  afterAll(async () => {
    await Promise.all(simulations.map((one) => one.stop()));
    rmSync(folder, { recursive: true, force: true });
  });

  it('speaks v2c under the community that was asked for, and not at all without', async () => {
    const open = await start({ community: 'readers' });
    expect(await walk('-v2c', '-c', 'readers', open.at, '1.3.6.1.2.1.1.5')).toContain('"br1_edge"');
    expect(await walk('-v2c', '-c', 'public', open.at, '1.3.6.1.2.1.1.5')).toMatch(/Timeout/);
    expect(open.monitors).toEqual([]);
    const closed = await start({});
    expect(await walk('-v2c', '-c', 'readers', closed.at, '1.3.6.1.2.1.1.5')).toMatch(/Timeout/);
  });

  it('shows a monitor the ports and not the rest', async () => {
    const { at, monitors } = await start({ monitor: true });
    const mine = monitors.find(({ device }) => device === 'br1_edge');
    if (mine === undefined) throw new Error('br1_edge has no monitor');
    const { authPassword, privPassword } = mine.snmp;
    const v3 = [
      '-v3',
      '-l',
      'authPriv',
      '-u',
      mine.user,
      '-a',
      'SHA-256',
      '-A',
      authPassword,
      '-x',
      'AES',
      '-X',
      privPassword,
    ];
    expect(await walk(...v3, at, '1.3.6.1.2.1.31.1.1.1.18')).toContain('corp LAN');
    expect(await walk(...v3, at, '1.3.6.1.4.1')).toMatch(/No Such Object|No more variables/);
    const wrong = v3.map((one) => (one === authPassword ? 'another-password' : one));
    expect(await walk(...wrong, at, '1.3.6.1.2.1.1')).not.toContain('STRING');
  });
});
