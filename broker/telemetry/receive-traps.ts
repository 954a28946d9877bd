/**
 * Takes SNMPv3 notifications: authenticated, encrypted, fresh, of a device of the inventory at its own address. For a
 * trap the sender's engine is the authority, for an inform ours (RFC 3412 §6.3). Versions 1 and 2c prove nothing and are
 * malformed here.
 */
import { BerError } from '../../protocols/snmp/ber.ts';
import { type LocalEngine, openMessage, openScoped } from '../../protocols/snmp/local-engine.ts';
import { decodeMessage, type SnmpMessage } from '../../protocols/snmp/message.ts';
import { readNotification } from '../../protocols/snmp/notification.ts';
import type { Pdu } from '../../protocols/snmp/pdu.ts';
import { RemoteEngine } from '../../protocols/snmp/remote-engine.ts';
import { isAuthentic, type UsmReport } from '../../protocols/snmp/usm.ts';
import type { Clock } from '../ports.ts';
import type { ReceivedEvent } from './received-event.ts';
import { type Drop, dropped, type Origin, type Receive, type Reception } from './reception.ts';
import { createReplayMemory } from './replay-memory.ts';
import type { SourceDevice, Sources } from './sources.ts';

export interface TrapDeps {
  readonly sources: Sources;
  readonly clock: Clock;
  /** Our own engine; boots grow with every start of the broker. */
  readonly engine: Omit<LocalEngine, 'keysOf' | 'context'>;
}

const DROP_OF: Readonly<Record<UsmReport | 'otherContext', Drop>> = {
  ...{ unknownEngineIDs: 'unknown-engine', unknownUserNames: 'unknown-user', unsupportedSecLevels: 'low-security' },
  ...{ wrongDigests: 'wrong-digest', notInTimeWindows: 'stale', decryptionErrors: 'undecipherable' },
  otherContext: 'not-a-notification',
};

export function createTrapReceiver({ sources, clock, engine }: TrapDeps): Receive {
  const engines = new Map<SourceDevice, RemoteEngine>();
  // The clock of a trap is its device's, that of an inform ours: they must not meet in one memory.
  const findTrap = createReplayMemory();
  const findInform = createReplayMemory();

  const takeTrap = (bytes: Buffer, message: SnmpMessage, from: Origin): Reception => {
    const source = sources.ofEngine(message.engineId, from.host);
    if (source === undefined) return dropped('unknown-engine');
    if (source.user?.name !== message.user) return dropped('unknown-user');
    if (!message.priv) return dropped('low-security');
    const keys = sources.keys(source, message.engineId);
    if (keys === undefined || !isAuthentic(bytes, message, keys)) return dropped('wrong-digest');
    const remote = engines.get(source) ?? new RemoteEngine(message.engineId, keys, clock.now);
    engines.set(source, remote);
    if (!remote.admit(message)) return dropped('stale');
    const scoped = openScoped(message, keys);
    if (scoped === undefined) return dropped('undecipherable');
    if (scoped.pdu.kind !== 'trap') return dropped('not-a-notification');
    const replay = findTrap(source, message.authParameters.toString('base64'), message);
    if (replay !== undefined) return dropped(replay);
    return keep(source, 'trap', scoped.pdu, clock.now());
  };

  /** A repeated inform is kept once and acknowledged again: its sender did not hear us the first time. */
  const takeInform = (bytes: Buffer, message: SnmpMessage, from: Origin): Reception => {
    const source = sources.ofUser(message.user, from.host);
    const keysOf = () => source && sources.keys(source, engine.engineId);
    const opened = openMessage({ ...engine, keysOf }, bytes, message);
    if (!opened.ok) return dropped(DROP_OF[opened.reason], opened.report);
    if (source === undefined || opened.pdu.kind !== 'inform') return dropped('not-a-notification');
    const answer = opened.seal({ ...opened.pdu, kind: 'response', status: 0, index: 0 });
    const replay = findInform(source, `${opened.pdu.requestId}`, message);
    if (replay !== undefined) return dropped(replay, answer);
    return { ...keep(source, 'inform', opened.pdu, clock.now()), answer };
  };

  return (bytes, from) => {
    try {
      const message = decodeMessage(bytes);
      // Who looks for us names no engine or ours; who tells a trap names his own and expects no report.
      const forUs = message.reportable || message.engineId.equals(engine.engineId);
      return forUs ? takeInform(bytes, message, from) : takeTrap(bytes, message, from);
    } catch (error) {
      if (error instanceof BerError) return dropped('malformed');
      throw error;
    }
  };
}

function keep({ tenant, device }: SourceDevice, channel: 'trap' | 'inform', pdu: Pdu, now: number): Reception {
  const told = readNotification(pdu.varbinds, device, now);
  if (told === undefined) return dropped('not-a-notification');
  const { name, resource, severity, detail, at } = told;
  const event: ReceivedEvent = {
    ...{ tenant, device, channel, name, resource, severity, detail },
    ...{ observedAt: new Date(at).toISOString(), receivedAt: new Date(now).toISOString() },
  };
  return { events: [event] };
}
