/**
 * The drivers against devices that nobody here wrote: Debian's netconfd behind OpenSSH's sshd, and snmpd. A commit is
 * judged by what the device then holds: netconfd forgets to roll back while the candidate is locked. Over 300 lines because a
 * device that takes seconds to start is started once for all that is asked of it.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Operation } from '../../broker/contract.ts';
import { type DeviceEndpoint, DriverError, type WriteSession } from '../../broker/drivers/driver.ts';
import { createNetconfDriver } from '../../broker/drivers/netconf/driver.ts';
import { createSnmpDriver } from '../../broker/drivers/snmp/driver.ts';
import { learnQuirks } from '../../broker/execution/learn-quirks.ts';
import { readRunning } from '../../broker/execution/running.ts';
import { runTransaction } from '../../broker/execution/transaction.ts';
import { createMemoryJournal } from '../../broker/stores/memory-journal.ts';
import { generateSshKeyPair } from '../../protocols/netconf/ssh-key.ts';
import { systemTimers } from '../../protocols/netconf/timers.ts';
import { renderXml, type XmlNode } from '../../protocols/netconf/xml.ts';

const NETCONFD = ['/usr/sbin/netconfd', '/usr/sbin/netconf-subsystem', '/usr/sbin/sshd'];
const SNMPD = ['/usr/sbin/snmpd'];
const lacking = (programs: readonly string[]): string =>
  programs
    .filter((each) => !existsSync(each))
    .map((each) => `${each} is not installed`)
    .join(', ');
const titled = (title: string, programs: readonly string[]): string =>
  lacking(programs) === '' ? title : `${title} (skipped: ${lacking(programs)})`;

const folder = mkdtempSync(path.join(tmpdir(), 'drivers-'));
const children: ChildProcess[] = [];
afterAll(async () => {
  await Promise.all(
    children.map(
      (child) =>
        new Promise((resolve) => {
          if (child.exitCode !== null) return resolve(undefined);
          child.on('exit', resolve);
          child.kill('SIGKILL');
        }),
    ),
  );
  rmSync(folder, { recursive: true });
});
const start = (program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): void => {
  children.push(spawn(program, args, { stdio: 'ignore', env: { ...process.env, ...env } }));
};

/** Tries until it works; how long that may take is the limit of the test. */
async function until<T>(work: () => Promise<T | undefined>, everyMs = 50): Promise<T> {
  for (;;) {
    const found = await work().catch((error: unknown) => {
      if (error instanceof DriverError && error.code !== 'RPC_ERROR') return undefined;
      throw error;
    });
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

const IF_NS = 'urn:ietf:params:xml:ns:yang:ietf-interfaces';
const port = (name: string, operation = ''): string =>
  `<interfaces xmlns="${IF_NS}"><interface xmlns:nc="urn:ietf:params:xml:ns:netconf:base:1.0"${operation}><name>${name}</name>${
    operation === ''
      ? '<type xmlns:ianaift="urn:ietf:params:xml:ns:yang:iana-if-type">ianaift:ethernetCsmacd</type>'
      : ''
  }</interface></interfaces>`;

describe.skipIf(lacking(NETCONFD) !== '')(titled('netconfd behind sshd', NETCONFD), () => {
  const driver = createNetconfDriver();
  let endpoint: DeviceEndpoint & { readonly netconf: NonNullable<DeviceEndpoint['netconf']> };
  const read: Operation = {
    protocol: 'netconf',
    kind: 'get-config',
    device: 'real',
    source: 'running',
    filter: `<interfaces xmlns="${IF_NS}"/>`,
  };
  const running = async (): Promise<string> => JSON.stringify(await driver.run(endpoint, read));

  beforeAll(async () => {
    const host = generateSshKeyPair();
    const user = generateSshKeyPair();
    const at = (name: string): string => path.join(folder, name);
    writeFileSync(at('host'), host.privateKey, { mode: 0o600 });
    writeFileSync(at('authorized'), `${user.publicKey}\n`);
    if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true });
    const free = createServer();
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
    const { port: sshPort } = free.address() as { port: number };
    await new Promise((resolve) => free.close(resolve));
    const name = userInfo().username;
    writeFileSync(
      at('sshd_config'),
      [
        `Port ${sshPort}`,
        'ListenAddress 127.0.0.1',
        `HostKey ${at('host')}`,
        'PidFile none',
        `AuthorizedKeysFile ${at('authorized')}`,
        'StrictModes no',
        'PasswordAuthentication no',
        'UsePAM no',
        `Subsystem netconf "/usr/sbin/netconf-subsystem --ncxserver-sockname=${sshPort}@${at('ncx.sock')}"`,
      ].join('\n'),
    );
    start('/usr/sbin/netconfd', [
      ...['iana-if-type', 'ietf-interfaces', 'ietf-ip'].map((module) => `--module=${module}`),
      ...['--target=candidate', '--no-startup', `--superuser=${name}`, `--port=${sshPort}`],
      ...[`--ncxserver-sockname=${at('ncx.sock')}`, `--log=${at('netconfd.log')}`],
    ]);
    start('/usr/sbin/sshd', ['-D', '-f', at('sshd_config')]);
    endpoint = {
      ...{ tenant: 'acme', device: 'real' },
      netconf: { host: '127.0.0.1', port: sshPort, hostKey: host.fingerprint, user: name, privateKey: user.privateKey },
    };
    await until(running).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${readFileSync(at('netconfd.log'), 'utf8')}`);
    });
  }, 20_000);
  afterAll(() => driver.close());

  async function withSession<T>(work: (session: WriteSession) => Promise<T>): Promise<T> {
    const session = await driver.openWriteSession(endpoint);
    try {
      return await work(session);
    } finally {
      await session.close();
    }
  }

  it('changes it for good, seen from a second session', async () => {
    await withSession(async (session) => {
      await session.lockCandidate();
      await session.editCandidate(port('kept'));
      expect(await session.getConfig('candidate', '')).toContain('kept');
      await session.commitConfirmed({ timeoutSeconds: 60, persistId: 'chg1' });
      await session.confirmCommit('chg1');
      await session.unlockCandidate();
    });
    expect(await running()).toContain('kept');
  });

  // It forgets the candidate when it validates it, says ok to the commit, and does nothing: reading back is what finds it.
  it.each([
    ['validated first', {}, 'reverted'],
    ['validated by the commit', { leavesValidationToCommit: true }, 'succeeded'],
  ] as const)('holds after a transaction, %s, what is said of it', async (_name, quirk, outcome) => {
    const { before, expected } = await withSession(async (session) => {
      await session.lockCandidate();
      const running = await readRunning(session, 'running');
      await session.editCandidate(port('transacted'));
      const candidate = await readRunning(session, 'candidate');
      await session.discardChanges();
      return { before: running, expected: candidate };
    });
    const waits: number[] = [];
    const result = await runTransaction(
      {
        devices: { read: () => Promise.reject(new Error('not used')), write: () => driver.openWriteSession(endpoint) },
        journal: createMemoryJournal(),
        clock: { now: () => 0 },
        wait: async (ms) => void waits.push(ms),
        running: readRunning,
        announce: () => undefined,
      },
      {
        record: {
          ...{ intent: 'int_1', tenant: 'acme', device: 'real', persistId: 'chg9', state: 'open', steps: [] },
          ...{ edit: port('transacted'), inverse: port('transacted', ' nc:operation="delete"') },
          ...{ before, beforeHash: '', expected },
        },
        ...quirk,
        confirmSeconds: 60,
        verify: async () => ({ ok: true, detail: 'fine' }),
      },
    );
    expect({ outcome: result.outcome, waits }, result.detail).toEqual({
      outcome,
      // It says operation-failed where RFC 6241 §8.4.1 has invalid-value, and is asked until it has said so three times.
      waits: outcome === 'succeeded' ? [500, 500] : [],
    });
    expect((await running()).includes('transacted')).toBe(outcome === 'succeeded');
  });

  it('takes a change back that is cancelled from another session', async () => {
    await withSession(async (session) => {
      await session.editCandidate(port('cancelled'));
      await session.commitConfirmed({ timeoutSeconds: 60, persistId: 'chg2' });
    });
    expect(await running()).toContain('cancelled');
    await withSession((session) => session.cancelCommit('chg2'));
    expect(await running()).not.toContain('cancelled');
  });

  it('takes a change back that nobody confirms', async () => {
    await withSession(async (session) => {
      await session.editCandidate(port('lapsed'));
      await session.commitConfirmed({ timeoutSeconds: 1, persistId: 'chg3' });
    });
    expect(await running()).toContain('lapsed');
    // netconfd looks at its timers only after a second in which nobody asked anything.
    await until(async () => ((await running()).includes('lapsed') ? undefined : true), 4_000);
  }, 90_000);

  it('tells of a change, and tells it again to who missed it', async () => {
    const heard: string[] = [];
    const hear = ({ content }: { readonly content: XmlNode }): void => void heard.push(renderXml(content));
    const since = Date.now() - 3_600_000;
    const live = await driver.subscribe(endpoint, undefined, hear);
    await withSession(async (session) => {
      await session.editCandidate(port('told'));
      await session.commitConfirmed({ timeoutSeconds: 60, persistId: 'chg5' });
      await session.confirmCommit('chg5');
    });
    const isTold = () => (heard.some((one) => one.includes('netconf-config-change')) ? true : undefined);
    await until(async () => isTold());
    live.close();
    heard.length = 0;
    const replayed = await driver.subscribe(endpoint, since, hear);
    expect(replayed.replays).toBe(true);
    await until(async () => isTold());
    replayed.close();
  }, 30_000);

  it('is certified with the quirk that it has', async () => {
    const { before, expected } = await withSession(async (session) => {
      await session.lockCandidate();
      const running = await readRunning(session, 'running');
      await session.editCandidate(port('trial'));
      const candidate = await readRunning(session, 'candidate');
      await session.discardChanges();
      return { before: running, expected: candidate };
    });
    const learnt = await learnQuirks(
      {
        open: () => driver.openWriteSession(endpoint, undefined, 'running'),
        running: readRunning,
        wait: async (ms) => void (await new Promise((resolve) => setTimeout(resolve, ms))),
      },
      { edit: port('trial'), inverse: port('trial', ' nc:operation="delete"'), before, expected, persistId: 'chg6' },
    );
    expect(learnt).toMatchObject({
      ladder: 'confirmed',
      quirks: {
        ...{ candidate: true, confirmedCommit: true, locks: true, keepsValidatedCandidate: false },
        ...{ revertsOnCancel: true, revertsOnTimeout: true, revertsOnSessionLoss: true },
      },
    });
    expect(await running()).not.toContain('trial');
  }, 120_000);

  it('refuses to confirm or renew what is not under way, and a wrong host key', async () => {
    await withSession(async (session) => {
      await expect(session.confirmCommit('never')).rejects.toMatchObject({
        code: 'RPC_ERROR',
        tag: 'operation-failed',
      });
      await expect(session.cancelCommit('never')).rejects.toMatchObject({ code: 'RPC_ERROR' });
    });
    const wrong = { ...endpoint, netconf: { ...endpoint.netconf, hostKey: generateSshKeyPair().fingerprint } };
    await expect(driver.run(wrong, read)).rejects.toMatchObject({ code: 'HOST_KEY' });
  });
});

describe.skipIf(lacking(SNMPD) !== '')(titled('snmpd', SNMPD), () => {
  const driver = createSnmpDriver({ timers: systemTimers, now: () => performance.now(), random: randomBytes });
  let endpoint: DeviceEndpoint & { readonly snmp: NonNullable<DeviceEndpoint['snmp']> };

  beforeAll(async () => {
    const free = createSocket('udp4');
    await new Promise<void>((resolve) => free.bind(0, '127.0.0.1', resolve));
    const snmpPort = free.address().port;
    await new Promise<void>((resolve) => free.close(resolve));
    const user = { user: 'reader', authPassword: 'authentic-pass', privPassword: 'private-pass' };
    writeFileSync(
      path.join(folder, 'snmpd.conf'),
      [
        `agentaddress udp:127.0.0.1:${snmpPort}`,
        `createUser ${user.user} SHA-256 ${user.authPassword} AES ${user.privPassword}`,
        `rouser ${user.user} authPriv`,
        'sysName real-snmpd',
        '',
      ].join('\n'),
    );
    start('/usr/sbin/snmpd', ['-f', '-C', '-c', path.join(folder, 'snmpd.conf'), '-Lf', '/dev/null'], {
      SNMP_PERSISTENT_DIR: path.join(folder, 'snmp'),
    });
    endpoint = { tenant: 'acme', device: 'real', snmp: { host: '127.0.0.1', port: snmpPort, ...user } };
    await until(() => driver.run(endpoint, get));
  }, 20_000);
  afterAll(() => driver.close());
  const get: Operation = { protocol: 'snmp', kind: 'get', device: 'real', oids: ['1.3.6.1.2.1.1.5.0'] };

  it('gets and walks it under authPriv', async () => {
    expect(await driver.run(endpoint, get)).toMatchObject({ varbinds: [{ type: 'string', value: 'real-snmpd' }] });
    const walk: Operation = { protocol: 'snmp', kind: 'walk', device: 'real', columns: ['1.3.6.1.2.1.2.2.1.2'] };
    const walked = spawnSync('ls', ['/sys/class/net'], { encoding: 'utf8' }).stdout.trim().split(/\s+/).sort();
    const body = await driver.run(endpoint, walk);
    expect(body.protocol === 'snmp' && body.varbinds.map(({ value }) => value).sort()).toEqual(walked);
  });

  it('is refused with a wrong pass phrase', async () => {
    const wrong = { ...endpoint, snmp: { ...endpoint.snmp, authPassword: 'not-the-password' } };
    await expect(driver.run(wrong, get)).rejects.toMatchObject({ code: 'AUTHENTICATION' });
  });
});
