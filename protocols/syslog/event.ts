/** How an event of a device is written as syslog, and read back: structured data of our own beside a text for people. */
import type { NetworkEvent } from '../device/state.ts';
import { FACILITY, type SyslogMessage } from './message.ts';

/** 32473 is the enterprise number of examples (RFC 5612): there is none of our own. */
const ELEMENT = 'event@32473';
const APP = 'sdwan';

/** Severities of events as syslog knows them (RFC 5674 §2 maps alarms the same way; a cleared one is a notice). */
const SEVERITY: Readonly<Record<NetworkEvent['severity'], number>> = {
  ...{ critical: 1, major: 2, minor: 3, warning: 4, cleared: 5, info: 6 },
};
const isSeverity = (word: string): word is NetworkEvent['severity'] => Object.hasOwn(SEVERITY, word);

/** `at` is the device's own clock, epoch milliseconds, which may be wrong: it then says so (RFC 5424 §7.1). */
export function eventToSyslog(event: NetworkEvent, at: number, synchronised: boolean): SyslogMessage {
  const { name, resource, severity, detail, seq } = event;
  return {
    facility: name.includes('aaa') ? FACILITY.auth : FACILITY.local7,
    severity: SEVERITY[severity],
    ...{ at, host: event.device, app: APP, process: '', messageId: name, text: detail },
    elements: [
      {
        id: ELEMENT,
        parameters: Object.entries({ name, resource, severity, seq: String(seq) }).map(([key, value]) => ({
          name: key,
          value,
        })),
      },
      {
        id: 'timeQuality',
        parameters: [
          { name: 'tzKnown', value: '1' },
          { name: 'isSynced', value: synchronised ? '1' : '0' },
        ],
      },
    ],
  };
}

/** The event that a message tells of, by the sender's clock; undefined when it carries none or has no time. */
export function eventFromSyslog({ elements, at, text, host }: SyslogMessage): NetworkEvent | undefined {
  const parameters = elements.find(({ id }) => id === ELEMENT)?.parameters ?? [];
  const read = (wanted: string): string => parameters.find(({ name }) => name === wanted)?.value ?? '';
  const severity = read('severity');
  const seq = Number(read('seq'));
  if (at === undefined || !isSeverity(severity) || read('name') === '' || !Number.isSafeInteger(seq)) return undefined;
  return { seq, at, name: read('name'), device: host, resource: read('resource'), severity, detail: text };
}
