/** Starts the simulated network alone, in a process of its own, and stops it. */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { lockFolder } from '../storage/folder-lock.ts';
import { DIST } from './agent-launch.ts';
import { openHome, writeSecret } from './home.ts';
import { parseImperfections } from './imperfections.ts';
import { startChild } from './supervise.ts';
import { completeTenant, type ToldTenant } from './told-inventory.ts';

export interface SimulationOptions {
  readonly home: string;
  readonly tenants: readonly TenantNetwork[];
  readonly seed: number;
  readonly speed: number;
  /** Read-only community of SNMPv2c, which protects nothing; off when absent. */
  readonly community?: string;
  /** Also an account on every device that may look and not touch. */
  readonly monitor?: boolean;
  /** Devices tell by informs instead of traps. */
  readonly informs?: boolean;
  /** As `parseImperfections` reads it; as usual when absent. */
  readonly imperfections?: string;
  /** It ended without being stopped; its last lines tell why. */
  readonly onCrash: (detail: string, lastLines: readonly string[]) => void;
}

/** A tenant and the name of its network: `refnet:m`, an example or a file. */
export interface TenantNetwork {
  readonly name: string;
  readonly network: string;
}

export const simulatorsReady = z.object({
  /** What a broker needs to reach the devices; holds their credentials. */
  inventory: z
    .object({ tenants: z.array(z.custom<ToldTenant>()) })
    .transform(({ tenants }) => ({ tenants: tenants.map(completeTenant) })),
  control: z.object({ url: z.url(), token: z.string() }),
  devices: z.number(),
  /** Accounts that may look and not touch; empty unless asked for. */
  monitors: z.array(z.unknown()),
});

/** How their process is started. Nearly all that a network is made of stays: a larger nursery only holds it twice for longer. */
export const SIMULATORS_PROGRAM = {
  entry: path.join(DIST, 'apps', 'processes', 'simulators.js'),
  flags: ['--max-semi-space-size=8'],
} as const;

export interface Simulation {
  readonly ready: z.infer<typeof simulatorsReady>;
  stop(): Promise<void>;
}

/** What the simulators' process is told; some of it is made while it loads. Throws `USAGE` for imperfections that there are none of. */
export async function settingsOf(
  {
    tenants,
    seed,
    speed,
    community,
    monitor,
    informs,
    imperfections = '',
  }: Pick<SimulationOptions, 'tenants' | 'seed' | 'speed' | 'community' | 'monitor' | 'informs' | 'imperfections'>,
  nowMs: number,
): Promise<object> {
  const { makeControllerCertificates } = await import('./controller-certificates.ts');
  return {
    ...{ tenants, seed, speed, imperfections: parseImperfections(imperfections) },
    certificates: await makeControllerCertificates(tenants, nowMs),
    ...(community === undefined ? {} : { community }),
    ...(monitor === undefined ? {} : { monitor }),
    ...(informs === undefined ? {} : { informs }),
  };
}

/** Throws `LOCKED`, `FOLDER_UNUSABLE`, `TOPOLOGY_INVALID`, `UNAVAILABLE`. */
export async function startSimulation(options: SimulationOptions): Promise<Simulation> {
  const home = openHome(options.home);
  const lock = lockFolder(home.root);
  let stopping = false;
  try {
    const child = await startChild({
      name: 'simulators',
      ...SIMULATORS_PROGRAM,
      env: {},
      logFile: path.join(home.logs, 'simulators.log'),
      settings: settingsOf(options, Date.now()),
    });
    void child.ended.then(({ code, signal, lastLines }) => {
      if (!stopping) options.onCrash(signal ?? `exit ${code}`, lastLines);
    });
    const ready = simulatorsReady.parse(child.ready);
    writeSecret(home.run, JSON.stringify({ pid: process.pid, simulators: ready.control }, null, 2));
    return {
      ready,
      stop: async () => {
        stopping = true;
        await child.stop();
        rmSync(home.run, { force: true });
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}
