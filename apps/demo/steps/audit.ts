/** Step: the log is verified by code that shares nothing with its writer, and one change is traced from human to outcome. */
import type { AgentName, Json } from '../../../broker/contract.ts';
import type { StoredAuditEntry } from '../../../broker/ports.ts';
import { readEntries } from '../../cli/read-log.ts';
import { verifyExport } from '../../verify/verify-export.ts';

import type { TourStep } from '../tour.ts';

/** `agent`: who asked for the change. */
export const verifyLog = (agent: AgentName = 'troubleshooter'): TourStep => ({
  name: 'The audit log is verified, and the change traced',
  run: async (tour, { tell, check }) => {
    const { auditor, found } = tour;
    const text = await auditor.desk.auditExport();
    const lines = text.split('\n').filter((line) => line !== '');
    const result = await verifyExport(toStream(lines));
    check(
      'Merkle tree and signed checkpoints verify offline',
      result.ok,
      `${result.size} entries${result.problems.map((one) => `; ${one.what}`).join('')}`,
    );
    const bent = lines.map((line) =>
      line.replace('"kind":"decision"', '"kind":"denial"').replace('succeeded', 'suCceeded'),
    );
    const tampered = await verifyExport(toStream(bent));
    check('one changed letter would be found', !tampered.ok, tampered.problems[0]?.what ?? 'not found');
    const entries: StoredAuditEntry[] = [];
    for await (const entry of readEntries(auditor.desk, 0)) if (entry.intent === found.intent) entries.push(entry);
    if (found.intent === undefined) return;
    for (const line of trace(entries)) tell(line);
    const kinds = entries.map((entry) => entry.kind);
    check(
      'human, session, agent, tool, operation and outcome are all there',
      ['pending', 'approval.vote', 'execute', 'outcome'].every((kind) => kinds.includes(kind)) &&
        entries.some((one) => one.agent === agent && one.session !== undefined),
      kinds.join(' → '),
    );
  },
});

async function* toStream(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}

/** One line an entry: who, through what, did what, under which policy, with what result. */
function trace(entries: readonly StoredAuditEntry[]): readonly string[] {
  return entries.map((entry) => {
    const who = [entry.human, entry.session, entry.agent].filter((one) => one !== undefined).join(' → ');
    const { operations, outcome, verdict, reason, policies } = entry.content;
    const what = [
      entry.tool,
      Array.isArray(operations) ? operations.join('; ') : undefined,
      verdict === undefined ? undefined : `${say(verdict)} (${say(reason)})`,
      outcome === undefined ? undefined : `outcome ${say(outcome)}`,
      Array.isArray(policies) && entry.kind === 'execute' ? `policies ${policies.join(', ')}` : undefined,
    ].filter((one) => one !== undefined);
    return `#${entry.index} ${entry.kind}: ${who} → ${what.join(' → ')}`.slice(0, 240);
  });
}

/** A fact of an entry as text. */
const say = (value: Json | undefined): string => (typeof value === 'string' ? value : JSON.stringify(value ?? null));
