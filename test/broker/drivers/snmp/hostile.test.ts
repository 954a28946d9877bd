/** Every guard of the SNMP manager against peers that lie over real sockets; a test has the name of the guard without which it fails. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Operation } from '../../../../broker/contract.ts';
import { DriverError, type ReplyBody } from '../../../../broker/drivers/driver.ts';
import { systemTimers, type Timers } from '../../../../protocols/netconf/timers.ts';
import { decodeMessage, encodeMessage } from '../../../../protocols/snmp/message.ts';
import { encodeScopedPdu, type PduVarbind } from '../../../../protocols/snmp/pdu.ts';
import { USM_REPORT } from '../../../../protocols/snmp/usm.ts';
import {
  createDriver,
  createEndlessView,
  ENGINE_ID,
  endpointOf,
  IF_DESCRIPTION,
  IF_STATUS,
  isValue,
  type Lie,
  openAnswer,
  type Resealing,
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
const numbers = (dotted: string): readonly number[] => dotted.split('.').map(Number);
const row = (oid: string, value: PduVarbind['value'] = { type: 'string', value: 'forged' }): PduVarbind => ({
  ...{ oid: numbers(oid), value },
});
const FORGED = { varbinds: [row(SYS_NAME)] };

/** A driver and a way to the agent on which `lie` replaces every answer that carries a value. */
async function setUp(lie: (answer: Buffer) => readonly Lie[], options: Parameters<typeof createDriver>[0] = {}) {
  const agent = keep(await startAgent());
  const relay = keep(await startRelay(agent.port, (bytes) => (isValue(bytes) ? lie(bytes) : [{ bytes }])));
  const driver = keep(createDriver(options));
  const run = (operation: Operation = get(SYS_NAME)): Promise<ReplyBody> =>
    driver.run(endpointOf(relay.port), operation);
  /** The code of the failure, or the values that were believed. */
  const outcome = (operation?: Operation): Promise<string> =>
    run(operation).then(
      (body) => JSON.stringify(body),
      (error: unknown) => {
        if (error instanceof DriverError) return error.code;
        throw error;
      },
    );
  return { run, outcome, relay };
}
const TRUE_NAME = { varbinds: [{ oid: SYS_NAME, type: 'string', value: 'br2_edge' }] };
const always = (resealing: Resealing) => (answer: Buffer) => [{ bytes: reseal(answer, resealing) }];

describe('what is not of this session is as if it had not come', () => {
  const foreign: readonly (readonly [guard: string, resealing: Resealing])[] = [
    ['another engine id', { engineId: Buffer.concat([ENGINE_ID, Buffer.of(1)]), pdu: FORGED }],
    ['another user', { user: 'somebody', pdu: FORGED }],
    ['boots of the past', { engineBoots: 3, pdu: FORGED }],
    ['boots at their end (RFC 3414 §2.2.2)', { engineBoots: 2_147_483_647, pdu: FORGED }],
    ['a time outside the window', { later: -151, pdu: FORGED }],
    ['another message id', { id: 5, pdu: FORGED }],
  ];
  it.each(foreign)('%s', async (_, resealing) => {
    const { outcome } = await setUp(always(resealing));
    expect(await outcome()).toBe('TIMEOUT');
  });

  it('a time at the edge of the window is of this session', async () => {
    const { run } = await setUp(always({ later: -150 }));
    expect(await run()).toMatchObject(TRUE_NAME);
  });

  it('the answer to an earlier question, twice, and late', async () => {
    const late: Lie[] = [];
    const { run } = await setUp((bytes) => {
      const all = [...late, { bytes }, { bytes }];
      late.push({ bytes });
      return all;
    });
    for (let round = 0; round < 5; round += 1) {
      expect(await run(get(`${IF_DESCRIPTION}.${round + 1}`))).toMatchObject({
        varbinds: [{ value: `ge0/${round + 1}` }],
      });
      expect(await run()).toMatchObject(TRUE_NAME);
    }
  });

  it.each(Object.entries(USM_REPORT))('a report of %s that nobody signed', async (_, oid) => {
    const none = Buffer.alloc(0);
    const { run } = await setUp((bytes) => {
      const message = decodeMessage(bytes);
      const scoped = openAnswer(bytes);
      const varbinds = [{ oid, value: { type: 'counter32', value: 1 } as const }];
      const data = encodeScopedPdu({ ...scoped, pdu: { ...scoped.pdu, kind: 'report', varbinds } });
      const report = { ...message, auth: false, priv: false, authParameters: none, privParameters: none, data };
      return [{ bytes: encodeMessage(report) }, { bytes }];
    });
    expect(await run()).toMatchObject(TRUE_NAME);
  });
});

