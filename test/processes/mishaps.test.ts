/** What goes wrong around an installation: each mishap ends in a code and a sentence, and leaves nothing behind. */
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DIST } from '../../apps/agent-launch.ts';
import { findRunning, signIn } from '../../apps/cli/connect.ts';
import { descriptionOf, newFolder, openStage, type Person, type Stage, until } from './fixture.ts';
import { descendantsOf, HAS_PROC } from './proc.ts';

const folder = newFolder();
const home = path.join(folder, 'home');
let stage: Stage;
let operator: Person;

describe('a start that cannot be', () => {
  it('says PORT_IN_USE, and leaves no process, no lock and no run file', async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => {
        const address = other.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
    const started = openStage({ tenants: 'acme:s', brokerPort: port }, home);
    await expect(started).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringContaining(String(port)),
    });
    await new Promise((resolve) => other.close(resolve));
    if (HAS_PROC) await until(() => expect(descendantsOf(process.pid)).toEqual([]));
    expect(() => findRunning(home)).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }));
  }, 120_000);

  it('says FOLDER_UNUSABLE when a file is in the way, for the home and for a folder in it', async () => {
    const file = path.join(folder, 'file');
    writeFileSync(file, '');
    await expect(openStage({}, file)).rejects.toMatchObject({ code: 'FOLDER_UNUSABLE' });
    await expect(openStage({}, path.join(file, 'below'))).rejects.toMatchObject({ code: 'FOLDER_UNUSABLE' });
    const blocked = path.join(folder, 'blocked');
    mkdirSync(blocked);
    writeFileSync(path.join(blocked, 'broker'), '');
    await expect(openStage({}, blocked)).rejects.toMatchObject({ code: 'FOLDER_UNUSABLE' });
  });
});

