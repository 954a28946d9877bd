/** Starts one part of a divided installation: the broker with its witness, or the agents; each in a container and network of its own. */
import path from 'node:path';
import { z } from 'zod';
import { LOG_NAME, openKeyFile } from '../../broker/audit/keys.ts';
import { printVerifier } from '../../broker/audit/note.ts';
import { WayleaveError } from '../../broker/errors.ts';
import type { PublicJwk } from '../../protocols/oauth/jwk.ts';
import { agentsEnvironment, sandboxFlags } from '../agent-launch.ts';
import { BROKER_PROGRAM } from '../broker-program.ts';
import type { Running } from '../cli/connect.ts';
import { tracingEnvironment } from '../compose/tracing.ts';
import { type Home, openHome, writeSecret } from '../home.ts';
import type { Installation, InstallationOptions } from '../installation.ts';
import { loadInventory } from '../inventory-file.ts';
import { openProcesses, type StartProcess } from '../open-processes.ts';
import { agentsSettingsOf, brokerSettingsOf } from '../process-settings.ts';
import { type SeededLogins, seedLogins } from '../seed-logins.ts';
import { noCertificates, readPart, trust } from './part-file.ts';

/** Every address of the container: its network says who comes that far, TLS and tokens who gets in. */
const EVERYWHERE = '0.0.0.0';

const witnessReady = z.object({ url: z.url(), verifier: z.string() });
const ready = z.object({ url: z.url() });

type Started = Pick<Installation, 'running' | 'logins' | 'stop'>;

/** Throws what `readPart` and `startInstallation` do; what was started until then is stopped. */
export async function startPart(options: InstallationOptions): Promise<Started> {
  const { config } = options;
  if (config.agentCertificates === 'yes') throw noCertificates();
  const home = openHome(config.home);
  const { start, stop } = openProcesses(home, options);
  try {
    const { urls, logins } = await (config.part === 'broker' ? startBroker : startAgents)(options, home, start);
    const running: Running = { pid: process.pid, ...urls };
    writeSecret(home.run, JSON.stringify(running, null, 2));
    return { running, logins, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Up {
  readonly urls: { readonly brokerUrl: string; readonly agentsUrl: string };
  readonly logins: SeededLogins;
}

async function startBroker(options: InstallationOptions, home: Home, start: StartProcess): Promise<Up> {
  const { config, progress, env = process.env } = options;
  if (config.inventory === '')
    throw new WayleaveError('CONFIG_INVALID', 'part: the broker alone has no simulated network; name its inventory.');
  const part = readPart('broker', config.partFolder);
  const devices = loadInventory(path.resolve(config.inventory), env);
  const tenants = devices.tenants.map(({ tenant }) => tenant);
  const logins = await seedLogins(home, config.identityIssuer === '' ? tenants : []);
  const log = printVerifier({ name: LOG_NAME, key: openKeyFile(path.join(home.brokerKeys, 'audit.key')) }, 'log');
  const witness = await start('witness', witnessReady, { settings: { folder: home.witness, log } });
  const { publicHost, port, ...tls } = part.door;
  const launch = { ...part.agents, key: part.agents.key as PublicJwk };
  const { url } = await start('broker', ready, {
    ...BROKER_PROGRAM,
    env: tracingEnvironment(env),
    onAsk: () => progress('The agents’ keys are changed by `wayleave split`, and new files for both parts.'),
    settings: {
      ...brokerSettingsOf(config, home, env, launch, part.workerKeys as readonly PublicJwk[]),
      ...{ port, listens: true, witness, inventory: devices, agentsUrl: part.agentsUrl },
      door: { host: EVERYWHERE, publicHost, tls },
    },
  });
  return { urls: { brokerUrl: url, agentsUrl: part.agentsUrl }, logins };
}

async function startAgents(options: InstallationOptions, home: Home, start: StartProcess): Promise<Up> {
  const { config, env = process.env } = options;
  const part = readPart('agents', config.partFolder);
  const { publicHost, port, ...tls } = part.door;
  const { url } = await start('agents', ready, {
    flags: sandboxFlags(home),
    env: { ...agentsEnvironment(env, config.model), ...trust(config.partFolder) },
    settings: {
      ...agentsSettingsOf(config, home, part),
      ...{ brokerUrl: part.brokerUrl, consoleOrigins: [part.brokerUrl], port },
      door: { host: EVERYWHERE, publicHost, tls },
    },
  });
  return { urls: { brokerUrl: part.brokerUrl, agentsUrl: url }, logins: [] };
}
