/** The SNMP driver against the simulated agent over UDP: what it reads, and what no forger can make it believe. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Operation } from '../../../../broker/contract.ts';
import { DriverError } from '../../../../broker/drivers/driver.ts';
import { decodeMessage, encodeMessage } from '../../../../protocols/snmp/message.ts';
import { encodeScopedPdu, type Pdu } from '../../../../protocols/snmp/pdu.ts';
import {
  createDriver,
  createEndlessView,
  endpointOf,
  IF_DESCRIPTION,
  IF_STATUS,
  INTERFACES,
  isValue,
  openAnswer,
  reseal,
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

const get = (...oids: string[]): Operation => ({ protocol: 'snmp', kind: 'get', device: 'br2_edge', oids });
const walk = (...columns: string[]): Operation => ({ protocol: 'snmp', kind: 'walk', device: 'br2_edge', columns });

const failure = async (run: Promise<unknown>): Promise<string> => {
  const error: unknown = await run.then(
    (value) => expect.fail(`got ${JSON.stringify(value)}`),
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(DriverError);
  return error instanceof DriverError ? error.code : '';
};

describe('reading', () => {
  it('gets instances in the order asked and leaves out what is not there', async () => {
    const agent = keep(await startAgent());
    const driver = keep(createDriver());
    const reply = await driver.run(
      endpointOf(agent.port),
      get('1.3.6.1.2.1.31.1.1.1.6.1', SYS_NAME, '1.3.6.1.2.1.1.99.0', '1.3.6.1.2.1.1.2.0', '1.3.6.1.2.1.31.1.1.1.18.1'),
    );
    expect(reply).toEqual({
      protocol: 'snmp',
      varbinds: [
        { oid: '1.3.6.1.2.1.31.1.1.1.6.1', type: 'counter64', value: '18446744073709551615' },
        { oid: SYS_NAME, type: 'string', value: 'br2_edge' },
        { oid: '1.3.6.1.2.1.1.2.0', type: 'oid', value: '1.3.6.1.4.1.8072' },
        { oid: '1.3.6.1.2.1.31.1.1.1.18.1', type: 'string', value: '0x00ff10' },
      ],
    });
  });

  it('walks whole columns, one after the other, over several answers', async () => {
    const agent = keep(await startAgent());
    const driver = keep(createDriver());
    const reply = await driver.run(endpointOf(agent.port), walk(IF_STATUS, IF_DESCRIPTION, '1.3.6.1.9'));
    expect(reply.protocol === 'snmp' && reply.varbinds).toEqual([
      ...Array.from({ length: INTERFACES }, (_, i) => ({
        oid: `${IF_STATUS}.${i + 1}`,
        type: 'integer',
        value: 1 + (i % 2),
      })),
      ...Array.from({ length: INTERFACES }, (_, i) => ({
        oid: `${IF_DESCRIPTION}.${i + 1}`,
        type: 'string',
        value: `ge0/${i + 1}`,
      })),
    ]);
  });

  it('follows an agent that restarts, and one whose clock starts again', async () => {
    const clock = { boots: 4, time: 90_000 };
    const agent = keep(await startAgent({}, clock));
    const driver = keep(createDriver());
    await driver.run(endpointOf(agent.port), get(SYS_NAME));
    clock.boots = 5;
    clock.time = 0;
    expect(await driver.run(endpointOf(agent.port), get(SYS_NAME))).toMatchObject({
      varbinds: [{ value: 'br2_edge' }],
    });
    clock.boots = 1;
    expect(await failure(driver.run(endpointOf(agent.port), get(SYS_NAME)))).toBe('TIMEOUT');
    expect(await driver.run(endpointOf(agent.port), get(SYS_NAME))).toMatchObject({
      varbinds: [{ value: 'br2_edge' }],
    });
  });
});

describe('failing', () => {
  it.each([
    ['authentication password', { authPassword: 'not-the-password' }],
    ['privacy password', { privPassword: 'not-the-password' }],
    ['user', { name: 'stranger' }],
    ['too short password', { authPassword: 'short' }],
  ])('says AUTHENTICATION for a wrong %s', async (_, user) => {
    const agent = keep(await startAgent());
    const driver = keep(createDriver());
    expect(await failure(driver.run(endpointOf(agent.port, user), get(SYS_NAME)))).toBe('AUTHENTICATION');
  });

  it('says UNREACHABLE when nothing answers, TIMEOUT when it answered before', async () => {
    let reachable = false;
    const agent = keep(await startAgent({ reachable: () => reachable }));
    const driver = keep(createDriver());
    expect(await failure(driver.run(endpointOf(agent.port), get(SYS_NAME)))).toBe('UNREACHABLE');
    reachable = true;
    await driver.run(endpointOf(agent.port), get(SYS_NAME));
    reachable = false;
    expect(await failure(driver.run(endpointOf(agent.port), get(SYS_NAME)))).toBe('TIMEOUT');
  });

  it('stops at once when it is aborted or closed', async () => {
    const agent = keep(await startAgent({ reachable: () => false }));
    const driver = keep(createDriver({ waitMs: 60_000 }));
    const stop = new AbortController();
    const aborted = driver.run(endpointOf(agent.port), get(SYS_NAME), stop.signal);
    const closed = driver.run(endpointOf(agent.port), get(SYS_NAME));
    stop.abort();
    expect(await failure(aborted)).toBe('TIMEOUT');
    await driver.close();
    expect(await failure(closed)).toBe('LOST');
  });

  it('refuses what is not an object identifier before anything is sent', async () => {
    const driver = keep(createDriver());
    expect(await failure(driver.run(endpointOf(9), get('1.3.x')))).toBe('UNSUPPORTED');
  });

  it('ends a walk that repeats itself and one that never ends', async () => {
    const limits = { rows: 200, bytes: 1_000_000 };
    const same = keep(await startAgent({ mib: createEndlessView(() => [1, 3, 6, 1]) }));
    const endless = keep(
      await startAgent({ mib: createEndlessView((oid) => [...oid.slice(0, 3), (oid[3] ?? 0) + 1]) }),
    );
    const driver = keep(createDriver({ limits }));
    expect(await failure(driver.run(endpointOf(same.port), walk('1.3.6')))).toBe('PROTOCOL');
    expect(await failure(driver.run(endpointOf(endless.port), walk('1.3.6')))).toBe('PROTOCOL');
  });
});

/** The value that every forgery tries to bring in. */
const FORGED = 'forged';

