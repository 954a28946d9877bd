/** What the broker believes of what it is told: only a device of the inventory, at its address, with its key, once. */
import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { Events } from '../../../broker/telemetry/received-event.ts';
import type { Drop } from '../../../broker/telemetry/reception.ts';
import { createReplayMemory } from '../../../broker/telemetry/replay-memory.ts';
import type { FlowRecord } from '../../../protocols/device/flow.ts';
import { encodeFlows } from '../../../protocols/ipfix/encode.ts';
import { systemTimers } from '../../../protocols/netconf/timers.ts';
import { encodeCommunityMessage } from '../../../protocols/snmp/community.ts';
import { decodeMessage, encodeMessage } from '../../../protocols/snmp/message.ts';
import { encodeScopedPdu } from '../../../protocols/snmp/pdu.ts';
import { localizeUser, sealMessage } from '../../../protocols/snmp/usm.ts';
import { eventToSyslog } from '../../../protocols/syslog/event.ts';
import { encodeSyslog } from '../../../protocols/syslog/message.ts';
import { sendInform } from '../../../simulators/protocols/traps/send-inform.ts';
import { AT, EDGE, EDGE_ENGINE, EVENT, openSender, salt, startReceivers, trapOf, USER, varbindsOf } from './lab.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});
const GLOBEX_ENGINE = Buffer.from('8000000004676c6f626578', 'hex');
const communityTrap = (): Buffer =>
  encodeCommunityMessage({
    community: 'public',
    pdu: { kind: 'trap', requestId: 1, status: 0, index: 0, varbinds: varbindsOf(EVENT) },
  });
const start = async (...args: Parameters<typeof startReceivers>) => {
  const receivers = await startReceivers(...args);
  closers.push(() => receivers.close());
  const sender = await openSender(EDGE.host);
  closers.push(() => sender.close());
  return { ...receivers, sender };
};

describe('traps', () => {
  it('are kept with the device of the inventory, the time of its clock and of ours', async () => {
    const { addresses, sender, taken, events } = await start();
    await sender.send(trapOf(EVENT), addresses.traps);
    await taken(1);
    expect(await events.after('acme', 'events', 0, 10)).toEqual([
      {
        ...{ seq: 1, tenant: 'acme', device: 'br1_edge', channel: 'trap', name: 'trap.linkDown' },
        ...{ resource: EVENT.resource, severity: 'major', detail: EVENT.detail },
        ...{ observedAt: new Date(AT).toISOString(), receivedAt: new Date(AT).toISOString() },
      },
    ]);
    expect(await events.after('globex', 'events', 0, 10)).toEqual([]);
  });

  it.each([
    ['an unknown engine', { engineId: Buffer.from('8000000004aaaa', 'hex') }, 'unknown-engine'],
    ['an unknown user', { user: 'somebody' }, 'unknown-user'],
    ['a wrong key', { keys: localizeUser({ ...USER, authPassword: 'not-the-password' }, EDGE_ENGINE) }, 'wrong-digest'],
    ['another privacy key', { keys: { ...localizeUser(USER, EDGE_ENGINE), priv: Buffer.alloc(16) } }, 'undecipherable'],
  ] as const)('with %s are dropped and counted', async (_, overrides, drop) => {
    const { addresses, sender, taken } = await start();
    await sender.send(trapOf(EVENT, overrides), addresses.traps);
    expect(await taken(1)).toMatchObject({ kept: 0, drops: { [drop]: 1 } });
  });

  it('are dropped without encryption, when old, when repeated, from elsewhere, and beyond the rate', async () => {
    const { addresses, sender, taken, events } = await start({ rate: { perSecond: 1, burst: 5 } });
    const stranger = await openSender('127.22.0.5');
    closers.push(() => stranger.close());
    const good = trapOf(EVENT);
    // The flags of the header: with the bit of privacy cleared nothing else needs to be right.
    const plain = Buffer.from(good);
    plain[plain.indexOf(Buffer.of(0x04, 0x01, 0x03)) + 2] = 0x01;
    const old = trapOf(EVENT, { engineTime: 300 });
    for (const bytes of [good, good, plain, old, Buffer.from('noise'), trapOf(EVENT)])
      await sender.send(bytes, addresses.traps);
    await stranger.send(trapOf(EVENT), addresses.traps);
    expect(await taken(7)).toMatchObject({
      kept: 1,
      drops: { duplicate: 1, malformed: 2, stale: 1, 'too-many': 1, 'unknown-source': 1 },
    });
    expect(await events.after('acme', 'events', 0, 10)).toHaveLength(1);
  });
});

