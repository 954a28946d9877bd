/** Defences of the audit log: its writer, its witness, and the verifier that shares no code with it. */
import type { Defence } from './defence.ts';

const LOG = 'broker/audit/log.ts';
const VERIFICATION = 'apps/verify/verification.ts';

export const AUDIT_DEFENCES = {
  'entry-hash': {
    what: 'the verifier hashes the entry itself and believes no hash that stands beside it',
    without: [
      {
        file: VERIFICATION,
        find: 'const leaf = hashEntry(line);',
        replace: "const leaf = stated === undefined ? hashEntry(line) : Buffer.from(stated, 'base64');",
      },
    ],
  },
  'checkpoint-signature': {
    what: 'a tree is the log’s only under a checkpoint that the key in force signed',
    without: [
      {
        file: 'apps/verify/read-note.ts',
        find: 'if (!isGood(text, bytes.subarray(4), key)) return undefined;',
        replace: '',
      },
    ],
  },
  'entry-place': {
    what: 'the log does not start on a tree that is not the one of its signed checkpoints',
    without: [
      {
        file: 'broker/audit/replay.ts',
        find: 'if (signed.size !== tree.size || !signed.root.equals(tree.root()))',
        replace: 'if (signed.size < 0)',
      },
      {
        file: 'broker/audit/replay.ts',
        find: 'if (!known && batch.from !== tree.size)',
        replace: 'if (batch.from < 0)',
      },
    ],
  },
  'audit-witness': {
    what: 'the log does not start when its witness has seen more of it, or another one',
    without: [
      {
        file: 'broker/audit/witness/follow.ts',
        find: "if (state.status === 'refused') {",
        replace: 'if (state.size < 0) {',
      },
    ],
  },
  'one-line-entries': {
    what: 'an entry is one line of JSON without anything that a terminal or an editor acts on',
    without: [
      { file: 'broker/audit/entry.ts', find: "if (typeof value === 'string') return escapeText(value);", replace: '' },
    ],
  },
  'stop-after-failed-write': {
    what: 'after a write that may not be durable the log takes nothing more',
    without: [
      {
        file: LOG,
        find: 'stopped = error instanceof WayleaveError ? error : lost;',
        replace: 'void lost;',
      },
      { file: LOG, find: 'epoch = 0;', replace: 'void epoch;' },
    ],
  },
  'sync-before-answer': {
    what: 'an entry is acknowledged behind the fdatasync that made it durable',
    without: [
      {
        file: 'broker/audit/file-store.ts',
        find: 'await current.file.sync();\n      current.bytes',
        replace: 'current.bytes',
      },
    ],
  },
  'audit-redaction': {
    what: 'secrets are taken out of an entry before it is hashed',
    without: [
      { file: 'broker/audit/entry.ts', find: 'content: redact(entry.content)', replace: 'content: entry.content' },
    ],
  },
  'writer-epoch': {
    what: 'a writer that lost its claim is refused',
    without: [
      {
        file: 'broker/audit/file-store.ts',
        find: "if (claimed?.epoch !== epoch || files.stamp('epoch') !== claimed.stamp) throw new FencedError();",
        replace: '',
      },
    ],
  },
  'order-by-index': {
    what: 'an entry whose time is before that of the one in front of it is marked, and a human hears of it',
    without: [{ file: LOG, find: 'const clockBack = one.entry.at < lastAt;', replace: 'const clockBack = false;' }],
  },
  'proof-of-this-tree': {
    what: 'a proof counts for one leaf, one index, one size and one signed root',
    without: [
      {
        file: 'apps/verify/verify-proof.ts',
        find: 'if (!isIncluded(',
        replace: 'if (proof.index < 0 && !isIncluded(',
      },
    ],
  },
} as const satisfies Readonly<Record<string, Defence>>;
