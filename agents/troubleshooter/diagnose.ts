/** The reading half of the troubleshooter: choose a suspect, read what tells most, read again, conclude. */
import { z } from 'zod';
import type { Evidence } from '../../broker/contract.ts';
import { chooseSuspect } from '../diagnosis/choose-suspect.ts';
import { CODEBOOK } from '../diagnosis/codebook.ts';
import { concludeDiagnosis } from '../diagnosis/conclude.ts';
import { findOnset } from '../diagnosis/event-features.ts';
import { extractFeatures } from '../diagnosis/features.ts';
import { findSymptoms } from '../diagnosis/infer.ts';
import { chooseRead, FINAL_READS } from '../diagnosis/next-read.ts';
import type { Read } from '../diagnosis/reads.ts';
import { planReads } from '../diagnosis/reads.ts';
import { quote } from '../events.ts';
import { parseInventory, parseJson } from '../inventory.ts';
import { phraseAnswer } from '../model.ts';
import type { Conversation, ConversationUpdate } from '../state.ts';
import { currentTask } from '../state.ts';
import type { RunDeps, Talk } from '../talk.ts';
import { createTalk } from '../talk.ts';
import { citedIds, keepResolved, resolveIds } from './cite.ts';
import { writeReport } from './report.ts';
import { keepSightings, openSession, readSightings } from './session.ts';

const AGENT = 'troubleshooter';
/** Devices that one question without a place compares. */
const MAX_SWEEP = 50;

/** Devices that may be the suspect of a task: those named, else all that forward traffic. */
function findCandidates(state: Conversation): readonly string[] {
  const { devices } = currentTask(state);
  const known = parseInventory(state.inventory).devices.filter(({ role }) => role !== 'controller');
  const named = known.filter(({ name }) => devices.includes(name));
  return (named.length > 0 ? named : known).map(({ name }) => name).slice(0, MAX_SWEEP);
}

/** Empties what an earlier task left, makes the idempotency keys, and sets the first suspect. */
export function beginStep(deps: RunDeps, state: Conversation): ConversationUpdate {
  const task = currentTask(state);
  return {
    reads: null,
    unread: null,
    finding: '',
    grounds: [],
    incident: '',
    approval: '',
    outcome: '',
    phase: 'looking',
    proposal: task.kind === 'change' ? task.detail : '',
    incidentIntent: deps.ids('int'),
    changeIntent: deps.ids('int'),
    suspect: findCandidates(state)[0] ?? '',
  };
}

/** Tools that ask the director only: no device answers them itself. */
const DIRECTOR_ONLY = new Set(['control.read', 'lte.read', 'approute.read']);

/** Makes one read, device by device when one of several does not answer. Says which devices were silent. */
export async function makeRead(
  talk: Talk,
  { tool, devices, input }: Read,
): Promise<{ readonly evidence: readonly Evidence[]; readonly missing: readonly string[] }> {
  const ask = (some: readonly string[]) =>
    talk.read({ agent: AGENT, domain: 'diagnostics', tool, devices: some, input });
  const all = await ask(devices);
  const say = (who: string, code: string, message: string): string => `${tool} ${who}: ${code}, ${quote(message)}`;
  if ('evidence' in all) {
    const isSilent = (device: string): boolean => !all.evidence.some(({ source }) => source.endsWith(`:${device}`));
    const silent = DIRECTOR_ONLY.has(tool) ? [] : devices.filter(isSilent);
    return {
      evidence: all.evidence,
      missing: silent.map((device) => `${tool} ${device}: the device itself is silent`),
    };
  }
  if (devices.length < 2 || !all.code.startsWith('DEVICE_')) {
    return { evidence: [], missing: [say(devices.join(', '), all.code, all.message)] };
  }
  const evidence: Evidence[] = [];
  const missing: string[] = [];
  for (const device of devices) {
    const one = await ask([device]);
    if ('evidence' in one) evidence.push(...one.evidence);
    else missing.push(say(device, one.code, one.message));
  }
  return { evidence, missing };
}

/** Compares the configuration of all candidates: finds the place when the question names none. */
const compareAll = (devices: readonly string[]): Read => ({
  key: 'fleet-drift',
  tool: 'config.diff',
  devices,
  input: {},
  cost: 1,
  features: [],
});

