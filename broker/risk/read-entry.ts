/** What an audit entry says about risk, behaviour and changes; the same function reads it live and in a replay. */
import type { AgentName, Json } from '../contract.ts';
import { AGENTS } from '../contract.ts';
import { sha256 } from '../digest.ts';
import type { WantedChange } from '../limits/blast.ts';
import type { StoredAuditEntry } from '../ports.ts';
import { type ProfiledCall, type PurposeKind, purposeKind } from './profile.ts';
import type { RiskEvent } from './risk.ts';

/** Entries that end a call: one each. */
const ENDS: readonly string[] = ['outcome', 'refused', 'failed', 'pending', 'repeated'];

export interface EndedCall {
  readonly tenant: string;
  readonly human: string;
  readonly agent?: AgentName;
  readonly at: number;
  readonly purpose: PurposeKind;
  /** Absent when it ended before it was known. */
  readonly call?: ProfiledCall;
  readonly signs: readonly Exclude<RiskEvent, { kind: 'call' | 'cleared' | 'novel' }>[];
}

const textsOf = (value: Json | undefined): readonly string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];

const isAgent = (name: string): name is AgentName => AGENTS.some((agent) => agent === name);

/** A call that ended, with what in it raises risk; undefined for entries of another kind. */
export function readEnd(entry: StoredAuditEntry): EndedCall | undefined {
  const { human, tenant, kind, content, agent } = entry;
  if (human === undefined || !ENDS.includes(kind)) return undefined;
  if (agent !== undefined && !isAgent(agent)) return undefined;
  const at = Date.parse(entry.at);
  const signs = signsOf(entry, at);
  const { tool, session } = entry;
  const call =
    tool === undefined || session === undefined
      ? undefined
      : { session, tool, devices: textsOf(content['target']), at, clean: signs.length === 0 };
  return {
    ...{ tenant, human, at, signs },
    purpose: purposeKind(typeof content['purpose'] === 'string' ? content['purpose'] : ''),
    ...(agent === undefined ? {} : { agent }),
    ...(call === undefined ? {} : { call }),
  };
}

function signsOf({ kind, content, tool, intent, index }: StoredAuditEntry, at: number): EndedCall['signs'] {
  const signs: EndedCall['signs'][number][] = [];
  const error = kind === 'refused' ? content['error'] : undefined;
  const named = typeof content['tool'] === 'string' ? content['tool'] : (tool ?? 'a tool');
  if (error === 'DENIED') signs.push({ kind: 'denied', at, entry: index, why: `${named} was denied` });
  if (error === 'LIMITED') signs.push({ kind: 'limited', at, entry: index, why: `a limit stopped ${named}` });
  if (error === 'NOT_FOUND') {
    const requested = textsOf(content['requested']);
    const of = sha256(JSON.stringify([named, content['requested'] ?? null]));
    const what = requested.length === 0 ? named : requested.slice(0, 3).join(', ');
    signs.push({ kind: 'not-found', at, of, entry: index, why: `${what.slice(0, 80)} does not exist here` });
  }
  const effect = content['effect'];
  const acts = effect === 'change' || effect === 'contain' || effect === 'probe';
  const tainted = content['taint'];
  if (acts && typeof tainted === 'object' && tainted !== null && !Array.isArray(tainted)) {
    const names = Object.keys(tainted).join(', ').slice(0, 80);
    const of = intent ?? String(index);
    signs.push({ kind: 'tainted', at, of, entry: index, why: `text of others is in ${names} of ${named}` });
  }
  for (const what of textsOf(content['unusual'])) {
    const of = `${what} ${named} ${Math.floor(at / 60_000)}`;
    signs.push({ kind: 'unusual', at, of, entry: index, why: `${named}: ${what} off the profile` });
  }
  return signs;
}

/** What an entry does to the blast radius of its tenant. */
export type BlastEvent =
  | { readonly kind: 'reserve' | 'charge'; readonly change: WantedChange }
  | { readonly kind: 'give-back'; readonly intent: string };

export function readBlast({ kind, content, intent, session }: StoredAuditEntry): BlastEvent | undefined {
  if (intent === undefined) return undefined;
  if (kind === 'approval.vote') return content['verdict'] === 'reject' ? { kind: 'give-back', intent } : undefined;
  if (content['effect'] !== 'change' && content['effect'] !== 'contain') return undefined;
  if (kind === 'refused') return { kind: 'give-back', intent };
  if (kind !== 'pending' && kind !== 'execute') return undefined;
  const change = { intent, session: session ?? '-', devices: targetsOf(content['target'], intent) };
  return { kind: kind === 'pending' ? 'reserve' : 'charge', change };
}

/** A list of targets that was too long for the entry still counts, by its number. */
function targetsOf(target: Json | undefined, intent: string): readonly string[] {
  if (Array.isArray(target)) return textsOf(target);
  const count =
    typeof target === 'object' && target !== null && !Array.isArray(target) && 'count' in target ? target['count'] : 1;
  return Array.from({ length: typeof count === 'number' ? count : 1 }, (_, n) => `${intent}#${n}`);
}
