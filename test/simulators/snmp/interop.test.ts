/** The simulated agent read by managers that nobody here wrote: the npm package net-snmp, and Debian's snmpbulkwalk. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { IF_DESCRIPTION, INTERFACES, SYS_NAME, startAgent, USER } from './lab.ts';

type Callback = (error: Error | null, varbinds: unknown) => void;
/** The few calls of the untyped package that are used here. */
interface NetSnmp {
  readonly Version3: number;
  readonly SecurityLevel: { readonly authPriv: number };
  readonly AuthProtocols: { readonly sha256: number };
  readonly PrivProtocols: { readonly aes: number };
  createV3Session(
    host: string,
    user: object,
    options: object,
  ): {
    get(oids: readonly string[], done: Callback): void;
    set(varbinds: readonly object[], done: Callback): void;
    getBulk(oids: readonly string[], nonRepeaters: number, repetitions: number, done: Callback): void;
    on(event: 'error', listen: () => void): void;
    close(): void;
  };
}
const snmp: NetSnmp = createRequire(import.meta.url)('net-snmp');
const row = z.object({ oid: z.string(), value: z.unknown() });

let agent: Awaited<ReturnType<typeof startAgent>> | undefined;
afterEach(async () => {
  await agent?.close();
  agent = undefined;
});

describe('net-snmp', () => {
  const openSession = (port: number, authKey: string) => {
    const session = snmp.createV3Session(
      '127.0.0.1',
      {
        ...{ name: USER.name, level: snmp.SecurityLevel.authPriv },
        ...{ authProtocol: snmp.AuthProtocols.sha256, authKey },
        ...{ privProtocol: snmp.PrivProtocols.aes, privKey: USER.privPassword },
      },
      { port, version: snmp.Version3, retries: 0, timeout: 5_000 },
    );
    session.on('error', () => undefined);
    return session;
  };
  const settle = (start: (done: Callback) => void): Promise<unknown> =>
    new Promise((resolve, reject) => start((error, varbinds) => (error ? reject(error) : resolve(varbinds))));

  it('reads the agent by GET and GETBULK, and may not SET', async () => {
    agent = await startAgent();
    const session = openSession(agent.port, USER.authPassword);
    try {
      const [name] = z.array(row).parse(await settle((done) => session.get([SYS_NAME], done)));
      expect(String(name?.value)).toBe('br2_edge');
      const [rows] = z
        .array(z.array(row))
        .parse(await settle((done) => session.getBulk([IF_DESCRIPTION], 0, 10, done)));
      expect(rows?.map(({ oid, value }) => [oid, String(value)])).toEqual(
        Array.from({ length: 10 }, (_, i) => [`${IF_DESCRIPTION}.${i + 1}`, `ge0/${i + 1}`]),
      );
      await expect(settle((done) => session.set([{ oid: SYS_NAME, type: 4, value: 'mine' }], done))).rejects.toThrow(
        /NotWritable/,
      );
    } finally {
      session.close();
    }
  });

  it('is told that its password is wrong', async () => {
    agent = await startAgent();
    const session = openSession(agent.port, 'not-the-password');
    try {
      await expect(settle((done) => session.get([SYS_NAME], done))).rejects.toThrow(/digest/i);
    } finally {
      session.close();
    }
  });
});

const PROGRAM = '/usr/bin/snmpbulkwalk';
describe.skipIf(!existsSync(PROGRAM))('snmpbulkwalk (skipped where Debian’s package snmp is not installed)', () => {
  const run = (port: number, authPassword: string, oid: string): Promise<string> =>
    new Promise((resolve) => {
      const user = [
        '-u',
        USER.name,
        '-l',
        'authPriv',
        '-a',
        'SHA-256',
        '-A',
        authPassword,
        '-x',
        'AES',
        '-X',
        USER.privPassword,
      ];
      const how = ['-v3', '-On', '-Oe', '-m', '', '-r', '1', '-t', '5'];
      execFile(PROGRAM, [...how, ...user, `127.0.0.1:${port}`, oid], (_, stdout, stderr) => resolve(stdout + stderr));
    });

  it('walks the agent', async () => {
    agent = await startAgent();
    const lines = (await run(agent.port, USER.authPassword, '1.3.6.1.2.1')).trim().split('\n');
    expect(lines.filter((line) => /^\.1\.3\S* = (?!No more)/.test(line))).toHaveLength(3 + 2 * INTERFACES + 3);
    expect(lines).toContain('.1.3.6.1.2.1.31.1.1.1.6.1 = Counter64: 18446744073709551615');
    expect(lines).toContain(`.${IF_DESCRIPTION}.60 = STRING: "ge0/60"`);
  });

  it('is refused with a wrong password', async () => {
    agent = await startAgent();
    expect(await run(agent.port, 'not-the-password', '1.3.6.1.2.1')).toMatch(/Authentication failure/);
  });
});
