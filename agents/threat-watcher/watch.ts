/** The looking half of the threat watcher: reads what security and the network tell, and says what means ill, what was approved, and what it would hold. */
import type { Evidence } from '../../broker/contract.ts';
import { createMap } from '../diagnosis/network-map.ts';
import type { Made } from '../diagnosis/observe/observe.ts';
import { observe } from '../diagnosis/observe/observe.ts';
import type { Finding } from '../events.ts';
import { parseInventory } from '../inventory.ts';
import type { Conversation, ConversationUpdate } from '../state.ts';
import { currentTask } from '../state.ts';
import type { RunDeps, Talk } from '../talk.ts';
import { createTalk } from '../talk.ts';
import { chooseMeasure, sayThreat } from './measures.ts';
import { findOutsideChanges } from './outside-changes.ts';
import { findThreats, type Threat } from './threats.ts';

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
}

/** Everything that a threat shows in, at the devices of the question or at all of them. */
async function readAround(talk: Talk, devices: readonly string[]): Promise<Reading> {
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
  await read('diagnostics', 'flows.read', [], {
    from: new Date(now - FLOWS_MS).toISOString(),
    until: new Date(now + AHEAD_MS).toISOString(),
  });
  return { made, evidence, unread };
}

/** Reads, judges, says, and chooses what to propose. Touches nothing. */
export async function watchStep(deps: RunDeps, state: Conversation): Promise<ConversationUpdate> {
  const talk = createTalk(deps, state);
  const task = currentTask(state);
  const map = createMap(parseInventory(state.inventory));
  const named = map.routers.filter((name) => task.devices.includes(name));
  const { made, evidence, unread } = await readAround(talk, named.length > 0 ? named : map.routers);
  const { threats, suspicions, excused } = findThreats({ map, observations: observe(map, made), sightings: evidence });
  const meant =
    named.length === 0 ? threats : threats.filter(({ devices }) => devices.some((one) => named.includes(one)));
  const outside = [...findOutsideChanges(evidence, task), ...suspicions];
  const verdict: Finding['verdict'] =
    meant.length > 0
      ? 'root-cause'
      : outside.length > 0
        ? 'inconclusive'
        : evidence.length === 0
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
  const [worst] = meant;
  if (worst === undefined)
    return { events: talk.told(), ...FRESH, finding: JSON.stringify(finding), phase: 'answered' };
  const measure = chooseMeasure(worst, deps.containSeconds);
  if (measure.kind === 'advice') {
    talk.tell({ type: 'text', text: `Nothing is proposed. ${measure.text}` });
    return { events: talk.told(), ...FRESH, finding: JSON.stringify(finding), phase: 'answered' };
  }
  const { proposal } = measure;
  const seconds = Number(proposal.input['seconds']);
  talk.tell({ type: 'proposal', ...proposal });
  talk.tell({ type: 'text', text: `It ends by itself ${seconds} s after it is in place, and the broker proves that.` });
  return {
    ...FRESH,
    events: talk.told(),
    finding: JSON.stringify(finding),
    proposal: JSON.stringify(proposal),
    grounds: [...new Set(worst.because.flatMap((one) => one.evidence))].slice(0, MAX_CITED),
    suspect: worst.devices[0] ?? '',
    incidentIntent: deps.ids('int'),
    changeIntent: deps.ids('int'),
    phase: 'found',
  };
}

/** What an earlier task left is gone. */
const FRESH = { proposal: '', grounds: [], incident: '', approval: '', outcome: '', suspect: '' } as const;

const OPENINGS: Readonly<Record<Finding['verdict'], string>> = {
  'root-cause': 'These mean ill:',
  inconclusive: 'These need an explanation:',
  planned: 'Nothing that means ill; what looks like it was approved or planned.',
  healthy: 'No threat, no commit outside of Wayleave and no failed authentication among what was read.',
  blind: 'Nothing could be read.',
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
