/** A device of the reference network behind the NETCONF server, for programs that nobody here wrote; and a way to run those. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeviceEndpoint } from '../../broker/drivers/driver.ts';
import { generateSshKeyPair } from '../../protocols/netconf/ssh-key.ts';
import { createNetwork } from '../../simulators/model/create-network.ts';
import type { Network } from '../../simulators/model/network.ts';
import { type NetconfServer, startNetconfServer } from '../../simulators/protocols/netconf/server.ts';
import { refnet } from '../../simulators/topologies/refnet.ts';
import { netconfView } from '../../simulators/views/netconf-view.ts';
import { createManualTimers, type ManualTimers } from '../simulators/netconf/device.ts';

export interface StrangersDevice {
  readonly network: Network;
  readonly server: NetconfServer;
  readonly timers: ManualTimers;
  readonly folder: string;
  /** Private key files of an operator and of one who may only read. */
  readonly keyFiles: Readonly<Record<'operator' | 'monitor', string>>;
  /** For a client of ours, as the operator. */
  readonly endpoint: NonNullable<DeviceEndpoint['netconf']>;
  close(): Promise<void>;
}

export const DEVICE = { tenant: 'acme', device: 'br1_edge' } as const;

export const createReference = (): Network =>
  createNetwork({
    topology: refnet({ tenant: DEVICE.tenant, branches: 4, seed: 1, tenantIndex: 0 }),
    seed: 1,
    startAt: Date.UTC(2026, 0, 5, 9),
    faults: [],
  });

export async function startStrangersDevice(): Promise<StrangersDevice> {
  const network = createReference();
  const folder = mkdtempSync(join(tmpdir(), 'netconf-'));
  const hostKey = generateSshKeyPair();
  const keys = { operator: generateSshKeyPair(), monitor: generateSshKeyPair() };
  const timers = createManualTimers();
  const keyFiles = { operator: join(folder, 'operator'), monitor: join(folder, 'monitor') };
  for (const name of ['operator', 'monitor'] as const) {
    writeFileSync(keyFiles[name], keys[name].privateKey, { mode: 0o600 });
    writeFileSync(`${keyFiles[name]}.pub`, `${keys[name].publicKey}\n`);
  }
  const server = await startNetconfServer({
    host: '127.0.0.1',
    port: 0,
    hostKey: () => hostKey.privateKey,
    users: {
      operator: { publicKey: keys.operator.publicKey, access: 'read-write' },
      monitor: { publicKey: keys.monitor.publicKey, access: 'read-only' },
    },
    timers,
    backend: netconfView(network, DEVICE),
  });
  return {
    network,
    server,
    timers,
    folder,
    keyFiles,
    endpoint: {
      host: server.address,
      port: server.port,
      hostKey: hostKey.fingerprint,
      user: 'operator',
      privateKey: keys.operator.privateKey,
    },
    async close() {
      await server.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Whether a program runs and ends well. */
export const isInstalled = (command: string, ...args: readonly string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/** Runs a program to its end while the server goes on. */
export function runProgram(
  command: string,
  args: readonly string[],
  input = '',
): Promise<{ readonly out: string; readonly err: string }> {
  return new Promise((resolve, reject) => {
    const program = spawn(command, args, { stdio: 'pipe' });
    let [out, err] = ['', ''];
    program.on('error', reject);
    program.stdin.on('error', () => undefined); // the program may be gone first
    program.stdout.on('data', (bytes: Buffer) => {
      out += bytes.toString();
    });
    program.stderr.on('data', (bytes: Buffer) => {
      err += bytes.toString();
    });
    program.on('close', () => resolve({ out, err }));
    program.stdin.end(input);
  });
}
