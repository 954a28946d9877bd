/** What the agent lets whom see, and how it can be trouble. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { restrictMib, SYSTEM_AND_INTERFACES, wholeMib } from '../../../protocols/snmp/access.ts';
import { createMibTable } from '../../../protocols/snmp/mib.ts';
import { parseOid } from '../../../protocols/snmp/oid.ts';
import { ERROR_STATUS, type Pdu } from '../../../protocols/snmp/pdu.ts';
import { answerPdu } from '../../../simulators/protocols/snmp/answer-pdu.ts';
import { createEngineClock } from '../../../simulators/protocols/snmp/engine-clock.ts';
import { resetCounters } from '../../../simulators/protocols/snmp/reset-counters.ts';
import { createDriver, endpointOf, INTERFACES, ROWS, SYS_NAME, startAgent, USER } from './lab.ts';

const oid = (text: string): readonly number[] => parseOid(text) ?? [];
const ADDRESS = '1.3.6.1.2.1.4.20.1.1.10.0.0.1';
const ask = (kind: Pdu['kind'], ...names: readonly string[]): Pdu => ({
  ...{ kind, requestId: 1, status: 0, index: 10 },
  varbinds: names.map((name) => ({ oid: oid(name), value: { type: 'null' } })),
});

let agent: Awaited<ReturnType<typeof startAgent>> | undefined;
afterEach(async () => {
  await agent?.close();
  agent = undefined;
});

describe('a view of system and interfaces', () => {
  const part = restrictMib(createMibTable(ROWS), SYSTEM_AND_INTERFACES);
  const whole = wholeMib(createMibTable(ROWS));

  it('hides everything else from GET, GETNEXT and GETBULK', () => {
    expect(answerPdu(part, ask('get', ADDRESS), 1_472)?.varbinds[0]?.value).toEqual({ type: 'noSuchObject' });
    expect(answerPdu(whole, ask('get', ADDRESS), 1_472)?.varbinds[0]?.value).toEqual({ type: 'ip', value: '10.0.0.1' });
    expect(answerPdu(part, ask('get', `${SYS_NAME}.1`), 1_472)?.varbinds[0]?.value).toEqual({ type: 'noSuchInstance' });
    // After the last row of ifTable comes ifXTable, not the address table between them.
    const last = `1.3.6.1.2.1.2.2.1.8.${INTERFACES}`;
    expect(answerPdu(part, ask('get-next', last), 1_472)?.varbinds[0]?.oid).toEqual(oid('1.3.6.1.2.1.31.1.1.1.6.1'));
    expect(answerPdu(whole, ask('get-next', last), 1_472)?.varbinds[0]?.oid).toEqual(oid(ADDRESS));
    const bulk = answerPdu(part, ask('get-bulk', last), 1_472)?.varbinds ?? [];
    expect(bulk.map(({ value }) => value.type)).toEqual(['counter64', 'string', 'endOfMibView']);
  });

  it('answers a SET of what is hidden with noAccess, of the rest with notWritable', () => {
    const status = (pdu: Pdu | undefined) => [ERROR_STATUS[pdu?.status ?? 0], pdu?.index];
    expect(status(answerPdu(part, ask('set', SYS_NAME, ADDRESS), 1_472))).toEqual(['noAccess', 2]);
    expect(status(answerPdu(part, ask('set', SYS_NAME), 1_472))).toEqual(['notWritable', 1]);
  });

  it('says tooBig when a GET does not fit what the asker takes, and cuts a GETBULK', () => {
    const many = Array.from({ length: 40 }, () => SYS_NAME);
    const pdu = answerPdu(whole, ask('get', ...many), 484);
    expect([ERROR_STATUS[pdu?.status ?? 0], pdu?.varbinds]).toEqual(['tooBig', []]);
    const cut = answerPdu(whole, ask('get-bulk', ...many), 484)?.varbinds ?? [];
    expect(cut.length).toBeGreaterThan(0);
    expect(cut.length).toBeLessThan(many.length);
  });
});

describe('personas', () => {
  const read = async (port: number) => {
    const driver = createDriver();
    try {
      const operation = { protocol: 'snmp', kind: 'get', device: 'br2_edge', oids: [SYS_NAME] } as const;
      const body = await driver.run(endpointOf(port), operation);
      return body.protocol === 'snmp' ? body.varbinds[0]?.value : undefined;
    } finally {
      await driver.close();
    }
  };

  it('engine-boots-change is followed, wrong-clock is never believed, and both end', async () => {
    agent = await startAgent();
    expect(await read(agent.port)).toBe('br2_edge');
    agent.setPersona('engine-boots-change');
    expect(await read(agent.port)).toBe('br2_edge');
    agent.setPersona('wrong-clock');
    await expect(read(agent.port)).rejects.toMatchObject({ code: 'PROTOCOL' });
    agent.setPersona(undefined);
    expect(await read(agent.port)).toBe('br2_edge');
  });

  it('counter-reset counts on from zero, and wraps as before', () => {
    const counters = { value: 4_294_967_290 };
    const name = oid('1.3.6.1.2.1.2.2.1.10.1');
    const mib = {
      get: () => ({ type: 'counter32' as const, value: counters.value }),
      next: (after: readonly number[]) =>
        after.length < name.length
          ? { oid: name, value: { type: 'counter32' as const, value: counters.value } }
          : undefined,
    };
    const reset = resetCounters(mib);
    expect(reset.get(name)).toEqual({ type: 'counter32', value: 0 });
    counters.value = 4;
    expect(reset.get(name)).toEqual({ type: 'counter32', value: 10 });
  });

  it('a device that started anew has booted once more; one that is off has not', () => {
    let [booted, now]: [number | undefined, number] = [1_000, 0];
    const clock = createEngineClock(
      () => booted,
      () => now,
    );
    now = 60_000;
    expect([clock.boots(), clock.time()]).toEqual([1, 60]);
    booted = undefined;
    now = 90_000;
    expect([clock.boots(), clock.time()]).toEqual([1, 90]);
    booted = 80_000;
    expect([clock.boots(), clock.time()]).toEqual([2, 0]);
  });
});

const PROGRAM = '/usr/bin/snmpbulkwalk';
describe.skipIf(!existsSync(PROGRAM))(
  'snmpbulkwalk by version 2c (skipped where Debian’s snmp is not installed)',
  () => {
    const walk = (port: number, community: string): Promise<string> =>
      new Promise((resolve) => {
        const how = ['-v2c', '-c', community, '-On', '-m', '', '-r', '0', '-t', '1'];
        execFile(PROGRAM, [...how, `127.0.0.1:${port}`, '1.3.6.1.2.1'], (_, out, error) => resolve(out + error));
      });

    it('is not answered unless the agent has a community, and sees its view only', async () => {
      agent = await startAgent();
      expect(await walk(agent.port, 'public')).toMatch(/Timeout/);
      await agent.close();
      agent = await startAgent({ community: { name: 'public', view: SYSTEM_AND_INTERFACES }, users: [USER] });
      const text = await walk(agent.port, 'public');
      expect(text).toContain(`.${SYS_NAME} = STRING: "br2_edge"`);
      expect(text).not.toContain(ADDRESS);
      expect(await walk(agent.port, 'private')).toMatch(/Timeout/);
    });
  },
);
