/** Starts a whole installation, one process after the other, watches over it, and stops it in the reverse order. */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { LOG_NAME, openKeyFile } from '../broker/audit/keys.ts';
import { printVerifier } from '../broker/audit/note.ts';
import { ROLES, type Role } from '../broker/contract.ts';
import { WayleaveError } from '../broker/errors.ts';
import { type TenantModels, tenantModels } from '../broker/models/tenant-models.ts';
import { lockFolder } from '../storage/folder-lock.ts';
import { agentsEnvironment, DIST, modelOf, prepareAgents, rotateAgentKeys, sandboxFlags } from './agent-launch.ts';
import type { Running } from './cli/connect.ts';
import type { BrokerSettings } from './compose/broker-settings.ts';
import { tracingEnvironment } from './compose/tracing.ts';
import type { Config } from './config.ts';
import { openHome, openMetricsToken, writeSecret } from './home.ts';
import { loadInventory } from './inventory-file.ts';
import { type SeededLogins, seedLogins } from './seed-logins.ts';
import { settingsOf, simulatorsReady, type TenantNetwork } from './simulation.ts';
import { queueOf } from './start-worker.ts';
import { type Child, type ChildSpec, startChild } from './supervise.ts';
import { loadUpstream } from './upstream-file.ts';

export interface InstallationOptions {
  readonly config: Config;
  readonly progress: (line: string) => void;
  /** A child ended that nobody stopped; its last lines tell why. */
  readonly onCrash: (name: string, detail: string, lastLines: readonly string[]) => void;
  readonly env?: { readonly [name: string]: string | undefined };
}

