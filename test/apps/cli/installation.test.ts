/** Starting, touring, examining and configuring an installation from the command line. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findRunning, readLogins } from '../../../apps/cli/connect.ts';
import type { StartOptions } from '../../../apps/cli/io.ts';
import type { DemoOptions } from '../../../apps/demo/demo.ts';
import type { TourResult } from '../../../apps/demo/step.ts';
import { WayleaveError } from '../../../broker/errors.ts';
import { type Fakes, LOGINS, RUNNING, wayleave } from './fake-io.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'wayleave-cli-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('wayleave up', () => {
  /** Starts, and lets the test act once everything runs. */
  function starting(act: (options: StartOptions) => void): { readonly fakes: Fakes; readonly seen: string[] } {
    const seen: string[] = [];
    const interruption = new AbortController();
    const doors: Fakes['doors'] = {
      startInstallation: async (options) => {
        seen.push(`${options.config.tenants} ${options.config.brokerPort}`);
        options.progress('starting the broker\u001b[2J');
        queueMicrotask(() => {
          act(options);
          if (act.name === 'interrupt') interruption.abort();
        });
        return { running: RUNNING, logins: LOGINS, stop: async () => void seen.push('stopped') };
      },
    };
    return { fakes: { doors, io: { interrupted: interruption.signal } }, seen };
  }
  const interrupt = (): void => undefined;

  it('prints URLs and logins, stays until Ctrl-C, and stops everything', async () => {
    const { fakes, seen } = starting(interrupt);
    const said = await wayleave(['up', '--tenants', 'acme:l', '--broker-port', '0'], fakes);
    expect(said.exit).toBe(0);
    expect(seen).toEqual(['acme:l 0', 'stopped']);
    expect(said.out).toContain('broker      http://127.0.0.1:7420');
    expect(said.out).toMatch(/^operator@acme +tenant-operator +secret-of-operator$/m);
    expect(said.err).toContain('starting the broker?[2J');
  });

  it('with --json prints one object', async () => {
    const said = await wayleave(['up', '--json'], starting(interrupt).fakes);
    expect(JSON.parse(said.out)).toMatchObject({ ...RUNNING, logins: LOGINS });
  });

  it('tells the last lines of a part that ended, stops the others, and ends with 1', async () => {
    const { fakes, seen } = starting(({ onCrash }) => onCrash('broker', 'exit 7', ['out of\u0007 luck']));
    const said = await wayleave(['up'], fakes);
    expect(said.exit).toBe(1);
    expect(seen.at(-1)).toBe('stopped');
    expect(said.err).toContain('out of? luck');
    expect(said.err).toContain('UNAVAILABLE: The broker ended (exit 7)');
  });

  it('says which setting does not fit', async () => {
    const said = await wayleave(['up', '--tenants', 'ACME']);
    expect(said.exit).toBe(2);
    expect(said.err).toContain('CONFIG_INVALID: tenants from flag --tenants');
  });
});

describe('wayleave demo', () => {
  const step = (ok: boolean) => ({
    name: 'Ask',
    ok,
    wall_ms: 1500,
    checks: [{ name: 'answered', ok, detail: 'in time' }],
  });
  const touring = (ok: boolean, asked: DemoOptions[] = []): Fakes => ({
    doors: {
      runDemo: async (options) => {
        asked.push(options);
        options.output.heading(1, 1, 'Ask');
        options.output.line('why?\u001b[2J');
        options.output.check({ name: 'answered', ok, detail: 'in time' });
        return { ok, wall_ms: 2000.04, steps: [step(ok)], home: '/not/promised' } as TourResult;
      },
    },
  });

  it('tells a story with checks and durations', async () => {
    const asked: DemoOptions[] = [];
    const args = ['demo', '--scenario', 'O01', '--branch', '3', '--seed', '7', '--keep'];
    const said = await wayleave(args, touring(true, asked));
    expect(asked[0]).toMatchObject({ scenario: 'O01', branch: 3, seed: 7, keep: true, config: { seed: 7 } });
    expect(said.exit).toBe(0);
    expect(said.out).toContain('1/1  Ask\n     why??[2J\n   ✓ answered · in time\n');
    expect(said.out).toContain('✓   1.5 s  Ask 1/1 checks');
    expect(said.out).toContain('2.0 s  Everything held.');
  });

  it('with --json has the promised result on stdout and nothing else', async () => {
    const said = await wayleave(['demo', '--json'], touring(true));
    expect(JSON.parse(said.out)).toEqual({ ok: true, wall_ms: 2000, steps: [step(true)] });
    expect(said.err).toBe('1/1 Ask\n');
  });

  it('ends with 1 when a check failed', async () => {
    const said = await wayleave(['demo', '--json'], touring(false));
    expect(said.exit).toBe(1);
    expect(JSON.parse(said.out).ok).toBe(false);
    expect((await wayleave(['demo'], touring(false))).out).toContain('✗ answered');
  });

  it('stops at its next word after Ctrl-C', async () => {
    const interrupted = AbortSignal.abort();
    const said = await wayleave(['demo'], { ...touring(true), io: { interrupted } });
    expect(said).toMatchObject({ exit: 130, out: '' });
  });

  it('takes only numbers for numbers', async () => {
    for (const wrong of [
      ['--branch', 'x'],
      ['--branch', '0'],
      ['--seed', '-1'],
      ['--seed', '1.5'],
    ]) {
      expect((await wayleave(['demo', ...wrong])).exit).toBe(2);
    }
  });
});