const forgedRow = (oid: string) => [
  { oid: oid.split('.').map(Number), value: { type: 'string', value: FORGED } as const },
];

/** The answer without any security, as a library that is asked for authPriv should never take it. */
function strip(answer: Buffer, auth: boolean): Buffer {
  const message = decodeMessage(answer);
  const scoped = openAnswer(answer);
  const pdu = { ...scoped.pdu, varbinds: forgedRow(SYS_NAME) };
  const none = Buffer.alloc(0);
  return encodeMessage({
    ...{ ...message, auth, priv: false, privParameters: none, data: encodeScopedPdu({ ...scoped, pdu }) },
    authParameters: auth ? Buffer.alloc(24) : none,
  });
}

const flip = (answer: Buffer, at: number): Buffer => {
  const copy = Buffer.from(answer);
  copy[at] = (copy[at] ?? 0) ^ 0x40;
  return copy;
};

describe('forged answers', () => {
  const forgeries: readonly (readonly [
    string,
    (answer: Buffer) => readonly { bytes: Buffer; stranger?: 'port' | 'address' }[],
  ])[] = [
    ['without authentication', (answer) => [{ bytes: strip(answer, false) }]],
    ['with a false MAC', (answer) => [{ bytes: strip(answer, true) }]],
    [
      'from another port',
      (answer) => [{ bytes: reseal(answer, { pdu: { varbinds: forgedRow(SYS_NAME) } }), stranger: 'port' }],
    ],
    [
      'from another address',
      (answer) => [{ bytes: reseal(answer, { pdu: { varbinds: forgedRow(SYS_NAME) } }), stranger: 'address' }],
    ],
    [
      'with another message id',
      (answer) => [{ bytes: reseal(answer, { id: 1, pdu: { varbinds: forgedRow(SYS_NAME) } }) }],
    ],
    [
      'older than the time window',
      (answer) => [{ bytes: reseal(answer, { later: -151, pdu: { varbinds: forgedRow(SYS_NAME) } }) }],
    ],
    ['cut at every byte', (answer) => Array.from(answer, (_, size) => ({ bytes: answer.subarray(0, size) }))],
    ['with a bit changed in every byte', (answer) => Array.from(answer, (_, at) => ({ bytes: flip(answer, at) }))],
  ];

  it.each(forgeries)('%s are as if they had not come', async (_, forge) => {
    const agent = keep(await startAgent());
    const before = keep(
      await startRelay(agent.port, (answer) =>
        isValue(answer) ? [...forge(answer), { bytes: answer }] : [{ bytes: answer }],
      ),
    );
    const instead = keep(
      await startRelay(agent.port, (answer) => (isValue(answer) ? forge(answer) : [{ bytes: answer }])),
    );
    const driver = keep(createDriver());
    expect(await driver.run(endpointOf(before.port), get(SYS_NAME))).toMatchObject({
      varbinds: [{ value: 'br2_edge' }],
    });
    expect(await failure(driver.run(endpointOf(instead.port), get(SYS_NAME)))).toBe('TIMEOUT');
  });

  it('a rumour of a wrong password does not displace the true answer', async () => {
    const agent = keep(await startAgent());
    let rumour: Buffer | undefined;
    const listener = keep(
      await startRelay(agent.port, (answer) => {
        rumour = answer;
        return [{ bytes: answer }];
      }),
    );
    const driver = keep(createDriver());
    await failure(driver.run(endpointOf(listener.port, { authPassword: 'not-the-password' }), get(SYS_NAME)));
    const plain = decodeMessage(rumour ?? Buffer.alloc(0));
    expect(plain.auth).toBe(false);
    const relay = keep(
      await startRelay(agent.port, (answer) => [
        ...(isValue(answer) ? [{ bytes: encodeMessage({ ...plain, id: decodeMessage(answer).id }) }] : []),
        { bytes: answer },
      ]),
    );
    expect(await driver.run(endpointOf(relay.port), get(SYS_NAME))).toMatchObject({
      varbinds: [{ value: 'br2_edge' }],
    });
  });
});

