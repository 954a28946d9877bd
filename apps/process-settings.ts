/** What each process of an installation is told, from the configuration, the folder and what the others have said. Pure but for files that the configuration names. */
import path from 'node:path';
import { ROLES, type Role } from '../broker/contract.ts';
import { WayleaveError } from '../broker/errors.ts';
import { type TenantModels, tenantModels } from '../broker/models/tenant-models.ts';
import type { AgentLaunch } from './agent-launch.ts';
import type { BrokerSettings } from './compose/broker-settings.ts';
import type { Config } from './config.ts';
import { type Home, openBoardToken, openMetricsToken } from './home.ts';
import type { TenantNetwork } from './simulation.ts';
import { queueOf } from './start-worker.ts';
import { loadUpstream } from './upstream-file.ts';

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
export const networksOf = ({ tenants, network }: Config): readonly TenantNetwork[] =>
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

type Env = { readonly [name: string]: string | undefined };

/** Of a broker: everything but its port, who watches its log, and what is only known when others run. */
export const brokerSettingsOf = (
  config: Config,
  home: Home,
  env: Env,
  launch: AgentLaunch['agents'],
  workerKeys: AgentLaunch['workerKeys'],
) => ({
  folder: home.broker,
  keys: home.brokerKeys,
  databaseUrl: config.databaseUrl,
  // A network of real devices has the clock of the world.
  networkSpeed: config.inventory === '' ? config.speed : 1,
  collectors: parseCollectors(config.collectors),
  secondFactor: config.secondFactor,
  invariants: config.invariants === '' ? [] : config.invariants.split(',').map((file) => path.resolve(file)),
  upstream: loadUpstream(config.upstream, env),
  logLevel: config.logLevel,
  metricsToken: openMetricsToken(home),
  approvalSeconds: config.approvalSeconds,
  allowSnmp2c: config.allowSnmp2c === 'yes',
  tenantModels: parseTenantModels(config.tenantModels),
  auditAnchorUrl: config.auditAnchorUrl,
  notifications: config.notifications === '' ? '' : path.resolve(config.notifications),
  databaseSchema: `${config.databaseSchema}_broker`,
  telemetryDays: config.telemetryDays,
  agents: launch,
  workerKeys,
  external: externalOf(config),
});

/** Of the agents: everything but where the broker is, and the port. */
export const agentsSettingsOf = (config: Config, home: Home, keys: Pick<AgentLaunch, 'keys' | 'workerKey'>) => ({
  folder: path.join(home.agents, 'database'),
  databaseUrl: config.agentsDatabaseUrl,
  databaseSchema: `${config.databaseSchema}_agents`,
  agentKeys: keys.keys,
  workerKey: keys.workerKey,
  queue: queueOf(config, home),
  metricsToken: openMetricsToken(home),
  boardToken: openBoardToken(home),
  containSeconds: config.containSeconds,
  model: {
    ...{ name: config.model, baseUrl: config.modelBaseUrl, apiKey: '' },
    budget: { calls: config.modelCalls, tokens: config.modelTokens, seconds: config.modelSeconds },
  },
});
