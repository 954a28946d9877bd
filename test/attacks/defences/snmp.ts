/** Defences against hostile SNMP agents and forged notifications. */
import type { Defence } from './defence.ts';

const BER = 'protocols/snmp/ber.ts';
const READ = 'broker/drivers/snmp/read-varbinds.ts';

export const SNMP_DEFENCES = {
  'whole-elements': {
    what: 'an element that says to be longer than what is there is no element',
    without: [
      {
        file: BER,
        find: "if (size > this.#end - this.#at) throw new BerError('element is cut');",
        replace: '',
      },
    ],
  },
  'asked-names': {
    what: 'a value counts under exactly the name that was asked',
    without: [{ file: READ, find: 'if (compareOids(varbind.oid, asked[i] ?? []) !== 0)', replace: 'if (false)' }],
  },
  'name-length': {
    what: 'an object identifier has at most 128 parts (RFC 3416 §4.1)',
    without: [
      {
        file: BER,
        find: "if (parts.length > MAX_SUB_IDENTIFIERS) throw new BerError('object identifier too long');",
        replace: '',
      },
    ],
  },
  'few-repetitions': {
    what: 'a request asks for 25 rows at most, so that no agent is made an amplifier',
    without: [{ file: READ, find: 'const REPETITIONS = 25;', replace: 'const REPETITIONS = 10_000;' }],
  },
  'growing-names': {
    what: 'a walk ends at the first name that does not grow',
    without: [
      {
        file: READ,
        find: "if (compareOids(varbind.oid, last) <= 0) throw new DriverError('PROTOCOL', 'names that do not grow');",
        replace: '',
      },
    ],
  },
  'snmp-reads-only': {
    what: 'what is neither get nor walk is not sent by SNMP',
    without: [
      {
        file: 'broker/drivers/snmp/choose-driver.ts',
        find: "if (operation.protocol === 'snmp' && operation.kind !== 'get' && operation.kind !== 'walk')",
        replace: 'if (false)',
      },
    ],
  },
  'privacy-of-answers': {
    what: 'an answer is believed encrypted only',
    without: [{ file: 'broker/drivers/snmp/session.ts', find: '    !message.priv ||\n', replace: '' }],
  },
  'authentic-traps': {
    what: 'a trap is kept when its signature is right with the keys of its device',
    without: [
      {
        file: 'broker/telemetry/receive-traps.ts',
        find: 'if (keys === undefined || !isAuthentic(bytes, message, keys))',
        replace: 'if (keys === undefined)',
      },
    ],
  },
  'log-without-secrets': {
    what: 'fields that hold secrets are not written to the log, at any depth',
    without: [
      {
        file: 'apps/compose/process-log.ts',
        find: 'pino({ name, level, redact: paths, mixin }, destination)',
        replace: 'pino({ name, level, mixin }, destination)',
      },
    ],
  },
} as const satisfies Readonly<Record<string, Defence>>;
