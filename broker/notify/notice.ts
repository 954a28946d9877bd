/** Which audit entries are news for people elsewhere, and what of them is told: words and numbers of ours, never a device's text. Pure. */
import { sha256 } from '../digest.ts';
import type { AuditEntry, StoredAuditEntry } from '../ports.ts';

/** What can be told. A channel asks for types, or for a family as `approval.*`. */
export const NOTICE_TYPES = [
  'approval.requested',
  'approval.decided',
  'approval.expired',
  'risk.changed',
  'risk.suspended',
  'policy.stopped',
  'policy.resumed',
  'device.quarantined',
  'page.outcome-unknown',
  'page.rollback-failed',
  'break-glass.opened',
  'break-glass.used',
  'call.executed',
  'channel.test',
] as const;
export type NoticeType = (typeof NOTICE_TYPES)[number];

type Datum = string | number | readonly string[];

export interface Notice {
  /** The same for the same fact, on every broker and in every reading of the log. */
  readonly id: string;
  readonly type: NoticeType;
  readonly tenant: string;
  /** ISO-8601 UTC. */
  readonly at: string;
  /** What it is about: an approval, a person, a device. */
  readonly subject: string;
  readonly data: { readonly [name: string]: Datum };
  /** Entry of the audit log that says it; absent: it is a test. */
  readonly entry?: number;
  /** Only these channels, by obligation of a policy; absent: who asked for the type. */
  readonly channels?: readonly string[];
}

/** Names, ids, times and codes. Anything else may be somebody's text, which is in the log for who may read it there. */
const WORD = /^[\w.:@/+-]{1,128}$/;
const MOST_NAMES = 50;

/** Facts of an entry, by name; what is no word, number or list of words is left out. */
function pick(entry: AuditEntry, names: readonly string[]): { readonly [name: string]: Datum } {
  const { content, human, agent, tool, intent } = entry;
  const known = { ...content, human, agent, tool, intent };
  return Object.fromEntries(
    names.flatMap((name): readonly (readonly [string, Datum])[] => {
      const value: unknown = Object.hasOwn(known, name) ? known[name as keyof typeof known] : undefined;
      if (typeof value === 'number') return [[name, value]];
      if (typeof value === 'string') return WORD.test(value) ? [[name, value]] : [];
      if (!Array.isArray(value)) return [];
      return [[name, value.filter((one) => typeof one === 'string' && WORD.test(one)).slice(0, MOST_NAMES)]];
    }),
  );
}

const CALL = ['human', 'agent', 'tool', 'effect', 'intent', 'target', 'purpose'] as const;
const textOf = (entry: AuditEntry, name: string): string => {
  const value = entry.content[name];
  return typeof value === 'string' && WORD.test(value) ? value : '';
};

interface Told {
  readonly type: NoticeType;
  readonly subject: string;
  readonly data: Notice['data'];
  /** Of two entries with the same the later one is no news. */
  readonly once?: string;
  readonly channels?: readonly string[];
}

/** What is told of an entry, by its kind. */
const TELLS: { readonly [kind: string]: (entry: AuditEntry) => readonly Told[] } = {
  // Who asks again while people think writes the same entry again.
  pending: (entry) => {
    const approval = textOf(entry, 'approval');
    return [
      { type: 'approval.requested', subject: approval, data: pick(entry, ['approval', ...CALL]), once: approval },
    ];
  },
  'approval.vote': (entry) =>
    textOf(entry, 'status') === 'pending'
      ? []
      : [
          {
            ...{ type: 'approval.decided', subject: textOf(entry, 'approval') },
            data: pick(entry, ['approval', 'status', 'human', 'tool', 'intent']),
          },
        ],
  'approval.expired': (entry) => {
    const approval = textOf(entry, 'approval');
    return [
      {
        type: 'approval.expired',
        subject: approval,
        data: pick(entry, ['approval', 'tool', 'intent']),
        once: approval,
      },
    ];
  },
  'risk.band': (entry) => [
    {
      type: textOf(entry, 'to') === 'suspended' ? 'risk.suspended' : 'risk.changed',
      subject: entry.human ?? '-',
      data: pick(entry, ['human', 'agent', 'from', 'to', 'score', 'clearedBy']),
    },
  ],
  'policy.stopped': () => [{ type: 'policy.stopped', subject: 'policy', data: {} }],
  'policy.resumed': (entry) => [{ type: 'policy.resumed', subject: 'policy', data: pick(entry, ['human']) }],
  'device.quarantined': (entry) => [
    {
      ...{ type: 'device.quarantined', subject: textOf(entry, 'device') },
      data: pick(entry, ['device', 'reason', 'intent']),
    },
  ],
  'human.paged': (entry) => [
    {
      type: textOf(entry, 'code') === 'ROLLBACK_FAILED' ? 'page.rollback-failed' : 'page.outcome-unknown',
      subject: textOf(entry, 'device'),
      data: pick(entry, ['device', 'code', 'intent']),
    },
  ],
  'break-glass.opened': (entry) => [
    {
      ...{ type: 'break-glass.opened', subject: textOf(entry, 'id') },
      data: pick(entry, ['id', 'human', 'incident', 'devices', 'until']),
    },
  ],
  execute: (entry) => {
    const glass = textOf(entry, 'breakGlass');
    const { notify } = entry.content;
    const channels = Array.isArray(notify) ? notify.filter((one) => typeof one === 'string') : [];
    return [
      ...(glass === ''
        ? []
        : [{ type: 'break-glass.used' as const, subject: glass, data: pick(entry, ['breakGlass', ...CALL]) }]),
      ...(channels.length === 0
        ? []
        : [{ type: 'call.executed' as const, subject: entry.intent ?? '-', data: pick(entry, CALL), channels }]),
    ];
  },
};

/** The news of an entry: mostly none. `log` is the name of this log in the world: two installations tell different facts. */
export function noticesOf(entry: StoredAuditEntry, log: string): readonly Notice[] {
  const tell = Object.hasOwn(TELLS, entry.kind) ? TELLS[entry.kind] : undefined;
  return (tell?.(entry) ?? []).map(({ once, ...told }) => ({
    ...told,
    id: noticeId([log, told.type, entry.tenant, once ?? entry.index]),
    ...{ tenant: entry.tenant, at: entry.at, entry: entry.index },
  }));
}

export const noticeId = (of: readonly (string | number)[]): string =>
  `evt_${sha256(JSON.stringify(of)).slice('sha256:'.length, 39)}`;

/** CloudEvents 1.0.2, structured mode, JSON format. Extension attributes: `tenant` and `auditentry`. */
export function printCloudEvent({ id, type, tenant, at, subject, data, entry }: Notice, log: string): string {
  return JSON.stringify({
    ...{ specversion: '1.0', id, source: `/wayleave/${log}/tenants/${tenant}`, type: `wayleave.${type}` },
    ...{ subject: subject === '' ? '-' : subject, time: at, datacontenttype: 'application/json', tenant },
    ...(entry === undefined ? {} : { auditentry: entry }),
    data,
  });
}