describe('an agent with the right keys that breaks the protocol', () => {
  const broken: readonly (readonly [string, Operation, Partial<Pdu>])[] = [
    ['another name', get(SYS_NAME), { varbinds: forgedRow('1.3.6.1.2.1.1.6.0') }],
    ['more values', get(SYS_NAME), { varbinds: [...forgedRow(SYS_NAME), ...forgedRow(SYS_NAME)] }],
    ['no values', get(SYS_NAME), { varbinds: [] }],
    ['a null', get(SYS_NAME), { varbinds: [{ oid: SYS_NAME.split('.').map(Number), value: { type: 'null' } }] }],
    ['another request id', get(SYS_NAME), { requestId: 1, varbinds: forgedRow(SYS_NAME) }],
    ['a request', get(SYS_NAME), { kind: 'get' }],
    ['an unknown error', get(SYS_NAME), { status: 99 }],
    [
      'names that do not grow',
      walk(IF_STATUS),
      { varbinds: [...forgedRow(`${IF_STATUS}.2`), ...forgedRow(`${IF_STATUS}.1`)] },
    ],
    ['a name before the column', walk(IF_STATUS), { varbinds: forgedRow(SYS_NAME) }],
    ['an empty bulk', walk(IF_STATUS), { varbinds: [] }],
  ];
  it.each(broken)('is refused for %s', async (_, operation, pdu) => {
    const agent = keep(await startAgent());
    const relay = keep(
      await startRelay(agent.port, (answer) => [{ bytes: isValue(answer) ? reseal(answer, { pdu }) : answer }]),
    );
    expect(await failure(keep(createDriver()).run(endpointOf(relay.port), operation))).toBe('PROTOCOL');
  });

  it('is quoted when it says no', async () => {
    const agent = keep(await startAgent());
    const relay = keep(
      await startRelay(agent.port, (answer) => [
        { bytes: isValue(answer) ? reseal(answer, { pdu: { status: 5, varbinds: [] } }) : answer },
      ]),
    );
    const error = await keep(createDriver())
      .run(endpointOf(relay.port), get(SYS_NAME))
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'RPC_ERROR', tag: 'genErr' });
  });
});
