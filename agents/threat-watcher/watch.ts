/** The looking half of the threat watcher: reads what security and the network tell, and says what means ill, what was approved, and what it would hold. */
import type { Evidence } from '../../broker/contract.ts';
import { createMap, type NetworkMap } from '../diagnosis/network-map.ts';
import type { Made } from '../diagnosis/observe/observe.ts';
import { observe } from '../diagnosis/observe/observe.ts';
import type { Finding, Proposal } from '../events.ts';
import { parseInventory } from '../inventory.ts';
import type { Conversation, ConversationUpdate } from '../state.ts';
import { currentTask } from '../state.ts';
import type { RunDeps, Talk } from '../talk.ts';
import { createTalk } from '../talk.ts';
import { beginCases, type NewCase } from './cases.ts';
import { chooseMeasure, sayThreat } from './measures.ts';
import { findOutsideChanges } from './outside-changes.ts';
import { findStrays, findThreats, type Stray, type Threat } from './threats.ts';

export const AGENT = 'threat-watcher';
const LAST_EVENTS = 500;
/** Devices that a tool is asked for at once. */
const MAX_DEVICES = 24;
/** Flow records that are summed up (milliseconds). They bear the clocks of devices: those ahead of ours count as well. */
const FLOWS_MS = 900_000;
const AHEAD_MS = 2_700_000;
const MAX_CITED = 40;
const CONFIDENCE = 0.9;

interface Reading {
  readonly made: readonly Made[];
  readonly evidence: readonly Evidence[];
  readonly unread: readonly string[];
  /** When it was read, by the broker's clock. */
  readonly now: number;
}

/** What nearly every threat shows in: who has not read it has not looked, and does not say that all is well. */
const TELLING = 'flows.read';

/** Flow records from which an answer may be full, and devices whose own records are asked for at once. */
const CROWDED = 15_000;
const MAX_EXPORTERS = 50;

/** Routers at sites without a flooding source, when one source crowds the flow records; hubs, which the flood passes, are none. */
function findQuiet(map: NetworkMap, evidence: readonly Evidence[]): readonly string[] {
  const loud = evidence.flatMap(({ signal, resource, value }) => {
    const total = signal === 'flow.spread' ? Number(/ of (\d+)/.exec(String(value))?.[1] ?? 0) : 0;
    return total >= CROWDED ? [map.hostAt(resource.slice('address/'.length))?.site] : [];
  });
  if (loud.length === 0) return [];
  return map.inventory.devices
    .filter(({ role, site }) => role === 'edge' && !loud.includes(site))
    .map(({ name }) => name);
}

/** Everything that a threat shows in, at the devices of the question or at all of them. */
async function readAround(talk: Talk, map: NetworkMap, devices: readonly string[]): Promise<Reading> {
  const made: Made[] = [];
  const evidence: Evidence[] = [];
  const unread: string[] = [];
  const read = async (domain: 'inventory' | 'diagnostics', tool: string, of: readonly string[], input = {}) => {
    const answer = await talk.read({ agent: AGENT, domain, tool, devices: of, input });
    if (!('evidence' in answer)) {
      unread.push(`${tool}: ${answer.code}`);
      return;
    }
    made.push({ tool, devices: of, sightings: answer.evidence });
    evidence.push(...answer.evidence);
  };
  await read('diagnostics', 'events.read', [], { last: LAST_EVENTS });
  await read('inventory', 'inventory.changes', []);
  await read('inventory', 'inventory.records', []);
  for (let at = 0; at < devices.length; at += MAX_DEVICES) {
    const some = devices.slice(at, at + MAX_DEVICES);
    for (const tool of ['system.read', 'lan.read', 'config.diff']) await read('diagnostics', tool, some);
  }
  const times = evidence.map(({ collectedAt, observedAt }) =>
    Date.parse(collectedAt > observedAt ? collectedAt : observedAt),
  );
  const now = times.reduce((latest, one) => Math.max(latest, one), 0);
  const span = { from: new Date(now - FLOWS_MS).toISOString(), until: new Date(now + AHEAD_MS).toISOString() };
  await read('diagnostics', 'flows.read', [], span);
  // A flood fills what the controller tells at once: what is quieter is asked for at the devices that the flood does not pass.
  const apart = findQuiet(map, evidence);
  for (let at = 0; at < apart.length; at += MAX_EXPORTERS)
    await read('diagnostics', 'flows.read', [], { ...span, exporters: apart.slice(at, at + MAX_EXPORTERS) });
  return { made, evidence, unread, now };
}