describe('what the agent itself says wrongly is a fault of the agent', () => {
  const wrong: readonly (readonly [guard: string, resealing: Resealing])[] = [
    ['an answer that is authentic but not encrypted', { priv: false, pdu: FORGED }],
    ['another request id', { pdu: { requestId: 1, ...FORGED } }],
    ['another context engine', { scope: { contextEngineId: Buffer.from('8000000001', 'hex') }, pdu: FORGED }],
    ['another context', { scope: { contextName: 'vrf-1' }, pdu: FORGED }],
    ['a trap in the place of an answer', { pdu: { kind: 'trap', ...FORGED } }],
    ['another name', { pdu: { varbinds: [row('1.3.6.1.2.1.1.6.0')] } }],
    ['the end of the MIB as a value', { pdu: { varbinds: [row(SYS_NAME, { type: 'endOfMibView' })] } }],
    ['a report that is no counter of USM', { pdu: { kind: 'report', varbinds: [row(SYS_NAME)] } }],
  ];
  it.each(wrong)('%s', async (_, resealing) => {
    const { outcome } = await setUp(always(resealing));
    expect(await outcome()).toBe('PROTOCOL');
  });

  it('a clock that is never right: it is set twice and no more', async () => {
    const varbinds = [{ oid: USM_REPORT.notInTimeWindows, value: { type: 'counter32', value: 1 } as const }];
    const { outcome, relay } = await setUp(always({ pdu: { kind: 'report', varbinds } }));
    expect(await outcome()).toBe('PROTOCOL');
    expect(relay.requests()).toBeLessThanOrEqual(4);
  });

  /** The value of the answer as these octets with this tag: what our own encoder would never write. */
  const values: readonly (readonly [guard: string, tag: number, hex: string])[] = [
    ['a counter of 33 bits', 0x41, '0100000000'],
    ['a counter of six octets', 0x41, '000000000001'],
    ['a negative counter', 0x41, 'ff'],
    ['a counter of no octets', 0x41, ''],
    ['a gauge of 33 bits', 0x42, '0100000000'],
    ['ticks of 33 bits', 0x43, '0100000000'],
    ['an integer of 33 bits', 0x02, '0080000000'],
    ['a counter of 65 bits', 0x46, '010000000000000000'],
    ['a counter of ten octets', 0x46, '00000000000000000001'],
    ['a negative 64-bit counter', 0x46, 'ffffffffffffffff'],
    ['a 64-bit counter of no octets', 0x46, ''],
    ['an address of five octets', 0x40, '0a00000001'],
    ['an opaque value', 0x44, '9f780442280000'],
    ['a type that nobody defined', 0x47, '01'],
    ['a null with content', 0x05, '00'],
    ['a name that is cut', 0x06, '2b86'],
    ['a name beyond 128 parts', 0x06, '01'.repeat(129)],
    ['a name with a part beyond 32 bits', 0x06, '2b9080808000'],
    ['a sequence in the place of a value', 0x30, '020101'],
  ];
  it.each(values)('%s', async (_, tag, hex) => {
    const octets = Buffer.from(hex, 'hex');
    const { outcome } = await setUp(
      always({
        pdu: { varbinds: [row(SYS_NAME, { type: 'string', value: octets })] },
        data: (honest) => {
          const bytes = Buffer.from(honest);
          bytes[bytes.length - octets.length - (octets.length < 0x80 ? 2 : 3)] = tag;
          return bytes;
        },
      }),
    );
    expect(await outcome()).toBe('PROTOCOL');
  });

  it('a PDU that is cut at any byte', async () => {
    let size = 0;
    const { outcome } = await setUp(always({ data: (honest) => honest.subarray(0, size % honest.length) }));
    for (; size < 60; size += 1) expect(await outcome()).toBe('PROTOCOL');
  });

  const shapes: readonly (readonly [guard: string, bytes: Buffer])[] = [
    ['sequences in sequences', Buffer.concat(Array.from({ length: 8_000 }, () => Buffer.of(0x30, 0x82, 0x7f, 0xff)))],
    ['an indefinite length', Buffer.from('308004000400a20000000000', 'hex')],
    ['a length of four gibibytes', Buffer.from('3084ffffffff0400', 'hex')],
    ['a length of nine octets', Buffer.from('3089010101010101010101', 'hex')],
    ['a name of thirty thousand octets', Buffer.concat([Buffer.from('06827530', 'hex'), Buffer.alloc(30_000, 1)])],
  ];
  it.each(shapes)('%s; outside of the encryption it is noise', async (_, bytes) => {
    const inside = await setUp(always({ data: () => bytes }));
    expect(await inside.outcome()).toBe('PROTOCOL');
    const outside = await setUp((answer) => [{ bytes }, { bytes: answer }]);
    expect(await outside.run()).toMatchObject(TRUE_NAME);
  });
});