export interface Installation {
  readonly running: Running;
  readonly logins: SeededLogins;
  readonly children: { readonly [name: string]: Child };
  /** Addresses of the brokers beside the first, by the names of their processes. */
  readonly otherBrokers: { readonly [name: string]: string };
  /** Starts a broker anew after it ended (absent: the first); the simulated network and the agents go on. */
  restartBroker(name?: string): Promise<BrokerReport>;
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

const ignoreSignal = (): void => undefined;

const FIRST_BROKER = 'broker';
/** The port behind the first broker's is that of the agents. */
const OTHERS_FROM = 1;

/** Names of the broker processes, the first one first. */
const brokerNames = ({ brokers }: Config): readonly string[] =>
  Array.from({ length: brokers }, (_, at) => (at === 0 ? FIRST_BROKER : `broker-${at + 1}`));

const SIZES: { readonly [size: string]: number } = { s: 2, m: 4, l: 8 };

/** `acme=local,globex=any` as settings by tenant; the form was checked with the configuration. */
export const parseTenantModels = (text: string): TenantModels =>
  tenantModels.parse(Object.fromEntries(text === '' ? [] : text.split(',').map((one) => one.split('='))));

/** `acme:m,globex:s` as tenants with a number of branches. */
export function parseTenants(text: string): readonly { readonly name: string; readonly branches: number }[] {
  return text.split(',').map((one) => {
    const [name = '', size = ''] = one.split(':');
    return { name, branches: SIZES[size] ?? Number(size) };
  });
}

/** `ADDRESS,TRAPS,SYSLOG,FLOWS` as the broker is told of it. */
function parseCollectors(text: string): object {
  const [host, traps, syslog, flows] = text.split(',');
  return { host, ports: { traps: Number(traps), syslog: Number(syslog), flows: Number(flows) } };
}

/** The network of each tenant: one for all, or the reference network in the tenant's size. */
const networksOf = ({ tenants, network }: Config): readonly TenantNetwork[] =>
  parseTenants(tenants).map(({ name, branches }) => ({ name, network: network || `refnet:${branches}` }));

/** The external issuer as the broker is told of it; undefined when there is none. */
function externalOf(config: Config): BrokerSettings['external'] {
  if (config.identityIssuer === '') return undefined;
  const roleMap = config.identityRoleMap === '' ? [] : config.identityRoleMap.split(',').map((pair) => pair.split('='));
  return {
    issuer: config.identityIssuer,
    clientId: config.identityClientId,
    clientSecret: config.identityClientSecret,
    nameClaim: config.identityNameClaim,
    tenantClaim: config.identityTenantClaim,
    rolesClaim: config.identityRolesClaim,
    roleMap: roleMap.map(([name = '', role = '']) => ({ name, role: roleName(role) })),
  };
}

function roleName(text: string): Role {
  const role = ROLES.find((one) => one === text);
  if (role === undefined)
    throw new WayleaveError(
      'CONFIG_INVALID',
      `identityRoleMap: there is no role ${text}. There are: ${ROLES.join(', ')}.`,
    );
  return role;
}

/** Throws `LOCKED`, `FOLDER_UNUSABLE`, `PORT_IN_USE`, `UNAVAILABLE`; what was started until then is stopped. */
export async function startInstallation(options: InstallationOptions): Promise<Installation> {
  const { config, progress, env = process.env } = options;
  if (config.brokers > 1 && config.databaseUrl === '')
    throw new WayleaveError('CONFIG_INVALID', 'brokers: several brokers share a PostgreSQL, and databaseUrl is empty.');
  const home = openHome(config.home);
  const lock = lockFolder(home.root);
  // The supervisor passes the credentials on: its debugger stays closed as well (see processes/harden.ts).
  process.on('SIGUSR1', ignoreSignal);
  const children = new Map<string, Child>();
  const now = (): number => Date.now();
  let stopping = false;
  const stop = async (): Promise<void> => {
    stopping = true;
    for (const child of [...children.values()].reverse()) await child.stop();
    rmSync(home.run, { force: true });
    process.off('SIGUSR1', ignoreSignal);
    lock.release();
  };
  const start = async <Ready>(
    name: string,
    form: z.ZodType<Ready>,
    spec: Pick<ChildSpec, 'settings'> & Partial<ChildSpec>,
  ): Promise<Ready> => {
    progress(`starting the ${name}`);
    const child = await startChild({
      name,
      entry: path.join(DIST, 'apps', 'processes', `${name}.js`),
      env: {},
      logFile: path.join(home.logs, `${name}.log`),
      ...spec,
    });
    children.set(name, child);
    void child.ended.then(({ code, signal, lastLines }) => {
      if (!stopping && children.get(name) === child) options.onCrash(name, signal ?? `exit ${code}`, lastLines);
    });
    return form.parse(child.ready);
  };

  const startSimulators = async (): Promise<z.infer<typeof simulatorsReady>> => {
    const { seed, speed } = config;
    const simulators = await start('simulators', simulatorsReady, {
      settings: settingsOf({ tenants: networksOf(config), seed, speed, informs: config.informs === 'yes' }, now()),
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
    const witness = await start('witness', witnessReady, { settings: { folder: home.witness, log } });
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
    const metricsToken = openMetricsToken(home);
    let mutualPort = 0;
    /** Known once the agents listen; a broker that starts later is told at once. */
    const door: { agentsUrl?: string } = {};
    const startBroker = async (name: string, port: number, inventory: unknown): Promise<BrokerReport> => {
      const listens = name === FIRST_BROKER;
      const report = await start(name, brokerReady, {
        entry: path.join(DIST, 'apps', 'processes', 'broker.js'),
        env: tracingEnvironment(env),
        onAsk: () => {
          rotateKeys().catch((error: unknown) => progress(`The keys of the agents were not rotated: ${String(error)}`));
        },
        settings: {
          folder: home.broker,
          keys: home.brokerKeys,
          port,
          listens,
          databaseUrl: config.databaseUrl,
          networkSpeed: devices === undefined ? config.speed : 1,
          collectors: parseCollectors(config.collectors),
          secondFactor: config.secondFactor,
          invariants: config.invariants === '' ? [] : config.invariants.split(',').map((file) => path.resolve(file)),
          upstream: loadUpstream(config.upstream, env),
          logLevel: config.logLevel,
          metricsToken,
          allowSnmp2c: config.allowSnmp2c === 'yes',
          tenantModels: parseTenantModels(config.tenantModels),
          auditAnchorUrl: config.auditAnchorUrl,
          notifications: config.notifications === '' ? '' : path.resolve(config.notifications),
          databaseSchema: `${config.databaseSchema}_broker`,
          telemetryDays: config.telemetryDays,
          agents: agents.agents,
          workerKeys: agents.workerKeys,
          external: externalOf(config),
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
    const chat = await start('agents', agentsReady, {
      flags: sandboxFlags(home),
      env: agentsEnvironment(env, config.model),
      settings: {
        brokerUrl: broker.url,
        consoleOrigins: [broker.url, ...others.values()],
        port: config.agentsPort,
        folder: path.join(home.agents, 'database'),
        databaseUrl: config.agentsDatabaseUrl,
        databaseSchema: `${config.databaseSchema}_agents`,
        agentKeys: agents.keys,
        workerKey: agents.workerKey,
        queue: queueOf(config, home),
        metricsToken,
        mutual: certificates && { url: broker.mutualUrl, ca: certificates.ca, ...certificates.agents },
        containSeconds: config.containSeconds,
        model: {
          ...{ name: config.model, baseUrl: config.modelBaseUrl, apiKey: '' },
          budget: { calls: config.modelCalls, tokens: config.modelTokens, seconds: config.modelSeconds },
        },
      },
    });
    door.agentsUrl = chat.url;
    for (const name of brokerNames(config)) await children.get(name)?.update(door);
    const running: Running = {
      pid: process.pid,
      brokerUrl: broker.url,
      agentsUrl: chat.url,
      ...(simulators === undefined ? {} : { simulators: simulators.control }),
    };
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