/** How far back the leases of a scope are usual (milliseconds), how many counts of it tell, and of how many scopes. */
const USUAL_MS = 86_400_000;
const COUNTS = 200;
const MAX_SCOPES = 8;

/** What scopes had given out before: without it a stray gateway stays a suspicion. */
async function readLeases(talk: Talk, strays: readonly Stray[], now: number): Promise<readonly Evidence[]> {
  const past: Evidence[] = [];
  const window = { from: new Date(now - USUAL_MS).toISOString(), to: new Date(now).toISOString() };
  for (const { resource, signal } of strays.flatMap(({ leases }) => leases).slice(0, MAX_SCOPES)) {
    const input = { kind: 'readings', resource, signal, ...window, last: COUNTS };
    const answer = await talk.read({ agent: AGENT, domain: 'diagnostics', tool: 'telemetry.read', input });
    if ('evidence' in answer) past.push(...answer.evidence);
  }
  return past;
}

/** Reads, judges, says, and chooses what to propose. Touches nothing. */
export async function watchStep(deps: RunDeps, state: Conversation): Promise<ConversationUpdate> {
  const talk = createTalk(deps, state);
  const task = currentTask(state);
  const map = createMap(parseInventory(state.inventory));
  const named = map.routers.filter((name) => task.devices.includes(name));
  const { made, evidence, unread, now } = await readAround(talk, map, named.length > 0 ? named : map.routers);
  const seen = { map, observations: observe(map, made), sightings: evidence };
  const past = await readLeases(talk, findStrays(seen), now);
  const { threats, suspicions, excused } = findThreats({ ...seen, past });
  const meant =
    named.length === 0 ? threats : threats.filter(({ devices }) => devices.some((one) => named.includes(one)));
  const outside = [...findOutsideChanges(evidence, task), ...suspicions];
  const verdict: Finding['verdict'] =
    meant.length > 0
      ? 'root-cause'
      : outside.length > 0
        ? 'inconclusive'
        : evidence.length === 0 || unread.some((text) => text.startsWith(TELLING))
          ? 'blind'
          : excused.length > 0
            ? 'planned'
            : 'healthy';
  const because = [...meant.flatMap((one) => one.because), ...outside].slice(0, MAX_CITED);
  const finding: Finding = {
    verdict,
    rootCauses: meant.map(({ type, resource }) => ({ resource, faultType: type, confidence: CONFIDENCE })),
    because,
    ruledOut: excused.map((one) => ({
      ...{
        faultType: one.type,
        because: `approved or planned: ${one.because.text}`,
        evidence: [...one.because.evidence],
      },
    })),
    unread: [...unread],
  };
  talk.tell({ type: 'finding', ...finding });
  talk.tell({ type: 'text', text: writeReport(finding, meant) });
  const { cases, advice } = planCases(deps, meant, finding);
  for (const text of advice) talk.tell({ type: 'text', text });
  for (const { proposal } of cases) talk.tell({ type: 'proposal', ...proposal });
  const [first] = cases;
  if (first === undefined)
    return { events: talk.told(), ...FRESH, finding: JSON.stringify(finding), phase: 'answered' };
  const seconds = Number(first.proposal.input['seconds']);
  const each = cases.length > 1 ? `Each of the ${cases.length} is decided by itself and` : 'It';
  talk.tell({
    type: 'text',
    text: `${each} ends by itself ${seconds < 3_600 ? `${seconds} s` : `${+(seconds / 3_600).toFixed(1)} h`} after it is in place, and the broker proves that.`,
  });
  return {
    ...FRESH,
    ...beginCases(cases.map(({ proposal, ...one }) => ({ ...one, proposal: JSON.stringify(proposal) }))),
    events: talk.told(),
    phase: 'found',
  };
}

