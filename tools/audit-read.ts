/** `audit.read`: what people and agents did and were refused, from the broker's audit log, without the contents of changes. */
import { z } from 'zod';
import { defineTool } from './define-tool.ts';
import { jsonOf, observe } from './replies.ts';

/** What is told of an entry, as the value of `audit.entry`. */
export const auditedEntry = z.object({
  kind: z.string(),
  human: z.string().optional(),
  agent: z.string().optional(),
  tool: z.string().optional(),
  intent: z.string().optional(),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});
export type AuditedEntry = z.infer<typeof auditedEntry>;

const entries = z.array(auditedEntry.extend({ index: z.int(), at: z.string() }));

/** Kinds of entries that tell of decisions and of people's power; reads that went well are not among them. */
export const AUDITED_KINDS = [
  'refused',
  'failed',
  'pending',
  'approval.vote',
  'break-glass.opened',
  'break-glass.reviewed',
  'risk.band',
  'risk.cleared',
  'policy.resumed',
  'device.quarantined',
  'device.released',
  'outcome',
] as const;

/** The newest checkpoint: how many entries it covers, their root hash, and whether the witness signed it. */
const sealed = z.object({ size: z.int(), root: z.string(), witnessed: z.boolean(), note: z.string() });

export const auditRead = defineTool({
  name: 'audit.read',
  domain: 'compliance',
  effect: 'read',
  description:
    'Reads the newest entries of the audit log of the tenant that tell of refusals, approvals, break-glass and changes, and with checkpoint the newest signed checkpoint of the whole log.',
  targets: 'none',
  input: z.strictObject({
    last: z.int().min(1).max(500).describe('How many entries, counted from the newest'),
    checkpoint: z.boolean().exactOptional().describe('The signed checkpoint, too'),
    since: z.iso.datetime().exactOptional().describe('None that are older than this'),
  }),
  plan: ({ last, since, checkpoint }) => [
    { protocol: 'records', kind: 'audit', query: { last, kinds: [...AUDITED_KINDS], ...(since ? { since } : {}) } },
    ...(checkpoint === true ? [{ protocol: 'records', kind: 'checkpoint', query: {} } as const] : []),
  ],
  read: (replies) =>
    replies.flatMap((reply) => {
      const newest = sealed.safeParse(jsonOf(reply)).data;
      if (newest !== undefined)
        return Object.entries(newest).map(([name, value]) =>
          observe(reply, 'audit/checkpoint', `audit.checkpoint.${name}`, value),
        );
      return (entries.safeParse(jsonOf(reply)).data ?? []).map(({ at, index, ...entry }) => ({
        ...observe(reply, `audit/${index}`, 'audit.entry', JSON.stringify(entry)),
        observedAt: at,
      }));
    }),
});
