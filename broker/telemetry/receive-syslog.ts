/** Takes syslog datagrams (RFC 5424, RFC 5426) from addresses and ports of the inventory. UDP proves no sender: on networks that others can write to, SNMPv3 is the channel to believe. */
import { eventFromSyslog } from '../../protocols/syslog/event.ts';
import {
  decodeSyslog,
  MAX_SYSLOG_BYTES,
  SYSLOG_SEVERITIES,
  SyslogError,
  type SyslogMessage,
} from '../../protocols/syslog/message.ts';
import type { Clock } from '../ports.ts';
import type { ReceivedEvent } from './received-event.ts';
import { dropped, type Receive } from './reception.ts';
import type { Sources } from './sources.ts';

/** Longest text of an event that is kept, characters. */
const MAX_TEXT = 1_000;
const LAST_MS = 8_640_000_000_000_000;

export function createSyslogReceiver({
  sources,
  clock,
}: {
  readonly sources: Sources;
  readonly clock: Clock;
}): Receive {
  return (bytes, { host, port }) => {
    const source = sources.at(host, port);
    if (source === undefined) return dropped('unknown-source');
    if (bytes.length > MAX_SYSLOG_BYTES) return dropped('too-long');
    try {
      const { tenant, device } = source;
      const receivedAt = clock.now();
      const told = describe(decodeSyslog(bytes), device);
      const at = told.at !== undefined && Math.abs(told.at) <= LAST_MS ? told.at : receivedAt;
      const event: ReceivedEvent = {
        ...{ tenant, device, channel: 'syslog', name: told.name, resource: told.resource, severity: told.severity },
        detail: told.detail.slice(0, MAX_TEXT),
        ...{ observedAt: new Date(at).toISOString(), receivedAt: new Date(receivedAt).toISOString() },
      };
      return { events: [event] };
    } catch (error) {
      if (error instanceof SyslogError) return dropped('malformed');
      throw error;
    }
  };
}

/** Our own structured data says what happened to what; any other message is a text about the device. */
function describe(message: SyslogMessage, device: string) {
  const event = eventFromSyslog(message);
  if (event !== undefined) return event;
  return {
    ...{ at: message.at, name: 'syslog', resource: `node/${device}`, detail: message.text },
    severity: SYSLOG_SEVERITIES[message.severity] ?? 'notice',
  };
}
