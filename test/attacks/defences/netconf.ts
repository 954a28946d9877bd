/** Defences against hostile NETCONF peers: what is read of them, and what becomes of a change on them. */
import type { Defence } from './defence.ts';

const XML = 'protocols/netconf/xml.ts';
const FRAMING = 'protocols/netconf/framing.ts';
const SESSION = 'broker/drivers/netconf/session.ts';
const MALFORMED = "parser.on('error', () => {\n    throw new XmlError('MALFORMED', 'not well-formed XML');\n  });";
// biome-ignore lint/suspicious/noTemplateCurlyInString: the source as it stands
const TOO_LARGE = "fail('TOO_LARGE', `a message of more than ${maxBytes} bytes`);";

export const NETCONF_DEFENCES = {
  'no-document-type': {
    what: 'a DOCTYPE is refused, and with it every entity but the five of XML',
    without: [
      { file: XML, find: "throw new XmlError('DOCTYPE', 'a DOCTYPE is not accepted');", replace: '' },
      { file: XML, find: MALFORMED, replace: "parser.on('error', () => undefined);" },
    ],
  },
  'well-formed': {
    what: 'what is not well-formed in every byte is no document',
    without: [
      { file: XML, find: MALFORMED, replace: "parser.on('error', () => undefined);" },
      {
        file: XML,
        find: 'const read = root;',
        replace: 'const read = root ?? (open[0] as never);',
      },
    ],
  },
  'attribute-cap': {
    what: 'an element has at most 64 attributes',
    without: [{ file: XML, find: 'if (attributes > caps.attributes)', replace: 'if (attributes < 0)' }],
  },
  'message-size': {
    what: 'a message is cut at 4 MiB while it is read',
    without: [
      {
        file: XML,
        find: 'if (text.length > caps.bytes || Buffer.byteLength(text) > caps.bytes)',
        replace: 'if (false)',
      },
      { file: FRAMING, find: `if (length + bytes.length > maxBytes) ${TOO_LARGE}`, replace: '' },
      { file: FRAMING, find: `if (length + chunkSize > maxBytes) ${TOO_LARGE}`, replace: '' },
      {
        file: FRAMING,
        find: 'Buffer.allocUnsafe(Math.min(maxBytes, Math.max(4096, body.length * 2, length + bytes.length)))',
        replace: 'Buffer.allocUnsafe(Math.max(4096, body.length * 2, length + bytes.length))',
      },
    ],
  },
  'chunk-sizes': {
    what: 'a chunk size is a decimal number without leading zeros, ended by a line feed (RFC 6242 §4.2)',
    without: [
      {
        file: FRAMING,
        find: "if (byte <= ZERO || byte > NINE) fail('FRAMING', 'a chunk size must begin with 1 to 9');",
        replace: '',
      },
    ],
  },
  'demanded-capabilities': {
    what: 'a device that no longer offers all that a change needs is not written to',
    without: [
      { file: 'broker/drivers/netconf/write-session.ts', find: 'if (ladder === undefined) {', replace: 'if (false) {' },
    ],
  },
  'reply-correlation': {
    what: 'a reply is taken by the request of exactly its message-id; one that fits none ends the session',
    without: [
      {
        file: SESSION,
        find: "if (waiting === undefined) throw new DriverError('PROTOCOL', 'a reply with an unknown message-id');\n    waiting.settle(reply);",
        replace: '(waiting ?? [...pending.values()][0])?.settle(reply);',
      },
    ],
  },
  'reply-deadline': {
    what: 'a reply, and a whole read, has a time after which it is given up',
    without: [
      { file: SESSION, find: 'timers.set(deadlineMs, () => {', replace: 'timers.set(Infinity, () => {' },
      {
        file: 'broker/drivers/netconf/read-pool.ts',
        find: 'timers.set(deadlines.runMs, () => absolute.abort())',
        replace: 'timers.set(Infinity, () => absolute.abort())',
      },
    ],
  },
  'no-control-characters': {
    what: 'control characters are refused, also as references, and so is what is not UTF-8',
    without: [
      { file: XML, find: 'if (CONTROL.test(text)) throw', replace: 'if (false) throw' },
      { file: FRAMING, find: "if (!isUtf8(bytes)) fail('ENCODING', 'not UTF-8');", replace: '' },
    ],
  },
  'pinned-host-key': {
    what: 'the SSH host key is the pinned one, or nothing is said to it',
    without: [
      {
        file: 'broker/drivers/netconf/connection.ts',
        find: 'const matches = matchesFingerprint(key, endpoint.hostKey);',
        replace: 'const matches = matchesFingerprint(key, endpoint.hostKey) || true;',
      },
    ],
  },
  'outcome-from-device': {
    what: 'from the moment a commit may have left, what the device holds is read before anything is said of it',
    without: [
      {
        file: 'broker/execution/transaction.ts',
        find: 'committed = true; // from the moment the request may have left, the device may hold the change',
        replace: '',
      },
    ],
  },
  'confirm-timeout-tried': {
    what: 'a device is certified for confirmed commits only when one was seen to lapse in the seconds that were asked for',
    without: [
      {
        file: 'broker/execution/learn-quirks.ts',
        find: 'works: took && cancel.back && lapse.back,',
        replace: 'works: took && cancel.back,',
      },
    ],
  },
  'inverse-edit': {
    what: 'a change that was confirmed by somebody else and must not stand is taken back by an edit, and read again',
    without: [
      {
        file: 'broker/execution/reconcile.ts',
        find: 'return await pushInverse(deps, session, record);',
        replace: "return { outcome: 'reverted', detail: 'cancelled', running };",
      },
    ],
  },
} as const satisfies Readonly<Record<string, Defence>>;