describe('an installation', () => {
  beforeAll(async () => {
    // In the folder of the failed start: it is as good as a new one.
    stage = await openStage({ tenants: 'acme:s' }, home);
    operator = await stage.signIn('operator@acme');
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const look = (device: string) =>
    operator.call('diagnostics', 'config.read', {
      target: { devices: [device] },
      input: { section: 'bgp' },
      purpose: 'chat:look',
    });

  it('is the only one in its folder, and goes on when a second is refused', async () => {
    await expect(openStage({ tenants: 'acme:s' }, home)).rejects.toMatchObject({ code: 'LOCKED' });
    expect(await look('br1_edge')).toMatchObject({ status: 'done' });
    expect(findRunning(home)).toMatchObject({ brokerUrl: stage.installation.running.brokerUrl });
  });

  it('lets nobody in by a wrong password or an unknown name, in the same words', async () => {
    const { brokerUrl } = stage.installation.running;
    const refused = await Promise.all(
      ['operator@acme', 'nobody@acme'].map((user) => signIn(brokerUrl, user, 'wrong').catch((error: unknown) => error)),
    );
    expect(refused[0]).toMatchObject({ code: 'LOGIN_FAILED' });
    expect(refused[1]).toEqual(refused[0]);
  });

  it('knows no device by a wrong name', async () => {
    await expect(look('br9_edge')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it.each(['broken-xml', 'truncated-chunk', 'wrong-message-id'])(
    'takes nothing from a device that answers with %s, and trusts it again when it behaves',
    async (trouble) => {
      await stage.network.trouble('acme', 'br1_edge', trouble);
      await expect(look('br1_edge')).rejects.toMatchObject({ code: expect.stringMatching(/^DEVICE_/) });
      if (trouble === 'broken-xml') await expect(look('br1_edge')).rejects.toMatchObject({ code: 'DEVICE_PROTOCOL' });
      const both = await operator.call('diagnostics', 'bgp.read', {
        target: { devices: ['br1_edge', 'br2_edge'] },
        input: {},
        purpose: 'chat:look',
      });
      if (both.status !== 'done') throw new Error('a read is done at once');
      const sources = new Set(both.evidence.map(({ source }) => source));
      expect(sources).toContain('netconf:br2_edge');
      expect(sources).not.toContain('netconf:br1_edge');
      await stage.network.trouble('acme', 'br1_edge', 'none');
      expect(await look('br1_edge')).toMatchObject({ status: 'done' });
    },
  );

  it('loses no approval and writes nothing when a device breaks its protocol before the change', async () => {
    const before = await descriptionOf(stage, 'acme', 'br1_edge', 'ge0/0');
    const admin = await stage.signIn('admin@acme');
    const change = {
      target: { devices: ['br1_edge'] },
      input: { interface: 'ge0/0', description: 'after the trouble' },
      purpose: 'chat:describe',
      intent: 'int_mishapmishap',
    };
    const submit = () => operator.call('wan', 'interface.set-description', change);
    const asked = await submit();
    if (asked.status !== 'pending') throw new Error('a change waits for approval');
    await admin.desk.approve(asked.approval, 'looks right');
    await stage.network.trouble('acme', 'br1_edge', 'broken-xml');
    await expect(submit()).rejects.toMatchObject({ code: expect.stringMatching(/^DEVICE_/) });
    expect(await descriptionOf(stage, 'acme', 'br1_edge', 'ge0/0')).toBe(before);
    await stage.network.trouble('acme', 'br1_edge', 'none');
    expect(await submit()).toMatchObject({ receipt: { outcome: 'succeeded' } });
  });

  it('reports a process that died, with its last lines, and takes a new broker', async () => {
    const { pid } = stage.child('broker');
    const referees = HAS_PROC ? descendantsOf(pid) : [];
    await stage.killBroker();
    await until(() =>
      expect(stage.crashes).toMatchObject([{ name: 'broker', detail: 'SIGKILL', lastLines: expect.any(Array) }]),
    );
    expect(stage.crashes[0]?.lastLines.join('\n')).toMatch(/\w/);
    expect((await operator.desk.inventory().catch((error: unknown) => error)) as object).toMatchObject({
      code: 'UNAVAILABLE',
    });
    // What the dead one had started does not outlive it.
    if (HAS_PROC) await until(() => expect(referees.filter(isAlive)).toEqual([]));
    await stage.restartBroker();
    operator = await stage.signIn('operator@acme');
    expect(await look('br1_edge')).toMatchObject({ status: 'done' });
  });

  it('leaves no process behind when it stops', async () => {
    const pids = [
      ...['witness', 'simulators', 'broker', 'agents'].map((name) => stage.child(name).pid),
      ...(HAS_PROC ? descendantsOf(process.pid) : []),
    ];
    expect(pids.filter(isAlive)).toEqual(pids);
    await stage.installation.stop();
    await until(() => expect(pids.filter(isAlive)).toEqual([]));
    expect(stage.crashes).toHaveLength(1); // a stop is no crash
    expect(() => findRunning(home)).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }));
  });

  it.runIf(HAS_PROC)(
    'ends as a whole when its supervisor is killed',
    async () => {
      const module = (file: string) => JSON.stringify(pathToFileURL(path.join(DIST, file)).href);
      const script = `
      const { startInstallation } = await import(${module('apps/installation.js')});
      const { loadConfig } = await import(${module('apps/config.js')});
      const { config } = loadConfig({ home: ${JSON.stringify(home)}, tenants: 'acme:s', brokerPort: 0, agentsPort: 0 }, {});
      await startInstallation({ config, progress: () => {}, onCrash: () => {} });
      console.log('ready');`;
      const supervisor = spawn(process.execPath, ['--input-type=module', '--eval', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await new Promise((resolve) => supervisor.stdout.once('data', resolve));
      const below = descendantsOf(supervisor.pid ?? 0);
      expect(below.length).toBeGreaterThanOrEqual(5);
      supervisor.kill('SIGKILL');
      await until(() => expect(below.filter(isAlive)).toEqual([]));
      // The dead lock is no obstacle.
      stage = await openStage({ tenants: 'acme:s' }, home);
      await stage.close();
    },
    120_000,
  );
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