describe('what has no end is ended', () => {
  const endless = async (limits: { rows: number; bytes: number }, mib: Parameters<typeof createEndlessView>[0]) => {
    const agent = keep(await startAgent({ mib: createEndlessView(mib) }));
    const relay = keep(await startRelay(agent.port, (bytes) => [{ bytes }]));
    const driver = keep(createDriver({ limits }));
    const error: unknown = await driver.run(endpointOf(relay.port), walk('1.3.6')).catch((reason: unknown) => reason);
    return { error, requests: relay.requests() };
  };
  const next = (oid: readonly number[]): readonly number[] => [1, 3, 6, (oid[3] ?? 0) + 1];

  it.each([
    ['the same name again', () => [1, 3, 6, 1]],
    ['two names in turns', (oid: readonly number[]) => [1, 3, 6, oid[3] === 1 ? 2 : 1]],
  ])('a walk over %s, at the first that does not grow', async (_, name) => {
    const { error, requests } = await endless({ rows: 10_000, bytes: 10_000_000 }, name);
    expect(error).toMatchObject({ code: 'PROTOCOL', message: 'names that do not grow' });
    expect(requests).toBeLessThanOrEqual(3);
  });

  it.each([
    ['rows', { rows: 100, bytes: 10_000_000 }],
    ['bytes', { rows: 10_000, bytes: 1_000 }],
  ])('a table without end, at the cap on %s', async (_, limits) => {
    const { error, requests } = await endless(limits, next);
    expect(error).toMatchObject({ code: 'PROTOCOL', message: 'the table is larger than the limit' });
    expect(requests).toBeLessThanOrEqual(8);
  });

  it('an answer of more rows than were asked', async () => {
    const varbinds = Array.from({ length: 26 }, (_, i) => row(`${IF_STATUS}.${i + 1}`, { type: 'integer', value: 1 }));
    const { run } = await setUp(always({ pdu: { varbinds } }));
    expect(await run(walk(IF_STATUS)).catch((error: unknown) => error)).toMatchObject({
      message: 'more or fewer values than were asked',
    });
  });

  it('a wait, at the deadline of the whole operation', async () => {
    const timers: Timers = { set: (ms, act) => systemTimers.set(ms === 50 ? 0 : 60_000, act) };
    const { run } = await setUp(() => [], { timers, deadlineMs: 50 });
    expect(await run().catch((error: unknown) => error)).toMatchObject({
      code: 'TIMEOUT',
      message: 'the SNMP operation took too long',
    });
  });
});

/** So many mutated answers; `MUTATIONS=100000 SEED=…` for the long form. */
const MUTATIONS = Number(process.env['MUTATIONS'] ?? 2_000);
const SEED = Number(process.env['SEED'] ?? 3414);

/** Mulberry32: small, and the same on every machine. */
function createChoice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function mutate(honest: Buffer, choose: (below: number) => number): Buffer {
  let bytes = Buffer.from(honest);
  for (let times = 1 + choose(3); times > 0; times -= 1) {
    const at = choose(bytes.length);
    const kind = choose(4);
    if (kind === 0) bytes[at] = choose(256);
    else if (kind === 1) bytes = bytes.subarray(0, Math.max(1, at));
    else if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, at), Buffer.of(choose(256)), bytes.subarray(at)]);
    else bytes = Buffer.concat([bytes, bytes.subarray(at)]);
  }
  return bytes;
}

describe(`mutated answers, seed ${SEED}`, () => {
  it('on the wire are never believed', { timeout: 600_000 }, async () => {
    const choose = createChoice(SEED);
    const { run } = await setUp((bytes) => [
      ...Array.from({ length: 20 }, () => ({ bytes: mutate(bytes, choose) })).filter((lie) => !lie.bytes.equals(bytes)),
      { bytes },
    ]);
    for (let done = 0; done < MUTATIONS; done += 20) expect(await run()).toMatchObject(TRUE_NAME);
  });

  it('under the right key bring an error, or the asked name with a value in its range', {
    timeout: 600_000,
  }, async () => {
    const choose = createChoice(SEED);
    const { run } = await setUp(always({ data: (honest) => mutate(honest, choose) }));
    for (let done = 0; done < MUTATIONS; done += 1) {
      const found = await run().catch((error: unknown) => error);
      if (found instanceof DriverError) expect(['PROTOCOL', 'RPC_ERROR']).toContain(found.code);
      else {
        const { varbinds } = found as Extract<ReplyBody, { protocol: 'snmp' }>;
        expect(varbinds.length).toBeLessThanOrEqual(1);
        for (const { oid, value } of varbinds) {
          expect(oid).toBe(SYS_NAME);
          const inRange = typeof value === 'string' || (value >= -0x8000_0000 && value <= 0xffff_ffff);
          expect(inRange).toBe(true);
        }
      }
    }
  });
});
