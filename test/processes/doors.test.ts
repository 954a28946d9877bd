/** A network with more devices than a process may have open files: its ports are in other processes, and it is one network. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { DIST } from '../../apps/agent-launch.ts';
import { processesFor } from '../../apps/compose/device-doors.ts';
import type { DeviceEndpoint } from '../../broker/drivers/driver.ts';
import { createNetconfDriver } from '../../broker/drivers/netconf/driver.ts';
import { createSnmpDriver } from '../../broker/drivers/snmp/driver.ts';
import { InventoryDocument } from '../../broker/inventory/document.ts';
import { systemTimers } from '../../protocols/netconf/timers.ts';

/** 67 devices need 334. */
const [FILES, NETWORK] = [300, 'refnet:60'];
const CLI = path.join(DIST, 'apps', 'cli', 'main.js');
const printed = z.object({ inventory: z.unknown(), control: z.object({ url: z.string(), token: z.string() }) });

describe('processesFor', () => {
  it('takes none where one process may open two ports a device, and enough where it may not', () => {
    expect(processesFor(4_993, 20_000)).toBe(0);
    expect(processesFor(9_900, 20_000)).toBe(0);
    expect(processesFor(9_901, 20_000)).toBe(2);
    expect(processesFor(62, 300)).toBe(2);
    expect(processesFor(62, Number.POSITIVE_INFINITY)).toBe(0);
  });
});

describe.skipIf(!existsSync(CLI) || !existsSync('/bin/sh'))('simulate, with few open files', () => {
  const netconf = createNetconfDriver();
  const snmp = createSnmpDriver({ timers: systemTimers, now: () => performance.now(), random: randomBytes });
  const folder = mkdtempSync(path.join(tmpdir(), 'wayleave-doors-'));
  let child: ChildProcess;
  let devices: readonly DeviceEndpoint[] = [];
  let control: z.infer<typeof printed>['control'];

  beforeAll(async () => {
    const line = `ulimit -n ${FILES} && exec "$0" "$@"`;
    const args = [CLI, 'simulate', '--network', NETWORK, '--json', '--home', folder];
    child = spawn('/bin/sh', ['-c', line, process.execPath, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
    const whole = await new Promise<z.infer<typeof printed>>((resolve, reject) => {
      let got = '';
      child.once('exit', (code) => reject(new Error(`it ended with ${code}: ${got.slice(0, 500)}`)));
      child.stdout?.on('data', (bytes: Buffer) => {
        got += bytes.toString('utf8');
        try {
          resolve(printed.parse(JSON.parse(got)));
        } catch (error) {
          if (!(error instanceof SyntaxError)) reject(error);
        }
      });
    });
    control = whole.control;
    devices = InventoryDocument.parse(whole.inventory).tenants.flatMap(({ tenant, devices: all }) =>
      all.flatMap(({ name, endpoint }) =>
        endpoint.netconf === undefined || endpoint.snmp === undefined ? [] : [{ tenant, device: name, ...endpoint }],
      ),
    );
  });
  afterAll(async () => {
    await Promise.all([netconf.close(), snmp.close()]);
    child.removeAllListeners('exit');
    const ended = once(child, 'exit');
    child.kill('SIGINT');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });

  const find = (name: string): DeviceEndpoint => {
    const found = devices.find(({ device }) => device === name);
    if (found === undefined) throw new Error(`there is no ${name}`);
    return found;
  };
  const description = async (name: string): Promise<string> => {
    const columns = ['1.3.6.1.2.1.31.1.1.1.18'];
    const endpoint = find(name);
    const answer = await snmp.run(endpoint, { protocol: 'snmp', kind: 'walk', device: name, columns });
    return JSON.stringify(answer);
  };
  const ask = async (route: string, body: object): Promise<Response> =>
    fetch(`${control.url}${route}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${control.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  it('answers NETCONF and SNMP at every device, each as itself', async () => {
    expect(devices).toHaveLength(63);
    for (const endpoint of [...devices.slice(0, 6), ...devices.slice(-6)]) {
      const { device } = endpoint;
      const filter = '';
      const read = { protocol: 'netconf', kind: 'get-config', device, source: 'running', filter } as const;
      expect(JSON.stringify(await netconf.run(endpoint, read))).toContain(device);
      const name = { protocol: 'snmp', kind: 'get', device, oids: ['1.3.6.1.2.1.1.5.0'] } as const;
      expect(JSON.stringify(await snmp.run(endpoint, name))).toContain(device);
    }
  });

  it('is one network: what is committed or broken through one door is seen through the others', async () => {
    const change = {
      tenant: 'acme',
      device: 'br2_edge',
      interface: 'ge0/2',
      description: 'seen by all',
      user: 'netops',
    };
    expect((await ask('/describe', change)).status).toBe(200);
    await expect.poll(() => description('br2_edge')).toContain('seen by all');
    expect((await ask('/faults', { tenant: 'acme', type: 'device_down', resource: 'node/br3_edge' })).status).toBe(200);
    const read = { protocol: 'snmp', kind: 'get', device: 'br3_edge', oids: ['1.3.6.1.2.1.1.5.0'] } as const;
    await expect(snmp.run(find('br3_edge'), read)).rejects.toThrow();
    expect(await description('br2_edge')).toContain('seen by all');
  });

  it('ends as a whole when a process with ports dies', async () => {
    const [simulators] = await childrenOf(child.pid ?? 0);
    const [ports] = await childrenOf(simulators ?? 0);
    expect(ports).toBeDefined();
    child.removeAllListeners('exit');
    const ended = once(child, 'exit');
    process.kill(ports ?? 0, 'SIGKILL');
    const [code] = await ended;
    expect(code).toBe(1);
    child = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)'], { stdio: 'ignore' });
  });
});

async function childrenOf(pid: number): Promise<readonly number[]> {
  const ps = spawn('ps', ['-o', 'pid=', '--ppid', String(pid)], { stdio: ['ignore', 'pipe', 'ignore'] });
  const lines = await text(ps.stdout);
  return lines
    .split('\n')
    .flatMap((line) => (line.trim() === '' ? [] : [Number(line)]))
    .filter((one) => one !== ps.pid);
}
