/** Traps and informs of simulated devices, received and decoded by snmptrapd (Debian), which nobody here wrote. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { systemTimers } from '../../protocols/netconf/timers.ts';
import { sendInform } from '../../simulators/protocols/traps/send-inform.ts';
import { EDGE_ENGINE, EVENT, openSender, salt, trapOf, USER, varbindsOf } from '../broker/telemetry/lab.ts';

const PROGRAM = '/usr/sbin/snmptrapd';
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', () => resolve()));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

/** Starts the receiver; `line` resolves with the first line of its output that has the pattern. */
async function startReceiver() {
  const folder = mkdtempSync(path.join(tmpdir(), 'wayleave-snmptrapd-'));
  const config = path.join(folder, 'snmptrapd.conf');
  const secrets = `SHA-256 "${USER.authPassword}" AES "${USER.privPassword}"`;
  // The first user is the device's at its own engine (traps), the second the receiver's own (informs).
  writeFileSync(
    config,
    [
      `createUser -e 0x${EDGE_ENGINE.toString('hex')} ${USER.name} ${secrets}`,
      `createUser ${USER.name} ${secrets}`,
      `authUser log ${USER.name} priv`,
    ].join('\n'),
  );
  const port = await freePort();
  const child: ChildProcess = spawn(
    PROGRAM,
    ['-f', '-C', '-c', config, '-Lo', '-On', '-m', '', '-F', '%W|%v\\n', `udp:127.0.0.1:${port}`],
    { env: { SNMP_PERSISTENT_DIR: folder }, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const ended = new Promise((resolve) => child.once('close', resolve));
  closers.push(async () => {
    child.kill();
    await ended;
    rmSync(folder, { recursive: true });
  });
  const lines: string[] = [];
  let wake: () => void = () => undefined;
  if (child.stdout !== null)
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      wake();
    });
  const line = async (pattern: RegExp): Promise<string> => {
    for (;;) {
      const found = lines.find((one) => pattern.test(one));
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  await line(/NET-SNMP version/);
  return { port, line };
}

describe.skipIf(!existsSync(PROGRAM))('snmptrapd (skipped where Debian’s package snmptrapd is not installed)', () => {
  const told = [
    '.1.3.6.1.2.1.1.3.0 = Timeticks: (1234) 0:00:12.34',
    '.1.3.6.1.6.3.1.1.4.1.0 = OID: .1.3.6.1.6.3.1.1.5.3',
    '.1.3.6.1.2.1.2.2.1.1.3 = INTEGER: 3',
    '.1.3.6.1.2.1.2.2.1.8.3 = INTEGER: 2',
    '"interface/br1_edge/ge0/0"',
  ];

  it('decodes a trap of linkDown with the varbinds of IF-MIB and ours', async () => {
    const { port, line } = await startReceiver();
    const sender = await openSender('127.0.0.1');
    closers.push(() => sender.close());
    await sender.send(trapOf(EVENT), { host: '127.0.0.1', port });
    const text = await line(/5\.3/);
    for (const part of told) expect(text).toContain(part);
  });

  it('acknowledges an inform', async () => {
    const { port, line } = await startReceiver();
    const acknowledged = await sendInform(
      varbindsOf(EVENT),
      { host: '127.0.0.1', port },
      {
        ...{ host: '127.0.0.1', engineId: EDGE_ENGINE, user: USER, timers: systemTimers },
        ...{ now: () => performance.now(), random: randomBytes, salt, waitMs: 2_000, tries: 3 },
      },
    );
    expect(acknowledged).toBe(true);
    expect(await line(/5\.3/)).toContain('"interface/br1_edge/ge0/0"');
  });
});
