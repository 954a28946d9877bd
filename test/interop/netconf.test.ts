/** The NETCONF server and clients that nobody here wrote: Debian's ncclient and yangcli. OpenSSH is beside the server's own tests. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DEVICE, isInstalled, runProgram, type StrangersDevice, startStrangersDevice } from './netconf-device.ts';

const hasNcclient = isInstalled('/usr/bin/python3', '-c', 'import ncclient');
const hasYangcli = isInstalled('sh', '-c', 'command -v yangcli');

let device: StrangersDevice;
beforeEach(async () => {
  device = await startStrangersDevice();
});
afterEach(() => device.close());

const describePort = (text: string): string =>
  `<config xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><interfaces xmlns="urn:ietf:params:xml:ns:yang:ietf-interfaces"><interface><name>ge0/0</name><description>${text}</description></interface></interfaces></config>`;
const descriptionNow = (): string | undefined =>
  device.network.config(DEVICE).interfaces.find(({ name }) => name === 'ge0/0')?.description;

/** Runs Python with a session `m` of the user; what it printed. */
async function runNcclient(user: 'operator' | 'monitor', lines: readonly string[]): Promise<readonly string[]> {
  const { out, err } = await runProgram('/usr/bin/python3', [
    '-c',
    [
      'from ncclient import manager',
      'from ncclient.operations import RPCError',
      `with manager.connect(host='${device.server.address}', port=${device.server.port}, username='${user}', key_filename='${device.keyFiles[user]}', hostkey_verify=False, allow_agent=False, look_for_keys=False) as m:`,
      ...lines.map((line) => `    ${line}`),
    ].join('\n'),
  ]);
  expect(err).toBe('');
  return out.trim().split('\n');
}

it.skipIf(!hasNcclient)('takes hello, schema and edits from ncclient (skipped without python3-ncclient)', async () => {
  const before = descriptionNow();
  const printed = await runNcclient('operator', [
    "print(any('yang-library:1.1' in c for c in m.server_capabilities))",
    "print('module wayleave-sdwan {' in m.get_schema('wayleave-sdwan').data)",
    "with m.locked('candidate'):",
    `    m.edit_config(target='candidate', config='''${describePort('by ncclient')}''', error_option='rollback-on-error')`,
    "    m.validate('candidate')",
    "    m.commit(confirmed=True, timeout='60')",
    "    print('by ncclient' in m.get_config('running').data_xml)",
    '    m.cancel_commit()',
    "    print('by ncclient' in m.get_config('running').data_xml)",
    `    m.edit_config(target='candidate', config='''${describePort('again')}''')`,
    "    m.commit(confirmed=True, timeout='60', persist='p1')",
    "    m.commit(persist_id='p1')",
  ]);
  expect(printed).toEqual(['True', 'True', 'True', 'False']);
  expect(before).not.toBe('again');
  device.timers.advance(120_000);
  expect(descriptionNow()).toBe('again');
});

it.skipIf(!hasNcclient)('notifies ncclient of its own changes (skipped without python3-ncclient)', async () => {
  const printed = await runNcclient('operator', [
    'm.create_subscription()',
    `m.edit_config(target='candidate', config='''${describePort('noticed')}''')`,
    'm.commit()',
    'seen = [m.take_notification(timeout=20).notification_xml for _ in range(2)]',
    "print(any('<device-event' in n and 'urn:wayleave:sdwan' in n for n in seen))",
    "print(any('<netconf-config-change' in n and '<username>operator</username>' in n for n in seen))",
  ]);
  expect(printed).toEqual(['True', 'True']);
});

it.skipIf(!hasNcclient)('lets a monitor read and not write (skipped without python3-ncclient)', async () => {
  const printed = await runNcclient('monitor', [
    "print('br1_edge' in m.get_config('running').data_xml)",
    'try:',
    `    m.edit_config(target='candidate', config='''${describePort('no')}''')`,
    'except RPCError as error:',
    '    print(error.tag, error.type, error.severity)',
  ]);
  expect(printed).toEqual(['True', 'access-denied protocol error']);
});

it.skipIf(!hasYangcli)('answers yangcli (skipped without yangcli)', async () => {
  const { out, err } = await runProgram('yangcli', [
    `--server=${device.server.address}`,
    `--ncport=${device.server.port}`,
    '--user=operator',
    `--private-key=${device.keyFiles.operator}`,
    `--public-key=${device.keyFiles.operator}.pub`,
    '--batch-mode',
    '--autoload=false',
    '--run-command=get-config source=running',
  ]);
  expect(out + err).toContain('br1_edge');
});
