/** Starts a whole installation, one process after the other, watches over it, and stops it in the reverse order. */
import path from 'node:path';
import { z } from 'zod';
import { LOG_NAME, openKeyFile } from '../broker/audit/keys.ts';
import { printVerifier } from '../broker/audit/note.ts';
import { WayleaveError } from '../broker/errors.ts';
import { agentsEnvironment, modelOf, prepareAgents, rotateAgentKeys, sandboxFlags } from './agent-launch.ts';
import { BROKER_PROGRAM } from './broker-program.ts';
import type { Running } from './cli/connect.ts';
import { tracingEnvironment } from './compose/tracing.ts';
import type { Config } from './config.ts';
import { openHome, writeSecret } from './home.ts';
import { loadInventory } from './inventory-file.ts';
import { openProcesses, type ProcessesOptions } from './open-processes.ts';
import { agentsSettingsOf, brokerSettingsOf, networksOf, parseTenants } from './process-settings.ts';
import { type SeededLogins, seedLogins } from './seed-logins.ts';
import { SIMULATORS_PROGRAM, settingsOf, simulatorsReady } from './simulation.ts';
import type { Child } from './supervise.ts';
import { writeWorkerDoor } from './worker-door.ts';

export interface InstallationOptions extends ProcessesOptions {
  readonly config: Config;
  readonly env?: { readonly [name: string]: string | undefined };
  /** Flags of Node for the process of a broker, by its name: a tester's script that moves its clock. */
  readonly brokerFlags?: (name: string) => readonly string[];
}

export interface Installation {
  readonly running: Running;
  readonly logins: SeededLogins;
  readonly children: { readonly [name: string]: Child };
  /** Addresses of the brokers beside the first, by the names of their processes. */
  readonly otherBrokers: { readonly [name: string]: string };
  /** Starts a broker anew after it ended (absent: the first); the simulated network and the agents go on. */
  restartBroker(name?: string): Promise<BrokerReport>;
  /** Starts the agents, or the witness, anew at their address after they ended. */
  restartAgents(): Promise<void>;
  restartWitness(): Promise<void>;
  stop(): Promise<void>;
}

const brokerReady = z.object({
  mutualUrl: z.url().optional(),
  url: z.url(),
  policyRevision: z.string(),
  collectors: z.record(z.string(), z.object({ host: z.string(), port: z.number() })),
  recovered: z.array(z.object({ intent: z.string(), outcome: z.string() })),
});
export type BrokerReport = z.infer<typeof brokerReady>;
const witnessReady = z.object({ url: z.url(), verifier: z.string() });
const agentsReady = z.object({ url: z.url() });

const FIRST_BROKER = 'broker';
/** The port behind the first broker's is that of the agents. */
const OTHERS_FROM = 1;

/** Names of the broker processes, the first one first. */
const brokerNames = ({ brokers }: Config): readonly string[] =>
  Array.from({ length: brokers }, (_, at) => (at === 0 ? FIRST_BROKER : `broker-${at + 1}`));

