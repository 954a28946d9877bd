/** How fast the simulated devices are up, what they cost, and how many requests a second they answer, from 10 to 5,000 devices. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SIMULATORS_PROGRAM, settingsOf, simulatorsReady } from '../apps/simulation.ts';
import { startChild } from '../apps/supervise.ts';
import type { DeviceEndpoint } from '../broker/drivers/driver.ts';
import { createNetconfDriver } from '../broker/drivers/netconf/driver.ts';
import { createSnmpDriver } from '../broker/drivers/snmp/driver.ts';
import { InventoryDocument } from '../broker/inventory/document.ts';
import { systemTimers } from '../protocols/netconf/timers.ts';
import type { Figure } from './bench.ts';

/** Branches; the reference network has three devices more. */
const SIZES = [7, 97, 997, 4_990];
/** Devices that are spoken to, and requests at a time (more connects in flight delay everything else). */
const SPOKEN = 200;
const IN_FLIGHT = 8;
const SYS_NAME = '1.3.6.1.2.1.1.5.0';

async function rate<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.pop(); item !== undefined; item = queue.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  return (1_000 * items.length) / (performance.now() - begun);
}

/** Resident memory at its highest so far, MB (proc(5) VmHWM), and open files; NaN where there is no /proc. */
function costOf(pid: number): { readonly mb: number; readonly files: number } {
  try {
    const kb = Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
    return { mb: kb / 1_000, files: readdirSync(`/proc/${pid}/fd`).length };
  } catch {
    return { mb: Number.NaN, files: Number.NaN };
  }
}

function logIn({ baseUrl, ca, user, password }: NonNullable<DeviceEndpoint['rest']>): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const sent = request(`${baseUrl}/j_security_check`, { ca, method: 'POST', headers }, (answer) => {
      answer.resume().on('end', () => resolve());
    });
    sent.on('error', reject).end(new URLSearchParams({ j_username: user, j_password: password }).toString());
  });
}

async function measureSize(branches: number, folder: string): Promise<readonly Figure[]> {
  const begun = performance.now();
  const child = await startChild({
    name: 'simulators',
    ...SIMULATORS_PROGRAM,
    env: {},
    logFile: path.join(folder, 'simulators.log'),
    settings: settingsOf(
      { tenants: [{ name: 'bench', network: `refnet:${branches}` }], seed: 1, speed: 1 },
      Date.now(),
    ),
  });
  const readyMs = performance.now() - begun;
  try {
    const { inventory, devices: count } = simulatorsReady.parse(child.ready);
    const { mb, files } = costOf(child.pid);
    const devices = (InventoryDocument.parse(inventory).tenants[0]?.devices ?? []).flatMap(
      ({ name, role, endpoint }) =>
        role !== 'edge' || endpoint.netconf === undefined ? [] : [{ tenant: 'bench', device: name, ...endpoint }],
    );
    const spoken = devices.slice(0, SPOKEN);
    const netconf = createNetconfDriver();
    const snmp = createSnmpDriver({ timers: systemTimers, now: () => performance.now(), random: randomBytes });
    const signal = new AbortController().signal;
    const get = (one: DeviceEndpoint) =>
      snmp.run(one, { protocol: 'snmp', kind: 'get', device: one.device, oids: [SYS_NAME] }, signal);
    const config = (one: DeviceEndpoint) =>
      netconf.run(
        one,
        { protocol: 'netconf', kind: 'get-config', device: one.device, source: 'running', filter: '' },
        signal,
      );
    const sessions = await rate(spoken, config);
    const reads = await rate([...spoken, ...spoken, ...spoken], config);
    const contacts = await rate(spoken, get);
    const polls = await rate([...spoken, ...spoken, ...spoken, ...spoken, ...spoken], get);
    const director = devices[0]?.rest;
    const logins = director === undefined ? 0 : await rate(Array(50).fill(director), logIn);
    const label = `${count.toLocaleString('en')} devices: `;
    const largest = branches === SIZES.at(-1);
    await Promise.all([netconf.close(), snmp.close()]);
    return [
      { what: `${label}ready`, value: readyMs, unit: 'ms', ...(largest ? { aim: 'under 2,000 ms' } : {}) },
      {
        what: `${label}resident memory at its peak`,
        value: mb,
        unit: 'MB',
        ...(largest ? { aim: 'under 300 MB' } : {}),
      },
      { what: `${label}open files`, value: files, unit: 'files' },
      { what: `${label}NETCONF first contact and get-config`, value: sessions, unit: '/s' },
      { what: `${label}NETCONF get-config, warm`, value: reads, unit: '/s' },
      { what: `${label}SNMPv3 first contact`, value: contacts, unit: '/s' },
      { what: `${label}SNMPv3 get, warm`, value: polls, unit: '/s' },
      { what: `${label}REST logins over new TLS connections`, value: logins, unit: '/s' },
    ];
  } finally {
    await child.stop();
  }
}

export async function benchServers(): Promise<readonly Figure[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'wayleave-bench-'));
  try {
    const figures: Figure[] = [];
    for (const branches of SIZES) figures.push(...(await measureSize(branches, folder)));
    return figures;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
