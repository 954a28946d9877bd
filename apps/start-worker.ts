/** Starts the process of a further worker beside a running installation. */
import path from 'node:path';
import { WayleaveError } from '../broker/errors.ts';
import { DIST, modelOf, prepareAgents, sandboxFlags } from './agent-launch.ts';
import type { Running } from './cli/connect.ts';
import { tracingEnvironment } from './compose/tracing.ts';
import type { Config } from './config.ts';
import { type Home, openHome, openMetricsToken } from './home.ts';
import { type Child, startChild } from './supervise.ts';

/** Where the queue of an installation is; the first that is not empty counts. */
export const queueOf = (config: Config, home: Home) => ({
  redisUrl: config.redisUrl,
  databaseUrl: config.agentsDatabaseUrl,
  name: config.databaseSchema,
  folder: home.agents,
});

/** Throws `CONFIG_INVALID` where one process alone can have the queue, `UNAVAILABLE` when the broker does not answer. */
export function startWorkerProcess(
  config: Config,
  running: Running,
  concurrency: number,
  port: number,
): Promise<Child> {
  if (config.redisUrl === '' && config.agentsDatabaseUrl === '')
    throw new WayleaveError(
      'CONFIG_INVALID',
      'The embedded queue belongs to the agents’ process, which works on it already. Further workers need redisUrl or agentsDatabaseUrl.',
    );
  if (config.agentCertificates === 'yes')
    throw new WayleaveError('CONFIG_INVALID', 'Further workers have no certificate yet: agentCertificates must be no.');
  const home = openHome(config.home);
  const { workerKey } = prepareAgents(home, modelOf(config), Date.now());
  return startChild({
    name: 'worker',
    entry: path.join(DIST, 'apps', 'processes', 'worker.js'),
    flags: sandboxFlags(home),
    env: tracingEnvironment(process.env),
    settings: {
      ...{ brokerUrl: running.brokerUrl, workerKey, queue: queueOf(config, home), concurrency },
      ...{ port, metricsToken: openMetricsToken(home) },
    },
    logFile: path.join(home.logs, 'worker.log'),
  });
}
