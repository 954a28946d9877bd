/** A simulated agent for tests, the driver that reads it, and a relay between them that can lie. */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import type { DeviceEndpoint } from '../../../broker/drivers/driver.ts';
import { createSnmpDriver, type SnmpDriverOptions } from '../../../broker/drivers/snmp/driver.ts';
import { systemTimers } from '../../../protocols/netconf/timers.ts';
import { decodeMessage, type SnmpMessage } from '../../../protocols/snmp/message.ts';
import { createMibTable, type MibRow, type MibView } from '../../../protocols/snmp/mib.ts';
import { decodeScopedPdu, encodeScopedPdu, type Pdu, type ScopedPdu } from '../../../protocols/snmp/pdu.ts';
import { localizeUser, openData, sealMessage } from '../../../protocols/snmp/usm.ts';
import { type SnmpAgentOptions, startSnmpAgent } from '../../../simulators/protocols/snmp/agent.ts';

export const USER = { name: 'reader', authPassword: 'authentic-pass', privPassword: 'private-pass' };
export const ENGINE_ID = Buffer.from('80001f8804776179', 'hex');
export const KEYS = localizeUser(USER, ENGINE_ID);

export const IF_DESCRIPTION = '1.3.6.1.2.1.2.2.1.2';
export const IF_STATUS = '1.3.6.1.2.1.2.2.1.8';
export const SYS_NAME = '1.3.6.1.2.1.1.5.0';
export const INTERFACES = 60;

const column = (dotted: string): readonly number[] => dotted.split('.').map(Number);

export const ROWS: readonly MibRow[] = [
  { oid: column('1.3.6.1.2.1.1.2.0'), value: { type: 'oid', value: column('1.3.6.1.4.1.8072') } },
  { oid: column('1.3.6.1.2.1.1.3.0'), value: { type: 'timeticks', value: 4_294_967_295 } },
  { oid: column(SYS_NAME), value: { type: 'string', value: 'br2_edge' } },
  ...Array.from({ length: INTERFACES }, (_, i): readonly MibRow[] => [
    { oid: [...column(IF_DESCRIPTION), i + 1], value: { type: 'string', value: `ge0/${i + 1}` } },
    { oid: [...column(IF_STATUS), i + 1], value: { type: 'integer', value: i % 2 === 0 ? 1 : 2 } },
  ]).flat(),
  { oid: column('1.3.6.1.2.1.4.20.1.1.10.0.0.1'), value: { type: 'ip', value: '10.0.0.1' } },
  { oid: column('1.3.6.1.2.1.31.1.1.1.6.1'), value: { type: 'counter64', value: 18_446_744_073_709_551_615n } },
  { oid: column('1.3.6.1.2.1.31.1.1.1.18.1'), value: { type: 'string', value: Uint8Array.of(0, 255, 16) } },
];

export interface Clock {
  boots: number;
  time: number;
}

export function startAgent(overrides: Partial<SnmpAgentOptions> = {}, clock: Clock = { boots: 4, time: 1_000 }) {
  return startSnmpAgent({
    ...{ host: '127.0.0.1', port: 0, engineId: ENGINE_ID, users: [USER], mib: createMibTable(ROWS) },
    ...{ engineBoots: () => clock.boots, engineTime: () => clock.time, reachable: () => true },
    ...overrides,
  });
}

/** A view with one row that repeats for ever, another name each time it is asked. */
export const createEndlessView = (name: (oid: readonly number[]) => readonly number[]): MibView => ({
  get: () => undefined,
  next: (oid) => ({ oid: name(oid), value: { type: 'integer', value: 1 } }),
});

export const createDriver = (overrides: Partial<SnmpDriverOptions> = {}) =>
  createSnmpDriver({ timers: systemTimers, now: () => 0, random: randomBytes, waitMs: 200, ...overrides });

export const endpointOf = (port: number, user: Partial<typeof USER> = {}): DeviceEndpoint => {
  const { name, authPassword, privPassword } = { ...USER, ...user };
  return {
    tenant: 'acme',
    device: 'br2_edge',
    snmp: { host: '127.0.0.1', port, user: name, authPassword, privPassword },
  };
};

export const COMMUNITY = { name: 'a-word-in-the-clear', view: [[1, 3, 6, 1, 2, 1]] } as const;

export const communityEndpointOf = (port: number, community: string = COMMUNITY.name): DeviceEndpoint => ({
  ...{ tenant: 'acme', device: 'br2_edge', snmp2c: { host: '127.0.0.1', port, community } },
});

/** Whether the datagram carries a value: an encrypted answer, no report. */
export const isValue = (answer: Buffer): boolean => decodeMessage(answer).priv;

export const openAnswer = (answer: Buffer): ScopedPdu =>
  decodeScopedPdu(openData(decodeMessage(answer), KEYS) ?? Buffer.alloc(0));

export interface Resealing extends Partial<Pick<SnmpMessage, 'id' | 'engineId' | 'engineBoots' | 'user' | 'priv'>> {
  readonly pdu?: Partial<Pdu>;
  readonly scope?: Partial<ScopedPdu>;
  /** Bytes in the place of the scoped PDU. */
  readonly data?: (honest: Buffer) => Buffer;
  /** Seconds that are added to the engine time. */
  readonly later?: number;
}

/** The answer with another content, sealed with the right keys: what only a broken agent can send. */
export function reseal(answer: Buffer, { pdu, scope, data, later = 0, ...header }: Resealing): Buffer {
  const message = decodeMessage(answer);
  const honest = openAnswer(answer);
  const scoped = encodeScopedPdu({ ...honest, ...scope, pdu: { ...honest.pdu, ...pdu } });
  return sealMessage(
    { ...message, ...header, engineTime: message.engineTime + later, data: data?.(scoped) ?? scoped },
    KEYS,
    Buffer.alloc(8, 1),
  );
}

/** One datagram of a relay; a stranger sends it from another port or from another address. */
export interface Lie {
  readonly bytes: Buffer;
  readonly stranger?: 'port' | 'address';
}

/** Forwards to the agent; `lie` makes of each answer the datagrams that the driver gets. */
export async function startRelay(agentPort: number, lie: (answer: Buffer, request: Buffer) => readonly Lie[]) {
  const front = createSocket('udp4');
  const strangers = { port: createSocket('udp4'), address: createSocket('udp4') };
  const upstream: ReturnType<typeof createSocket>[] = [];
  let requests = 0;
  front.on('message', (request, from) => {
    requests += 1;
    const back = createSocket('udp4');
    upstream.push(back);
    back.once('message', (answer) => {
      upstream.splice(upstream.indexOf(back), 1);
      back.close();
      for (const { bytes, stranger } of lie(answer, request))
        (stranger === undefined ? front : strangers[stranger]).send(bytes, from.port, from.address);
    });
    back.send(request, agentPort, '127.0.0.1');
  });
  const bind = (socket: typeof front, host: string) =>
    new Promise<void>((resolve) => socket.bind(0, host, () => resolve()));
  await Promise.all([
    bind(front, '127.0.0.1'),
    bind(strangers.port, '127.0.0.1'),
    bind(strangers.address, '127.0.0.2'),
  ]);
  return {
    port: front.address().port,
    /** Datagrams that the driver sent. */
    requests: () => requests,
    close: () => {
      for (const socket of [front, ...Object.values(strangers), ...upstream]) socket.close();
    },
  };
}
