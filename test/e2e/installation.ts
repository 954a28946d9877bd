/** A whole installation as a user starts it, `wayleave up`, with a folder and ports of its own. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { ROOT } from '../repository/source-files.ts';

const printed = z.object({
  brokerUrl: z.string(),
  agentsUrl: z.string(),
  consoleUrl: z.string(),
  simulators: z.object({ url: z.string(), token: z.string() }),
  logins: z.array(z.object({ user: z.string(), password: z.string() })),
});

export interface Started extends z.infer<typeof printed> {
  passwordOf(user: string): string;
  /** Something breaks in the simulated network; answers what brings it back. */
  inject(type: string, resource: string): Promise<() => Promise<void>>;
  /** Somebody describes a port at the device itself. */
  describe(device: string, port: string, description: string): Promise<void>;
  /** A command of `wayleave` there; answers what it prints. */
  command(...args: readonly string[]): Promise<string>;
  /** Ends it and, when what is done `meanwhile` is, starts it again at the same place, with these settings besides. */
  restart(env: NodeJS.ProcessEnv, meanwhile: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

/** Two ports that nobody listens on: a restarted installation is found where it was. */
async function freePorts(): Promise<readonly string[]> {
  const servers = [createServer(), createServer()];
  const ports: string[] = [];
  for (const server of servers) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (typeof address === 'object' && address !== null) ports.push(String(address.port));
  }
  for (const server of servers) server.close();
  return ports;
}

interface Process {
  readonly child: ChildProcess;
  readonly printed: z.infer<typeof printed>;
}

const COMMAND = path.join(ROOT, 'bin/wayleave.js');
/** Of different size: `br3` is there in one of them only. */
const TWO_TENANTS = ['--tenants', 'acme:s,globex:m', '--speed', '20'];

async function start(
  home: string,
  ports: readonly string[],
  network: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Process> {
  const [broker = '0', agents = '0'] = ports;
  const args = ['up', '--json', '--home', home, '--broker-port', broker, '--agents-port', agents];
  const child = spawn(process.execPath, [COMMAND, ...args, ...network], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let errors = '';
  child.stderr.on('data', (bytes: Buffer) => {
    errors = (errors + bytes.toString()).slice(-4000);
  });
  const said = await new Promise<z.infer<typeof printed>>((resolve, reject) => {
    let text = '';
    child.once('exit', (code) => reject(new Error(`wayleave up ended with ${code}:\n${errors}`)));
    child.stdout.on('data', (bytes: Buffer) => {
      text += bytes.toString();
      if (!text.endsWith('\n')) return;
      try {
        resolve(printed.parse(JSON.parse(text)));
      } catch (error) {
        if (!(error instanceof SyntaxError)) reject(error);
      }
    });
  });
  return { child, printed: said };
}

async function end(child: ChildProcess): Promise<void> {
  child.removeAllListeners('exit');
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  await ended;
}

/** `network`: arguments of `wayleave up` that say what is simulated. */
export async function startInstallation(network: readonly string[] = TWO_TENANTS): Promise<Started> {
  const home = mkdtempSync(path.join(os.tmpdir(), 'wayleave-e2e-'));
  const ports = await freePorts();
  let running = await start(home, ports, network, {});
  const ask = async (method: string, way: string, body?: object): Promise<unknown> => {
    const response = await fetch(running.printed.simulators.url + way, {
      method,
      headers: { authorization: `Bearer ${running.printed.simulators.token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json().catch(() => undefined);
    if (!response.ok) throw new Error(`${way}: ${JSON.stringify(answer)}`);
    return answer;
  };
  return {
    ...running.printed,
    passwordOf(user) {
      const found = running.printed.logins.find((login) => login.user === user);
      if (found === undefined) throw new Error(`there is no login ${user}`);
      return found.password;
    },
    async inject(type, resource) {
      const { id } = z
        .object({ id: z.string() })
        .parse(await ask('POST', '/faults', { tenant: 'acme', type, resource }));
      return async () => void (await ask('DELETE', `/faults/${id}`));
    },
    describe: async (device, port, description) =>
      void (await ask('POST', '/describe', { tenant: 'acme', device, interface: port, description, user: 'netops' })),
    async command(...args) {
      const { stdout } = await promisify(execFile)(process.execPath, [COMMAND, ...args, '--home', home]);
      return stdout;
    },
    async restart(env, meanwhile) {
      await end(running.child);
      await meanwhile();
      running = await start(home, ports, network, env);
    },
    async stop() {
      await end(running.child);
      rmSync(home, { recursive: true, force: true });
    },
  };
}
