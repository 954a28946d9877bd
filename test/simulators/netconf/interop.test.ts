/** The simulated server against clients that nobody here wrote: OpenSSH, and ncclient where it is installed. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createUnframer, frameMessage } from '../../../protocols/netconf/framing.ts';
import { buildHello, CAPABILITIES, parseHello, parseReply } from '../../../protocols/netconf/messages.ts';
import { parseXml, renderXml } from '../../../protocols/netconf/xml.ts';
import { boxOf, HOST_KEY, itemB, NS, START, startDevice, type TestDevice } from './device.ts';

let device: TestDevice;
let folder: string;
let keyFile: string;

beforeEach(async () => {
  device = await startDevice();
  folder = mkdtempSync(join(tmpdir(), 'netconf-'));
  keyFile = join(folder, 'key');
  writeFileSync(keyFile, device.endpoint().netconf.privateKey, { mode: 0o600 });
});
afterEach(async () => {
  await device.close();
  rmSync(folder, { recursive: true });
});

/** Runs a program to its end, with `input` on its standard input, while the server goes on. */
function run(
  command: string,
  args: readonly string[],
  input: Buffer,
): Promise<{ readonly out: Buffer; readonly err: string }> {
  return new Promise((resolve, reject) => {
    const program = spawn(command, args, { stdio: 'pipe' });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    program.on('error', reject);
    program.stdin.on('error', () => undefined); // the program may be gone first
    program.stdout.on('data', (bytes: Buffer) => out.push(bytes));
    program.stderr.on('data', (bytes: Buffer) => err.push(bytes));
    program.on('close', () => resolve({ out: Buffer.concat(out), err: Buffer.concat(err).toString() }));
    program.stdin.end(input);
  });
}

describe('interoperation', () => {
  it('serves the subsystem to OpenSSH', async (context) => {
    if (spawnSync('ssh', ['-V']).status !== 0) context.skip('OpenSSH is not installed');
    const { host, port } = device.endpoint().netconf;
    writeFileSync(join(folder, 'known_hosts'), `[${host}]:${port} ${HOST_KEY.publicKey}\n`);
    const rpc = (id: number, operation: string): Buffer =>
      frameMessage(
        `<rpc xmlns="urn:ietf:params:xml:ns:netconf:base:1.0" message-id="${id}">${operation}</rpc>`,
        'chunked',
      );
    const input = Buffer.concat([
      frameMessage(renderXml(buildHello({ capabilities: [CAPABILITIES.base11] })), 'end-of-message'),
      rpc(1, '<get-config><source><running/></source></get-config>'),
      rpc(2, '<close-session/>'),
    ]);
    const options = [
      '-F',
      'none',
      '-i',
      keyFile,
      '-o',
      'IdentitiesOnly=yes',
      '-o',
      'BatchMode=yes',
      '-o',
      'StrictHostKeyChecking=yes',
    ];
    const files = ['-o', `UserKnownHostsFile=${join(folder, 'known_hosts')}`, '-o', 'GlobalKnownHostsFile=/dev/null'];
    const { out, err } = await run(
      'ssh',
      [...options, ...files, '-p', String(port), '-s', `admin@${host}`, 'netconf'],
      input,
    );
    const messages: string[] = [];
    const unframer = createUnframer({
      maxBytes: 1_000_000,
      onMessage(message) {
        if (messages.push(message) === 1) unframer.useChunks();
      },
    });
    unframer.push(out);
    const [hello, config, goodbye] = messages.map((message) => parseXml(message));
    if (hello === undefined || config === undefined || goodbye === undefined)
      throw new Error(`three messages are due: ${err}`);
    expect(parseHello(hello).sessionId).toBe(1);
    const { data } = parseReply(config);
    expect(data === undefined ? undefined : boxOf(data)).toBe(START);
    expect(parseReply(goodbye)).toMatchObject({ messageId: '2', ok: true });
  });

  it('takes a confirmed commit from ncclient', async (context) => {
    if (spawnSync('/usr/bin/python3', ['-c', 'import ncclient']).status !== 0)
      context.skip('ncclient is not installed');
    const { host, port } = device.endpoint().netconf;
    const script = `
from ncclient import manager
with manager.connect(host='${host}', port=${port}, username='admin', key_filename='${keyFile}', hostkey_verify=False,
                     allow_agent=False, look_for_keys=False) as m:
    with m.locked('candidate'):
        m.edit_config(target='candidate', config='''<config xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><box xmlns="${NS}">${itemB}</box></config>''')
        m.validate('candidate')
        m.commit(confirmed=True, timeout='60', persist='p1')
        m.commit(persist_id='p1')
    print(m.get_config(source='running').data_xml)
`;
    const { out, err } = await run('/usr/bin/python3', ['-c', script], Buffer.alloc(0));
    expect(err).toBe('');
    expect(out.toString()).toContain('<name>b</name>');
    device.timers.advance(1_000_000);
    expect(device.running()).toBe(START + itemB);
  });
});