describe('wayleave doctor', () => {
  const answering = (status: (url: string) => number): NonNullable<Fakes['io']> => ({
    env: { WAYLEAVE_HOME: folder },
    fetch: async (url) => new Response('{}', { status: status(String(url)) }),
  });
  const checksOf = (out: string): { readonly [check: string]: boolean } =>
    Object.fromEntries(JSON.parse(out).checks.map((one: { check: string; ok: boolean }) => [one.check, one.ok]));

  it('is content when all is well, and honest about what one user means', async () => {
    const said = await wayleave(['doctor'], { io: answering(() => 200) });
    expect(said.exit).toBe(0);
    expect(said.out).not.toContain('WRONG');
    expect(said.err).toContain('All processes run as one user');
  });

  it('names the part that is wrong and what to do', async () => {
    const io = answering((url) => (url.endsWith('/readyz') ? 503 : 200));
    const said = await wayleave(['doctor', '--json'], { io });
    expect(said.exit).toBe(1);
    expect(checksOf(said.out)).toMatchObject({ broker: true, 'broker ready': false, agents: true, simulators: true });
    const words = await wayleave(['doctor'], { io });
    expect(words.out).toMatch(/^WRONG +broker ready +http:\/\/127\.0\.0\.1:7420\/readyz answers 503 +.*broker\.log/m);
  });

  it('finds an old Node, a folder that nobody can use, and that nothing runs', async () => {
    const file = path.join(folder, 'a-file');
    writeFileSync(file, '');
    const said = await wayleave(['doctor', '--json', '--home', path.join(file, 'home')], {
      io: { nodeVersion: '20.18.3' },
      doors: { running: () => findRunning(path.join(file, 'home')) },
    });
    expect(said.exit).toBe(1);
    expect(checksOf(said.out)).toEqual({ node: false, folder: false, 'language model': true, installation: false });
  });

  it('finds passwords that others can read', async () => {
    const file = path.join(folder, 'logins.json');
    writeFileSync(file, '[]');
    chmodSync(file, 0o644);
    const before = await wayleave(['doctor', '--json'], { io: answering(() => 200) });
    expect(checksOf(before.out)['logins.json']).toBe(false);
    chmodSync(file, 0o600);
    const after = await wayleave(['doctor', '--json'], { io: answering(() => 200) });
    expect(checksOf(after.out)['logins.json']).toBe(true);
  });

  it('verifies the log of whoever asks, and says when it is broken or not theirs to read', async () => {
    const broken: NonNullable<Fakes['control']> = {
      auditCheckpoint: async () => 'no note',
      auditExport: async () => 'no export\n',
    };
    const args = ['doctor', '--as', 'auditor@acme', '--json'];
    const said = await wayleave(args, { io: answering(() => 200), control: broken });
    expect(said.exit).toBe(1);
    expect(checksOf(said.out)['audit log']).toBe(false);
    const denied: NonNullable<Fakes['control']> = {
      auditCheckpoint: async () => {
        throw new WayleaveError('DENIED', 'Needs the role auditor.');
      },
    };
    const refused = await wayleave(args, { io: answering(() => 200), control: denied });
    expect(refused.out).toContain('Needs the role auditor.');
  });
});

describe('wayleave config show', () => {
  const env = { DATABASE_URL: 'postgres://u:hidden@h/d', WAYLEAVE_SEED: '5' };

  it('shows where each value comes from, and of a secret only that it is set', async () => {
    const said = await wayleave(['config', 'show', '--origin', '--home', '/x/y'], { io: { env } });
    expect(said.out).toMatch(/^home +\/x\/y +flag --home$/m);
    expect(said.out).toMatch(/^seed +5 +environment WAYLEAVE_SEED$/m);
    expect(said.out).toMatch(/^databaseUrl +set +environment DATABASE_URL$/m);
    expect(said.out).toMatch(/^agentsDatabaseUrl +unset +preset$/m);
    const json = await wayleave(['config', 'show', '--json'], { io: { env } });
    expect(JSON.parse(json.out)).toMatchObject({ databaseUrl: 'set', seed: 5 });
    expect(said.out + json.out).not.toContain('hidden');
  });

  it('reads the file that --config names, and complains about one that is not there', async () => {
    const file = path.join(folder, 'my.yaml');
    writeFileSync(file, 'speed: 9\n');
    expect((await wayleave(['config', 'show', '--origin', '--config', file])).out).toMatch(/^speed +9 +file /m);
    expect((await wayleave(['config', 'show', '--config', path.join(folder, 'none.yaml')])).exit).toBe(2);
  });
});

describe('the files of an installation', () => {
  it('says that nothing runs, that it has ended, and that a file is damaged, without quoting it', () => {
    const home = mkdtempSync(path.join(folder, 'home-'));
    expect(() => findRunning(home)).toThrow(/Nothing runs/);
    writeFileSync(path.join(home, 'run.json'), '{"token": "tell-nobody');
    expect(() => findRunning(home)).toThrow(/damaged/);
    expect(() => findRunning(home)).not.toThrow(/tell-nobody/);
    writeFileSync(path.join(home, 'run.json'), JSON.stringify({ ...RUNNING, pid: process.pid }));
    expect(findRunning(home)).toEqual({ ...RUNNING, pid: process.pid });
    expect(readLogins(home)).toEqual([]);
    writeFileSync(path.join(home, 'logins.json'), JSON.stringify(LOGINS));
    expect(readLogins(home)).toEqual(LOGINS);
  });
});
