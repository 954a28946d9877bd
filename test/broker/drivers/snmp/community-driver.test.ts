/** Reading by version 2c: what can be refused without any protection is refused, and nobody gets there by accident. */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { afterEach, describe, expect, it } from 'vitest';
import type { Operation } from '../../../../broker/contract.ts';
import { chooseSnmpDriver } from '../../../../broker/drivers/snmp/choose-driver.ts';
import { createCommunityDriver } from '../../../../broker/drivers/snmp/community-driver.ts';
import { systemTimers } from '../../../../protocols/netconf/timers.ts';
import { decodeCommunityMessage, encodeCommunityMessage } from '../../../../protocols/snmp/community.ts';
import type { Pdu } from '../../../../protocols/snmp/pdu.ts';
import { failureOf } from '../../../conformance/driver.ts';
import {
  COMMUNITY,
  communityEndpointOf,
  createDriver,
  createEndlessView,
  endpointOf,
  IF_STATUS,
  INTERFACES,
  type Lie,
  SYS_NAME,
  startAgent,
  startRelay,
} from '../../../simulators/snmp/lab.ts';

const open: { close(): unknown }[] = [];
const keep = <T extends { close(): unknown }>(thing: T): T => {
  open.push(thing);
  return thing;
};
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});
const create = (more: Partial<Parameters<typeof createCommunityDriver>[0]> = {}) =>
  keep(createCommunityDriver({ timers: systemTimers, random: randomBytes, waitMs: 100, ...more }));
const GET: Operation = { protocol: 'snmp', kind: 'get', device: 'br2_edge', oids: [SYS_NAME] };
const walk = (column: string): Operation => ({ protocol: 'snmp', kind: 'walk', device: 'br2_edge', columns: [column] });
const TRUE_NAME = { varbinds: [{ oid: SYS_NAME, type: 'string', value: 'br2_edge' }] };
const name = SYS_NAME.split('.').map(Number);
const FORGED = { varbinds: [{ oid: name, value: { type: 'string', value: 'forged' } as const }] };

const alter = (answer: Buffer, pdu: Partial<Pdu>, community?: string): Buffer => {
  const honest = decodeCommunityMessage(answer);
  return encodeCommunityMessage({ community: community ?? honest.community, pdu: { ...honest.pdu, ...pdu } });
};

describe('the driver for version 2c', () => {
  it('walks row by row, and ends a walk that repeats itself', async () => {
    const agent = keep(await startAgent({ community: COMMUNITY }));
    const reply = await create().run(communityEndpointOf(agent.port), walk(IF_STATUS));
    expect(reply.protocol === 'snmp' && reply.varbinds).toHaveLength(INTERFACES);
    const same = keep(await startAgent({ community: COMMUNITY, mib: createEndlessView(() => [1, 3, 6, 1, 2, 1, 9]) }));
    const error = await failureOf(create().run(communityEndpointOf(same.port), walk('1.3.6.1.2.1')));
    expect(error).toMatchObject({ code: 'PROTOCOL', message: 'names that do not grow' });
  });

  const strangers: readonly (readonly [guard: string, lie: (answer: Buffer) => Lie])[] = [
    ['another port', (answer) => ({ bytes: alter(answer, FORGED), stranger: 'port' })],
    ['another address', (answer) => ({ bytes: alter(answer, FORGED), stranger: 'address' })],
    ['another community', (answer) => ({ bytes: alter(answer, FORGED, 'public') })],
    ['another request', (answer) => ({ bytes: alter(answer, { ...FORGED, requestId: 7 }) })],
    ['no response', (answer) => ({ bytes: alter(answer, { ...FORGED, kind: 'get' }) })],
    ['the middle of a message', (answer) => ({ bytes: answer.subarray(0, answer.length - 3) })],
  ];
  it.each(strangers)('believes nothing of %s', async (_, lie) => {
    const agent = keep(await startAgent({ community: COMMUNITY }));
    const relay = keep(await startRelay(agent.port, (bytes) => [lie(bytes), { bytes }]));
    const alone = keep(await startRelay(agent.port, (bytes) => [lie(bytes)]));
    expect(await create().run(communityEndpointOf(relay.port), GET)).toMatchObject(TRUE_NAME);
    expect((await failureOf(create().run(communityEndpointOf(alone.port), GET))).code).toBe('TIMEOUT');
  });

  it('refuses an answer for another name', async () => {
    const agent = keep(await startAgent({ community: COMMUNITY }));
    const other = { varbinds: [{ oid: [...name, 1], value: { type: 'string', value: 'forged' } as const }] };
    const relay = keep(await startRelay(agent.port, (bytes) => [{ bytes: alter(bytes, other) }]));
    expect((await failureOf(create().run(communityEndpointOf(relay.port), GET))).code).toBe('PROTOCOL');
  });

  it('never says the community', async () => {
    const agent = keep(await startAgent({ community: COMMUNITY }));
    const error = await failureOf(create().run(communityEndpointOf(agent.port, 'a-wrong-word'), GET));
    expect(error.code).toBe('TIMEOUT');
    expect(`${error.message}${error.stack}${JSON.stringify(error)}`).not.toContain('a-wrong-word');
  });
});

describe('version 2c', () => {
  /** An endpoint that has both: its port for version 2c is one that nobody may speak to. */
  it('is not spoken without the leave of the installation, nor to a device that has version 3', async () => {
    const agent = keep(await startAgent({ community: COMMUNITY }));
    const silent = createSocket('udp4');
    let heard = 0;
    silent.on('message', () => {
      heard += 1;
    });
    await new Promise<void>((resolve) => silent.bind(0, '127.0.0.1', () => resolve()));
    keep({ close: () => silent.close() });
    const only = communityEndpointOf(silent.address().port);
    const off = keep(chooseSnmpDriver(createDriver(), undefined));
    expect(await failureOf(off.run(only, GET))).toMatchObject({ code: 'UNSUPPORTED' });
    const on = keep(chooseSnmpDriver(createDriver(), create()));
    expect(await on.run({ ...only, ...endpointOf(agent.port) }, GET)).toMatchObject(TRUE_NAME);
    expect(heard).toBe(0);
    expect(await on.run(communityEndpointOf(agent.port), GET)).toMatchObject(TRUE_NAME);
  });
});