/** One read: the next that is worth it. Leaves the phase `settled` when there is none. */
export async function lookStep(deps: RunDeps, state: Conversation): Promise<ConversationUpdate> {
  const talk = createTalk(deps, state);
  const { scope, features, made } = openSession(state);
  const candidates = findCandidates(state);
  const isSweep = currentTask(state).devices.length === 0;
  const read =
    isSweep && !made.has('fleet-drift')
      ? compareAll(candidates)
      : chooseRead(CODEBOOK, planReads(scope), made, features);
  if (!read) return { phase: 'settled' };
  const { evidence, missing } = await makeRead(talk, read);
  const reads = evidence.length > 0 ? { [read.key]: keepSightings(evidence) } : {};
  const unread: { [key: string]: string } = missing.length > 0 ? { [read.key]: missing.join('; ') } : {};
  if (evidence.length === 0 && missing.length === 0) {
    unread[read.key] = `${read.tool} ${read.devices.join(', ')}: answered nothing`;
  }
  const isPlaceOpen = candidates.length > 1 && ['fleet-drift', 'tunnels', 'sessions'].includes(read.key);
  return {
    events: talk.told(),
    reads,
    unread,
    phase: 'looking',
    ...(isPlaceOpen
      ? { suspect: chooseSuspect(readSightings({ reads: { ...state.reads, ...reads } }), candidates) }
      : {}),
  };
}

/** Reads whose symptoms the conclusion rests on; without symptoms, those that show the overlay as a whole. */
export function findDecisiveReads(state: Conversation): readonly Read[] {
  const { scope, features, made } = openSession(state);
  const symptoms = findSymptoms(CODEBOOK, features.values()).map(({ name }) => name);
  const reads = planReads(scope).filter(
    ({ key }) => made.has(key) && state.reads[key] !== undefined && key !== 'events',
  );
  const decisive = reads.filter(({ features: names }) => names.some((name) => symptoms.includes(name)));
  const normal = reads.filter(({ key }) => key === 'tunnels' || key === 'sessions');
  // Configuration does not change by itself: of the symptoms, live state is what must be seen again.
  const live = decisive.filter(({ key }) => key !== 'drift');
  return (live.length > 0 ? live : normal).slice(0, FINAL_READS);
}

const change = z.object({ at: z.string(), outcome: z.string() });
/** How near a recorded change must be to the onset to explain it (milliseconds). */
const NEAR_MS = 300_000;

/** Evidence id of a change that the broker itself made on the suspect about when its troubles began. */
async function findPlannedChange(talk: Talk, state: Conversation): Promise<string | undefined> {
  const onset = findOnset(readSightings(state), state.suspect);
  if (onset === undefined) return undefined;
  const answer = await talk.read({ agent: AGENT, domain: 'inventory', tool: 'inventory.changes' });
  if (!('evidence' in answer)) return undefined;
  return answer.evidence.find(({ resource, value }) => {
    const parsed = change.safeParse(parseJson(value));
    return (
      resource === `node/${state.suspect}` &&
      parsed.success &&
      parsed.data.outcome === 'succeeded' &&
      Math.abs(Date.parse(parsed.data.at) - onset) <= NEAR_MS
    );
  })?.id;
}

/** Looks at the live state again, draws the conclusion, keeps only what resolves, and says it. */
export async function concludeStep(deps: RunDeps, state: Conversation): Promise<ConversationUpdate> {
  const talk = createTalk(deps, state);
  const reads: { [key: string]: string } = {};
  for (const read of findDecisiveReads(state)) {
    const { evidence } = await makeRead(talk, read);
    // A read that fails now leaves nothing: what is not live any more proves nothing.
    reads[read.key] = keepSightings(evidence);
  }
  const now: Conversation = { ...state, reads: { ...state.reads, ...reads } };
  const { scope, sightings, features, made } = openSession(now);
  const shutDown = features.get('if.admin@suspect.wan');
  const plannedBy = shutDown && shutDown.value !== 'up' ? await findPlannedChange(talk, now) : undefined;
  const drawn = concludeDiagnosis({
    codebook: CODEBOOK,
    scope,
    features: extractFeatures(sightings, scope),
    sightings,
    unread: Object.values(state.unread),
    open: planReads(scope).filter(({ key }) => !made.has(key)),
    plannedBy,
  });
  const ids = citedIds(drawn);
  const answer =
    ids.length > 0
      ? await talk.read({ agent: AGENT, domain: 'inventory', tool: 'evidence.get', input: { ids } })
      : { evidence: [] };
  const isCited = new Set([...ids, ...(plannedBy ? [plannedBy] : [])]);
  const resolved = 'evidence' in answer ? resolveIds(sightings, answer.evidence) : new Set<string>();
  const finding = keepResolved(drawn, new Set([...resolved].filter((id) => isCited.has(id))));
  talk.tell({ type: 'finding', ...finding });
  talk.tell({ type: 'text', text: await phraseAnswer(deps.model, writeReport(finding, scope.suspect), finding) });
  return {
    events: talk.told(),
    reads,
    finding: JSON.stringify(finding),
    phase: finding.verdict === 'root-cause' ? 'found' : 'answered',
  };
}
