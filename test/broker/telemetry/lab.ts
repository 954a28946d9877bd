/** The broker's receivers beside senders: devices of two tenants that tell, and everything that is needed to lie. */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { createMemoryEvents } from '../../../broker/stores/memory-events.ts';
import { createEventFeed } from '../../../broker/telemetry/event-feed.ts';
import { createSources, type SourceDevice } from '../../../broker/telemetry/sources.ts';
import { startTelemetry, type TelemetryOptions } from '../../../broker/telemetry/start-telemetry.ts';
import type { NetworkEvent } from '../../../protocols/device/state.ts';
import { systemTimers } from '../../../protocols/netconf/timers.ts';
import { notifyEvent } from '../../../protocols/snmp/notification.ts';
import { createSalts, localizeUser } from '../../../protocols/snmp/usm.ts';
import { sealTrap, type TrapSender } from '../../../simulators/protocols/traps/seal-trap.ts';

export const AT = Date.UTC(2026, 0, 5, 9);
export const USER = { name: 'wayleave', authPassword: 'authentic-pass', privPassword: 'private-pass' };
export const OWN_ENGINE = Buffer.from('80007ed905000102030405060708', 'hex');
export const EDGE_ENGINE = Buffer.from('8000000004656467652d31', 'hex');
export const salt = createSalts(randomBytes);

export const EDGE = {
  ...{ tenant: 'acme', device: 'br1_edge', host: '127.20.0.5' },
  ...{ engineId: EDGE_ENGINE.toString('hex'), user: USER },
} as const satisfies SourceDevice;
const OTHER: SourceDevice = {
  ...{ tenant: 'globex', device: 'br1_edge', host: '127.21.0.5', engineId: '8000000004676c6f626578' },
  user: { ...USER, authPassword: 'other-password' },
};

export const EVENT: NetworkEvent = {
  ...{ seq: 7, at: AT, name: 'trap.linkDown', device: 'br1_edge', resource: 'interface/br1_edge/ge0/0' },
  ...{ severity: 'major', detail: 'ge0/0 admin up oper down' },
};

export const varbindsOf = (event: NetworkEvent, at = AT) => {
  const varbinds = notifyEvent(event, { upTimeMs: 12_340, at, port: { index: 3, admin: 'up', oper: 'down' } });
  if (varbinds === undefined) throw new Error('the event has no notification');
  return varbinds;
};

let messages = 0;
export const trapOf = (event: NetworkEvent, overrides: Partial<TrapSender> = {}): Buffer => {
  messages += 1;
  return sealTrap(varbindsOf(event), {
    ...{ engineId: EDGE_ENGINE, engineBoots: 3, engineTime: 500, user: USER.name },
    ...{ keys: localizeUser(USER, EDGE_ENGINE), salt: salt(), id: messages },
    ...overrides,
  });
};

export async function startReceivers(
  overrides: Partial<TelemetryOptions> = {},
  sources: readonly SourceDevice[] = [EDGE, OTHER],
) {
  const events = createMemoryEvents();
  const feed = createEventFeed(events, systemTimers);
  const receivers = await startTelemetry({
    ...{ host: '127.0.0.1', ports: { traps: 0, syslog: 0, flows: 0 }, sources: createSources(sources) },
    ...{ events, feed, clock: { now: () => AT }, timers: systemTimers },
    engine: { engineId: OWN_ENGINE, engineBoots: () => 9, engineTime: () => 100, salt },
    onStoreError: (error) => {
      throw error;
    },
    ...overrides,
  });
  /** Resolves when the receivers have taken `count` datagrams and stored what was to keep. */
  const taken = async (count: number): Promise<ReturnType<typeof receivers.counts>> => {
    while (receivers.counts().received < count) await new Promise((resolve) => setImmediate(resolve));
    await receivers.flush();
    return receivers.counts();
  };
  return { ...receivers, events, feed, taken };
}

/** Sends from an address of the loopback network, always through one socket. */
export async function openSender(host: string) {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, host, () => resolve()));
  return {
    port: socket.address().port,
    send: (bytes: Buffer, to: { readonly host: string; readonly port: number }): Promise<void> =>
      new Promise((resolve) => socket.send(bytes, to.port, to.host, () => resolve())),
    close: () => socket.close(),
  };
}