/** Containments that one watch asks for: more at once than people can judge would hide what matters. */
const MAX_CASES = 5;

/** What is to be asked for, each thing once, and what only people can do. Two threats of one host are held by one containment. */
function planCases(deps: RunDeps, threats: readonly Threat[], finding: Finding) {
  const advice: string[] = [];
  const cases = new Map<string, Omit<NewCase, 'proposal'> & { readonly proposal: Proposal }>();
  for (const threat of threats) {
    const measure = chooseMeasure(threat, deps.containSeconds);
    if (measure.kind === 'advice') {
      advice.push(`Nothing is proposed. ${measure.text}`);
      continue;
    }
    const { proposal } = measure;
    const key = JSON.stringify([proposal.tool, proposal.target, proposal.input]);
    if (cases.has(key)) continue;
    if (cases.size === MAX_CASES) {
      advice.push(`Not asked for yet: ${sayThreat(threat)}. Ask again when the others are decided.`);
      continue;
    }
    const same = threats.filter(({ resource }) => resource === threat.resource);
    const own: Finding = {
      ...finding,
      rootCauses: same.map(({ type, resource }) => ({ resource, faultType: type, confidence: CONFIDENCE })),
      because: same.flatMap(({ because }) => because).slice(0, MAX_CITED),
    };
    cases.set(key, {
      proposal,
      finding: JSON.stringify(own),
      grounds: [...new Set(own.because.flatMap((one) => one.evidence))].slice(0, MAX_CITED),
      suspect: threat.devices[0] ?? '',
      incidentIntent: deps.ids('int'),
      changeIntent: deps.ids('int'),
    });
  }
  return { cases: [...cases.values()], advice };
}

/** What an earlier task left is gone. */
const FRESH = { proposal: '', grounds: [], incident: '', approval: '', outcome: '', suspect: '', cases: '' } as const;

const OPENINGS: Readonly<Record<Finding['verdict'], string>> = {
  'root-cause': 'These mean ill:',
  inconclusive: 'These need an explanation:',
  planned: 'Nothing that means ill; what looks like it was approved or planned.',
  healthy: 'No threat, no commit outside of Wayleave and no failed authentication among what was read.',
  blind: 'No threat among what was read, but what would show one could not be read: this is no all-clear.',
  'not-the-network': '',
};

function writeReport({ verdict, because, ruledOut, unread }: Finding, threats: readonly Threat[]): string {
  return [
    OPENINGS[verdict],
    ...threats.map((one) => `- ${sayThreat(one)}`),
    ...because.slice(0, 20).map(({ text, evidence }) => `- ${text} [${evidence.join(', ')}]`),
    ...ruledOut.map((one) => `- not a threat: ${one.because} [${one.evidence.join(', ')}]`),
    ...(unread.length > 0 ? ['Not read:', ...unread.map((text) => `- ${text}`)] : []),
  ].join('\n');
}

/** What the flow records say of a contained host now, and the incident's note. A containment holds a threat and mends nothing: the incident stays open. */
export async function afterwardsStep(deps: RunDeps, state: Conversation): Promise<ConversationUpdate> {
  const talk = createTalk(deps, state);
  const isHeld = state.outcome === 'succeeded';
  if (isHeld)
    talk.tell({
      type: 'text',
      text: `Contained under ${state.knownIntent}; the devices enforce it. Clean the host or account before it ends: \`wayleave containments list\`.`,
    });
  if (state.incident) {
    const note = `Containment ${state.knownIntent}: ${state.outcome}.`;
    await talk.read({
      ...{ agent: AGENT, domain: 'inventory', tool: 'incident.update' },
      input: { incident: state.incident, state: 'open', note },
    });
  }
  return { events: talk.told() };
}
