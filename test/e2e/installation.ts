/** A whole installation as a user starts it, `wayleave up`, with a folder and ports of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
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
  stop(): Promise<void>;
}

export async function startInstallation(): Promise<Started> {
  const home = mkdtempSync(path.join(os.tmpdir(), 'wayleave-e2e-'));
  const args = ['up', '--json', '--home', home, '--broker-port', '0', '--agents-port', '0'];
  const child = spawn(
    process.execPath,
    [path.join(ROOT, 'bin/wayleave.js'), ...args, '--tenants', 'acme:s,globex:s', '--speed', '20'],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let errors = '';
  child.stderr.on('data', (bytes: Buffer) => {
    errors = (errors + bytes.toString()).slice(-4000);
  });
  const running = await new Promise<z.infer<typeof printed>>((resolve, reject) => {
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
  const ask = async (method: string, way: string, body?: object): Promise<unknown> => {
    const response = await fetch(running.simulators.url + way, {
      method,
      headers: { authorization: `Bearer ${running.simulators.token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json().catch(() => undefined);
    if (!response.ok) throw new Error(`${way}: ${JSON.stringify(answer)}`);
    return answer;
  };
  return {
    ...running,
    passwordOf(user) {
      const found = running.logins.find((login) => login.user === user);
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
    async stop() {
      child.removeAllListeners('exit');
      const ended = once(child, 'exit');
      child.kill('SIGINT');
      await ended;
      rmSync(home, { recursive: true, force: true });
    },
  };
}