/** Throws `LOCKED`, `FOLDER_UNUSABLE`, `PORT_IN_USE`, `UNAVAILABLE`; what was started until then is stopped. */
export async function startInstallation(options: InstallationOptions): Promise<Installation> {
  const { config, progress, env = process.env, brokerFlags = () => [] } = options;
  if (config.brokers > 1 && config.databaseUrl === '')
    throw new WayleaveError('CONFIG_INVALID', 'brokers: several brokers share a PostgreSQL, and databaseUrl is empty.');
  const home = openHome(config.home);
  const { children, start, stop } = openProcesses(home, options);
  const now = (): number => Date.now();

  const startSimulators = async (): Promise<z.infer<typeof simulatorsReady>> => {
    const simulators = await start('simulators', simulatorsReady, {
      ...SIMULATORS_PROGRAM,
      settings: settingsOf({ ...config, tenants: networksOf(config), informs: config.informs === 'yes' }, now()),
    });
    progress(`${simulators.devices} edges and hubs answer on their own loopback addresses`);
    return simulators;
  };

  try {
    const devices = config.inventory === '' ? undefined : loadInventory(path.resolve(config.inventory), env);
    const tenants =
      devices?.tenants.map(({ tenant }) => tenant) ?? parseTenants(config.tenants).map(({ name }) => name);
    // People of a real network log in at its issuer, when there is one.
    const logins = await seedLogins(home, devices !== undefined && config.identityIssuer !== '' ? [] : tenants);
    let agents = prepareAgents(home, modelOf(config), now());
    const simulators = devices === undefined ? await startSimulators() : undefined;
    const log = printVerifier({ name: LOG_NAME, key: openKeyFile(path.join(home.brokerKeys, 'audit.key')) }, 'log');
    const startWitness = (port: number): Promise<z.infer<typeof witnessReady>> =>
      start('witness', witnessReady, { settings: { folder: home.witness, log, port } });
    const witness = await startWitness(0);
    /** The broker hears of the new keys before an agent uses one, and of the end of the old ones after none does. */
    const rotateKeys = async (): Promise<void> => {
      const agentsProcess = children.get('agents');
      const brokers = brokerNames(config).flatMap((name) => children.get(name) ?? []);
      const tell = (update: object): Promise<unknown> => Promise.all(brokers.map((broker) => broker.update(update)));
      if (brokers.length === 0) return;
      const { both, finish } = rotateAgentKeys(home, modelOf(config), now());
      agents = both;
      await tell({ agents: both.agents, workerKeys: both.workerKeys, done: false });
      await agentsProcess?.update({ agentKeys: both.keys, workerKey: both.workerKey });
      agents = finish();
      await tell({ agents: agents.agents, workerKeys: agents.workerKeys, done: true });
    };
    const certificates =
      config.agentCertificates === 'yes'
        ? await (await import('./agent-certificates.ts')).makeAgentCertificates(now())
        : undefined;
    let mutualPort = 0;
    /** Known once the agents listen; a broker that starts later is told at once. */
    const door: { agentsUrl?: string } = {};
    const startBroker = async (name: string, port: number, inventory: unknown): Promise<BrokerReport> => {
      const listens = name === FIRST_BROKER;
      const report = await start(name, brokerReady, {
        entry: BROKER_PROGRAM.entry,
        flags: [...BROKER_PROGRAM.flags, ...brokerFlags(name)],
        env: tracingEnvironment(env),
        onAsk: () => {
          rotateKeys().catch((error: unknown) => progress(`The keys of the agents were not rotated: ${String(error)}`));
        },
        settings: {
          ...brokerSettingsOf(config, home, env, agents.agents, agents.workerKeys),
          port,
          listens,
          mutual: certificates && { ca: certificates.ca, ...certificates.broker, port: listens ? mutualPort : 0 },
          witness,
          ...door,
          inventory,
        },
      });
      if (!listens) return report;
      if (report.mutualUrl !== undefined) mutualPort = Number(new URL(report.mutualUrl).port); // the same after a restart
      if (simulators !== undefined) await pointDevices(simulators.control, report.collectors);
      return report;
    };
    const broker = await startBroker(FIRST_BROKER, config.brokerPort, devices ?? simulators?.inventory);
    const others = new Map<string, string>();
    for (const [at, name] of brokerNames(config).entries())
      if (at > 0) {
        const port = config.brokerPort === 0 ? 0 : config.brokerPort + OTHERS_FROM + at;
        others.set(name, (await startBroker(name, port, undefined)).url);
      }
    const startAgents = (port: number): Promise<z.infer<typeof agentsReady>> =>
      start('agents', agentsReady, {
        flags: sandboxFlags(home),
        env: agentsEnvironment(env, config.model),
        settings: {
          ...agentsSettingsOf(config, home, agents),
          brokerUrl: broker.url,
          consoleOrigins: [broker.url, ...others.values()],
          port,
          mutual: certificates && { url: broker.mutualUrl, ca: certificates.ca, ...certificates.agents },
        },
      });
    const chat = await startAgents(config.agentsPort);
    door.agentsUrl = chat.url;
    for (const name of brokerNames(config)) await children.get(name)?.update(door);
    const running: Running = {
      pid: process.pid,
      brokerUrl: broker.url,
      agentsUrl: chat.url,
      ...(simulators === undefined ? {} : { simulators: simulators.control }),
    };
    if (certificates !== undefined)
      writeWorkerDoor(home, { url: broker.mutualUrl ?? '', ca: certificates.ca, ...certificates.worker });
    writeSecret(home.run, JSON.stringify(running, null, 2));
    return {
      running,
      logins,
      get children() {
        return Object.fromEntries(children);
      },
      otherBrokers: Object.fromEntries(others),
      restartBroker: (name = FIRST_BROKER) =>
        startBroker(name, Number(new URL(others.get(name) ?? broker.url).port), undefined),
      restartAgents: async () => void (await startAgents(Number(new URL(chat.url).port))),
      restartWitness: async () => void (await startWitness(Number(new URL(witness.url).port))),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Tells the simulated devices where the broker listens: its ports are new with every start. */
async function pointDevices(
  { url, token }: z.infer<typeof simulatorsReady>['control'],
  collectors: BrokerReport['collectors'],
): Promise<void> {
  const answer = await fetch(new URL('/collectors', url), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(collectors),
  });
  if (!answer.ok)
    throw new WayleaveError('UNAVAILABLE', 'The simulated devices did not take the receivers’ addresses.');
}
