/** `wayleave doctor` about what devices tell and how they are read. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

  it('warns of SNMP version 2c when it is on, and says nothing of it otherwise', async () => {
    const off = await wayleave(['doctor'], { io: io() });
    expect(off.out).not.toContain('2c');
    const on = await wayleave(['doctor'], { io: io({ WAYLEAVE_ALLOW_SNMP2C: 'yes' }) });
    expect(on.exit).toBe(0);
    expect(on.out).toMatch(/^WARN +SNMP 2c +on: .* forged by anybody .* set allowSnmp2c to no\.$/m);
  });
});