/** One variant of a trap a line: what is changed, and the reason for which it must be dropped. */
describe('a trap that nobody may believe', () => {
  const NONE = Buffer.alloc(0);
  const plainOf = (bytes: Buffer): Buffer => {
    const message = decodeMessage(bytes);
    const scoped = { contextEngineId: EDGE_ENGINE, contextName: '' };
    const pdu = { kind: 'trap', requestId: 1, status: 0, index: 0, varbinds: varbindsOf(EVENT) } as const;
    const open = { auth: false, priv: false, authParameters: NONE, privParameters: NONE };
    return encodeMessage({ ...message, ...open, data: encodeScopedPdu({ ...scoped, pdu }) });
  };
  const signedOnly = (): Buffer => {
    const message = decodeMessage(plainOf(trapOf(EVENT)));
    return sealMessage({ ...message, priv: false }, localizeUser(USER, EDGE_ENGINE), NONE);
  };
  const lies: readonly (readonly [what: string, bytes: () => Buffer, drop: Drop])[] = [
    ['without authentication', () => plainOf(trapOf(EVENT)), 'low-security'],
    ['without encryption', signedOnly, 'low-security'],
    ['of version 2c', () => communityTrap(), 'malformed'],
    ['of boots before', () => trapOf(EVENT, { engineBoots: 2 }), 'stale'],
    ['outside the time window', () => trapOf(EVENT, { engineTime: 349 }), 'stale'],
    ['of an engine at the end of its boots', () => trapOf(EVENT, { engineBoots: 2_147_483_647 }), 'stale'],
    ['of nobody with an empty user', () => trapOf(EVENT, { user: '' }), 'unknown-user'],
    ['of an engine that nobody knows', () => trapOf(EVENT, { engineId: Buffer.alloc(12, 7) }), 'unknown-engine'],
    ['of a device of another tenant', () => trapOf(EVENT, { engineId: GLOBEX_ENGINE }), 'unknown-engine'],
    ['cut in the middle', () => trapOf(EVENT).subarray(0, 90), 'malformed'],
  ];
  it.each(lies)('%s', async (_, bytes, drop) => {
    const { addresses, sender, taken, events } = await start();
    await sender.send(trapOf(EVENT), addresses.traps);
    await sender.send(bytes(), addresses.traps);
    expect(await taken(2)).toMatchObject({ kept: 1, drops: { [drop]: 1 } });
    expect(await events.after('acme', 'events', 0, 10)).toHaveLength(1);
    expect(await events.after('globex', 'events', 0, 10)).toHaveLength(0);
  });

  it('at the edge of the time window still counts', async () => {
    const { addresses, sender, taken } = await start();
    await sender.send(trapOf(EVENT), addresses.traps);
    await sender.send(trapOf(EVENT, { engineTime: 350 }), addresses.traps);
    expect(await taken(2)).toMatchObject({ kept: 2 });
  });

  it('with a bit changed in any byte', async () => {
    const { addresses, sender, taken } = await start();
    const good = trapOf(EVENT);
    for (const [at] of good.entries()) {
      const bytes = Buffer.from(good);
      bytes[at] = (bytes[at] ?? 0) ^ 0x04;
      await sender.send(bytes, addresses.traps);
    }
    expect(await taken(good.length)).toMatchObject({ kept: 0 });
  });

  it('again, and no flood makes room for it', () => {
    const find = createReplayMemory(4);
    const at = (engineTime: number) => ({ engineBoots: 3, engineTime });
    expect(find(EDGE, 'a', at(500))).toBeUndefined();
    expect(find(EDGE, 'a', at(500))).toBe('duplicate');
    for (const time of [501, 502, 503, 504]) expect(find(EDGE, `flood ${time}`, at(time))).toBeUndefined();
    expect(find(EDGE, 'b', at(505))).toBeUndefined();
    expect(find(EDGE, 'a', at(500))).toBe('stale');
    expect(find({ ...EDGE, device: 'br2_edge' }, 'a', at(500))).toBeUndefined();
    expect(find(EDGE, 'rebooted', { engineBoots: 4, engineTime: 1 })).toBeUndefined();
  });
});

