/** `wayleave doctor` about what devices tell and how they are read. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WayleaveError } from '../../../broker/errors.ts';
import { DROPS, type TelemetryCounts } from '../../../broker/telemetry/reception.ts';
import { type Fakes, type Said, wayleave } from './fake-io.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'wayleave-doctor-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const io = (env: Readonly<Record<string, string>> = {}): NonNullable<Fakes['io']> => ({
  env: { WAYLEAVE_HOME: folder, ...env },
  fetch: async () => new Response('{}'),
});
const checksOf = (out: string): { readonly [check: string]: boolean } =>
  Object.fromEntries(JSON.parse(out).checks.map((one: { check: string; ok: boolean }) => [one.check, one.ok]));

describe('wayleave doctor', () => {
  it('counts what devices told, and calls it wrong when somebody told with a wrong key', async () => {
    const none = Object.fromEntries(DROPS.map((drop) => [drop, 0])) as TelemetryCounts['drops'];
    const telling = (drops: Partial<TelemetryCounts['drops']>): Promise<Said> =>
      wayleave(['doctor', '--as', 'auditor@acme', '--json'], {
        io: io(),
        control: { telemetry: async () => ({ received: 9, kept: 5, drops: { ...none, ...drops } }) },
      });
    const noise = await telling({ 'unknown-source': 3, duplicate: 1 });
    expect(checksOf(noise.out)['telemetry']).toBe(true);
    expect(noise.out).toContain('9 received, 5 kept; unknown-source 3, duplicate 1');
    const forged = await telling({ 'wrong-digest': 1 });
    expect(forged.exit).toBe(1);
    expect(checksOf(forged.out)['telemetry']).toBe(false);
  });

  it('says which agents wait for people, and takes a missing right for no fault', async () => {
    const version = { digest: 'sha256:b', parts: {}, launchKey: 'k', firstSeenAt: '2026-01-01T00:00:00Z' };
    const one = { ...version, shipped: false, votes: [], changed: ['code'], model: 'none' } as const;
    const looked = await wayleave(['doctor', '--as', 'operator@acme', '--json'], {
      io: io(),
      control: { telemetry: () => Promise.reject(new WayleaveError('DENIED')) },
      identity: {
        agents: async () => [
          { ...one, agent: 'router', status: 'approved', running: true },
          { ...one, agent: 'troubleshooter', status: 'pending', running: true },
          { ...one, agent: 'threat-watcher', status: 'pending', running: false },
        ],
      },
    });
    expect(checksOf(looked.out)).toMatchObject({ 'approved agents': false, telemetry: true });
    expect(looked.out).toContain('troubleshooter: not approved, and may do nothing');
    expect(looked.out).toContain('not looked at: Policy does not permit this.');
  });

  it('warns of SNMP version 2c when it is on, and says nothing of it otherwise', async () => {
    const off = await wayleave(['doctor'], { io: io() });
    expect(off.out).not.toContain('2c');
    const on = await wayleave(['doctor'], { io: io({ WAYLEAVE_ALLOW_SNMP2C: 'yes' }) });
    expect(on.exit).toBe(0);
    expect(on.out).toMatch(/^WARN +SNMP 2c +on: .* forged by anybody .* set allowSnmp2c to no\.$/m);
  });
});
