/** Tells the compliance auditor what happened: the newest entries of a tenant, with the facts it judges and without contents of changes. */
import { z } from 'zod';
import type { Json } from '../contract.ts';
import type { AuditLog, StoredAuditEntry } from '../ports.ts';

export const auditForm = z.strictObject({
  last: z.int().min(1).max(500),
  kinds: z.array(z.string().max(60)).min(1).max(50),
  since: z.iso.datetime().optional(),
});

/** Entries looked through, from the newest: a flood of reads must not make one question a walk through the whole log. */
const MOST_SEEN = 20_000;
const PAGE = 1_000;
/** Longest text of a fact. */
const MAX_TEXT = 300;
/** Facts of an entry that are told; nothing of a configuration, a diff or an input is among them. */
const FACTS = [
  'error',
  'reason',
  'verdict',
  'status',
  'outcome',
  'approval',
  'id',
  'of',
  'incident',
  'band',
  'device',
  'devices',
  'uses',
  'until',
];

const isPlain = (value: Json | undefined): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

const observations = z.array(z.looseObject({ policy: z.string(), effect: z.string() }));

/** `two-hands: deny, …`: what policies that are only observed would have made of it. */
function observedOf(content: StoredAuditEntry['content']): { readonly observed?: string } {
  const all = observations.safeParse(content['observed']).data ?? [];
  const text = all.map(({ policy, effect }) => `${policy}: ${effect}`).join(', ');
  return text === '' ? {} : { observed: text.slice(0, MAX_TEXT) };
}

function factsOf({ content }: StoredAuditEntry): { readonly [name: string]: Json } {
  const plain = Object.fromEntries(
    FACTS.flatMap((name) => {
      const value = content[name];
      const plain = Array.isArray(value) ? value.filter(isPlain).join(', ') : value;
      if (!isPlain(plain)) return [];
      return [[name, typeof plain === 'string' ? plain.slice(0, MAX_TEXT) : plain]];
    }),
  );
  return { ...plain, ...observedOf(content) };
}

/** Oldest first. Entries of other tenants do not exist. */
export async function readAudit(
  audit: Pick<AuditLog, 'size' | 'entries'>,
  tenant: string,
  { last, kinds, since }: z.infer<typeof auditForm>,
): Promise<Json> {
  const wanted = new Set(kinds);
  const found: StoredAuditEntry[] = [];
  const size = audit.size();
  for (let end = size; end > Math.max(0, size - MOST_SEEN) && found.length < last; end -= PAGE) {
    const from = Math.max(0, end - PAGE);
    const page = await audit.entries(from, end - from);
    const some = page.filter((entry) => entry.tenant === tenant && wanted.has(entry.kind));
    found.unshift(...some.filter(({ at }) => since === undefined || at >= since));
    if (since !== undefined && (page[0]?.at ?? '') < since) break;
  }
  return found.slice(-last).map((entry) => ({
    index: entry.index,
    at: entry.at,
    kind: entry.kind,
    ...(entry.human === undefined ? {} : { human: entry.human }),
    ...(entry.agent === undefined ? {} : { agent: entry.agent }),
    ...(entry.tool === undefined ? {} : { tool: entry.tool }),
    ...(entry.intent === undefined ? {} : { intent: entry.intent }),
    facts: factsOf(entry),
  }));
}