describe('informs', () => {
  const inform = (host: string, user = USER, port = 0) =>
    sendInform(
      varbindsOf(EVENT),
      { host: '127.0.0.1', port },
      {
        ...{ host, engineId: EDGE_ENGINE, user, timers: systemTimers, now: () => 0 },
        ...{ random: randomBytes, salt, waitMs: 300, tries: 2 },
      },
    );

  it('are acknowledged when they are stored and not before; what the store fails at is tried again', async () => {
    const kept: unknown[] = [];
    const failures: number[] = [];
    let works = false;
    const events: Events = {
      async append(batch) {
        if (!works) throw new Error('the disk is full');
        kept.push(...batch);
      },
      after: async () => [],
    };
    const receivers = await start({ events, onStoreError: (_, count) => failures.push(count) });
    expect(await inform(EDGE.host, USER, receivers.addresses.traps.port)).toBe(false);
    expect(kept).toEqual([]);
    expect(failures.length).toBeGreaterThan(0);
    works = true;
    await receivers.flush();
    expect(kept).toHaveLength(1);
    expect(receivers.counts()).toMatchObject({ kept: 1 });
    expect(await inform(EDGE.host, USER, receivers.addresses.traps.port)).toBe(true);
  });

  it('that the store will never take hold up nobody else, and are not acknowledged', async () => {
    const kept: string[] = [];
    const events: Events = {
      async append(batch) {
        if (batch.some(({ detail }) => detail.includes('poison')))
          throw Object.assign(new Error('no'), { code: '22021' });
        kept.push(...batch.map(({ detail }) => detail));
      },
      after: async () => [],
    };
    const { addresses, sender, taken, flush, counts } = await start({ events, onStoreError: () => undefined });
    for (const detail of ['one', 'poison', 'three'])
      await sender.send(encodeSyslog(eventToSyslog({ ...EVENT, detail }, AT, true)), addresses.syslog);
    await taken(3);
    for (let n = 0; n < 4; n += 1) await flush();
    expect(kept).toEqual(['one', 'three']);
    expect(counts()).toMatchObject({ received: 3, kept: 2 });
  });

  it('are acknowledged and kept; without the right key neither', async () => {
    const { addresses, counts, flush, events } = await start();
    expect(await inform(EDGE.host, USER, addresses.traps.port)).toBe(true);
    await flush();
    expect(await events.after('acme', 'events', 0, 10)).toMatchObject([{ channel: 'inform', name: 'trap.linkDown' }]);
    expect(await inform(EDGE.host, { ...USER, authPassword: 'not-the-password' }, addresses.traps.port)).toBe(false);
    expect(await inform('127.22.0.5', USER, addresses.traps.port)).toBe(false);
    expect(counts()).toMatchObject({ kept: 1 });
    expect(counts().drops['unknown-source']).toBeGreaterThan(0);
  });
});

describe('syslog and flow records', () => {
  const FLOW: FlowRecord = {
    ...{ device: 'br1_edge', start: AT - 1_000, end: AT, vrf: 10, source: '10.1.10.5', destination: '10.0.10.20' },
    ...{ sourcePort: 40_000, destinationPort: 443, protocol: 6, octets: 5_000_000_000, packets: 4_000_000 },
    ...{ tcpFlags: 18, dscpIn: 46, dscpOut: 0, application: 'erp', egress: 'tun-mpls-hub1_edge', color: 'mpls' },
  };

  it('are kept from the address and port of a device, whatever name they call themselves', async () => {
    const { addresses, sender, taken, events } = await start();
    const lie = eventToSyslog({ ...EVENT, device: 'hub1_edge' }, AT - 90_000, false);
    await sender.send(encodeSyslog(lie), addresses.syslog);
    const { messages } = encodeFlows([FLOW, { ...FLOW, sourcePort: 40_001, dnsName: 'a.example' }], {
      ...{ domain: 1, sequence: 0, exportTime: AT / 1_000 },
    });
    expect(messages).toHaveLength(1);
    await sender.send(messages[0] ?? Buffer.alloc(0), addresses.flows);
    await taken(2);
    expect(await events.after('acme', 'events', 0, 10)).toMatchObject([
      { device: 'br1_edge', channel: 'syslog', name: 'trap.linkDown', observedAt: new Date(AT - 90_000).toISOString() },
    ]);
    const flows = await events.after('acme', 'flows', 0, 10);
    expect(flows.map(({ detail }): unknown => JSON.parse(detail))).toEqual([
      FLOW,
      { ...FLOW, sourcePort: 40_001, dnsName: 'a.example' },
    ]);
  });

  it('are dropped from another port than the inventory says', async () => {
    const { addresses, taken, sender } = await start({}, [{ ...EDGE, port: 9 }]);
    await sender.send(encodeSyslog(eventToSyslog(EVENT, AT, true)), addresses.syslog);
    expect(await taken(1)).toMatchObject({ kept: 0, drops: { 'unknown-source': 1 } });
  });
});

describe('the feed', () => {
  it('goes on from a cursor, wakes who waits for its own tenant, and gives up in time', async () => {
    const { addresses, sender, taken, feed } = await start();
    const question = { stream: 'events', limit: 1, since: 0, waitSeconds: 20 } as const;
    const waiting = feed.read({ ...question, tenant: 'acme' });
    const other = feed.read({ ...question, tenant: 'globex', waitSeconds: 0.05 });
    await sender.send(trapOf(EVENT), addresses.traps);
    await sender.send(trapOf({ ...EVENT, seq: 8, name: 'trap.linkUp' }), addresses.traps);
    expect(await waiting).toMatchObject([{ seq: 1, name: 'trap.linkDown' }]);
    await taken(2);
    expect(await feed.read({ ...question, tenant: 'acme', since: 1 })).toMatchObject([{ seq: 2, name: 'trap.linkUp' }]);
    expect(await other).toEqual([]);
  });
});
