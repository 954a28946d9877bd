/** Starts the process of a further worker beside a running installation. */
import path from 'node:path';
import { WayleaveError } from '../broker/errors.ts';
import { DIST, modelOf, prepareAgents, sandboxFlags } from './agent-launch.ts';
import type { Running } from './cli/connect.ts';
import { tracingEnvironment } from './compose/tracing.ts';
import type { Config } from './config.ts';
import { type Home, openHome, openMetricsToken } from './home.ts';
import { noCertificates, readPart, trust } from './parts/part-file.ts';
import { type Child, startChild } from './supervise.ts';
import { readWorkerDoor } from './worker-door.ts';

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
  /** Asked where no folder of a part says where the broker is; throws where nothing runs. */
  running: () => Pick<Running, 'brokerUrl'>,
  concurrency: number,
  port: number,
): Promise<Child> {
  if (config.redisUrl === '' && config.agentsDatabaseUrl === '')
    throw new WayleaveError(
      'CONFIG_INVALID',
      'The embedded queue belongs to the agents’ process, which works on it already. Further workers need redisUrl or agentsDatabaseUrl.',
    );
  const home = openHome(config.home);
  const part = config.partFolder === '' ? undefined : readPart('worker', config.partFolder);
  const certified = config.agentCertificates === 'yes';
  if (certified && part !== undefined) throw noCertificates();
  const { workerKey } = part ?? prepareAgents(home, modelOf(config), Date.now());
  const brokerUrl = part?.brokerUrl ?? running().brokerUrl;
  return startChild({
    name: 'worker',
    entry: path.join(DIST, 'apps', 'processes', 'worker.js'),
    flags: sandboxFlags(home),
    env: { ...tracingEnvironment(process.env), ...(part === undefined ? {} : trust(config.partFolder)) },
    settings: {
      ...{ brokerUrl, workerKey, queue: queueOf(config, home), concurrency },
      ...{ port, metricsToken: openMetricsToken(home) },
      ...(certified ? { mutual: readWorkerDoor(home) } : {}),
    },
    logFile: path.join(home.logs, 'worker.log'),
  });
}
