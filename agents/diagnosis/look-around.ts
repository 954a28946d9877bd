/** The reading of a diagnosis: what tells most is asked first, what proved decisive once more at the end, and what is old counts for nothing. */
import type { Evidence, Json } from '../../broker/contract.ts';
import { quote } from '../events.ts';
import { readInventory } from '../inventory.ts';
import { type Case, createCase } from './case.ts';
import { type Explained, explain } from './explain.ts';
import { fits, measureFit } from './fit.ts';
import { createMap, type NetworkMap } from './network-map.ts';
import { chooseLook, PEOPLE, RECORDS, shownBy, TRIAGE } from './next-look.ts';
import type { Observation, Sighting } from './observation.ts';
import { type Made, observe } from './observe/observe.ts';
import type { Codebook } from './patterns.ts';
import { findPlaces, type Place } from './places.ts';
import { LAST_EVENTS, type PlannedRead, planReads } from './plan.ts';
import type { Question } from './run-diagnosis.ts';
import { isSameAnswer } from './same-answer.ts';
import { isLive } from './symptoms.ts';

/** One call of a read or probe tool through the broker. */
export interface ToolCall {
  readonly domain: 'inventory' | 'diagnostics';
  readonly tool: string;
  /** Empty for tools of the tenant as a whole. */
  readonly devices: readonly string[];
  readonly input: { readonly [name: string]: Json };
}

/** Evidence, or code and message of a refusal or failure. */
export type ReadTool = (
  call: ToolCall,
) => Promise<{ readonly evidence: readonly Evidence[] } | { readonly code: string; readonly message: string }>;

/** What was seen, and what it says. */
export interface View {
  readonly map: NetworkMap;
  /** Epoch milliseconds of the newest record. */
  readonly now: number;
  readonly observations: readonly Observation[];
  readonly places: readonly Place[];
  readonly weighed: Case;
  readonly explained: readonly Explained[];
  /** Calls made, the two of the inventory not counted. */
  readonly calls: number;
  /** What was not answered, or too old, in words. */
  readonly unread: readonly string[];
  /** How devices differ from their intended configuration: a remedy needs the very lines. */
  readonly drift: readonly Sighting[];
  /** What was announced of late. */
  readonly alarms: readonly Sighting[];
}

/** The read of what was announced (`plan.ts`), and the most that one call brings. */
const EVENTS = 'events';
const MOST_EVENTS = 20_000;
/** Devices that a tool is asked for at once: a sweep stays within what the broker admits of one session. */
const MAX_DEVICES = 24;
/** Share of the budget that is kept for looking again before anything is concluded. */
const KEPT = 1 / 6;
/** The director polls every ten minutes; a state that is older than several polls is not the state any more. */
const STALE_MS = 45 * 60_000;
/** Tools that tell of the past by design, and signals of the others that do. */
const OF_THE_PAST = new Set(['events.read', 'inventory.records', 'flows.read']);
const PAST = /^(aaa\.|trap\.|cfg\.)/;

/** Lead over every other answer (nats) from which on a further read is better spent on looking again. */
const CLEAR = 2.2;
const isClear = (one: Explained): boolean =>
  one.rivals.every((rival) => isSameAnswer(one, rival) || one.gain - rival.gain >= CLEAR);

interface Looking {
  readonly map: NetworkMap;
  readonly made: Map<string, Made>;
  readonly reads: PlannedRead[];
  readonly unread: Map<string, string>;
  calls: number;
  now: number;
  /** All that was announced, where that is more than was read at first. */
  storm?: readonly Sighting[];
}

const newest = (sightings: readonly { readonly collectedAt?: string; readonly observedAt: string }[]): number =>
  sightings.reduce((latest, one) => Math.max(latest, Date.parse(one.collectedAt ?? one.observedAt) || 0), 0);

const isStale = ({ signal, observedAt, collectedAt }: Evidence): boolean =>
  !PAST.test(signal) && Date.parse(collectedAt) - Date.parse(observedAt) > STALE_MS;

/** Makes one read; made again, it takes the place of what it brought before. */
async function look(read: ReadTool, looking: Looking, planned: PlannedRead): Promise<void> {
  const { key, domain, tool, devices, input } = planned;
  const answer = await read({ domain, tool, devices, input });
  looking.calls += 1;
  if (!looking.reads.includes(planned)) looking.reads.push(planned);
  looking.made.delete(key);
  if (!('evidence' in answer)) {
    looking.unread.set(key, `${tool}: ${answer.code}, ${quote(answer.message)}`);
    return;
  }
  const stale = OF_THE_PAST.has(tool) ? [] : answer.evidence.filter(isStale);
  const fresh = stale.length === 0 ? answer.evidence : answer.evidence.filter((one) => !isStale(one));
  if (stale.length > 0) looking.unread.set(`${key} old`, `${tool}: ${describeStale(stale)}`);
  const silent = devices.filter(
    (device) =>
      looking.map.device(device)?.role !== 'controller' &&
      !answer.evidence.some(({ source }) => source.endsWith(`:${device}`)),
  );
  if (OF_EVERY_DEVICE.has(tool) && silent.length > 0)
    looking.unread.set(`${key} silent`, `${tool}: ${silent.slice(0, MAX_NAMED).join(', ')} did not answer`);
  looking.made.set(key, { tool, devices, sightings: fresh });
  looking.now = Math.max(looking.now, newest(answer.evidence));
}

/** What belongs to an incident of thousands of announcements is told of all of them; what is wrong was seen before. */
async function readStorm(read: ReadTool, looking: Looking): Promise<void> {
  const answer = await read({ domain: 'diagnostics', tool: 'events.read', devices: [], input: { last: MOST_EVENTS } });
  looking.calls += 1;
  if ('evidence' in answer) looking.storm = answer.evidence;
  else looking.unread.set('storm', `events.read: ${answer.code}, ${quote(answer.message)}`);
}

/** Tools that every device itself has something to answer to. */
const OF_EVERY_DEVICE = new Set(['system.read', 'interfaces.read', 'config.diff']);
const MAX_NAMED = 6;
const MINUTE_MS = 60_000;

function describeStale(stale: readonly Evidence[]): string {
  const oldest = Math.max(...stale.map((one) => Date.parse(one.collectedAt) - Date.parse(one.observedAt)));
  return `${stale.length} readings are up to ${Math.round(oldest / MINUTE_MS)} min old and count for nothing (${quote(stale[0]?.resource ?? '')})`;
}

/** What was looked at: features of the reads that answered, and the devices whose configuration was compared. */
function lookedAt({ made, reads }: Looking, observations: readonly Observation[]): ReadonlySet<string> {
  const features = reads.filter(({ key }) => made.has(key)).flatMap((one) => one.features);
  const compared = observations.flatMap(({ feature, entity }) => (feature === 'sync' ? [`cfg ${entity.device}`] : []));
  return new Set([...features, ...compared]);
}

/** Devices that a large network is narrowed down to: those named, the hubs, and those that events speak of most. */
function narrow(map: NetworkMap, question: Question, announced: readonly Sighting[]): readonly string[] {
  const all = map.inventory.devices.map(({ name }) => name);
  const named = (question.devices ?? []).filter((name) => map.device(name) !== undefined);
  if (all.length <= MAX_DEVICES) return [...new Set([...named, ...all])];
  const counts = new Map<string, number>();
  for (const { resource } of announced) {
    for (const part of resource.split(/\/|--|:/)) {
      if (map.device(part) !== undefined) counts.set(part, (counts.get(part) ?? 0) + 1);
    }
  }
  const loud = [...counts].sort((a, b) => b[1] - a[1]).map(([name]) => name);
  return [...new Set([...named, ...map.controllers, ...map.hubs, ...loud, ...all])].slice(0, MAX_DEVICES);
}

/** Reads that showed what the explanation rests on and that may look otherwise by now. */
function decisiveReads({ reads, made }: Looking, explained: readonly Explained[]): readonly PlannedRead[] {
  const features = explained.flatMap(({ shown }) => shown.filter(isLive).map(({ feature }) => feature));
  const countOf = (read: PlannedRead): number => features.filter((feature) => shownBy(feature, read)).length;
  return reads
    .filter((read) => made.has(read.key) && read.tool !== 'config.diff' && countOf(read) > 0)
    .sort((a, b) => countOf(b) - countOf(a));
}

/** Names one of the reads that are still open, where none is worth its cost by itself. Asked once. */
export type AdviseRead = (view: View, open: readonly PlannedRead[]) => Promise<PlannedRead | undefined>;

export async function lookAround(
  read: ReadTool,
  question: Question,
  codebook: Codebook,
  budget: number,
  advise?: AdviseRead,
): Promise<View> {
  const unread = new Map<string, string>();
  const records: Evidence[] = [];
  for (const tool of ['inventory.devices', 'inventory.topology']) {
    const answer = await read({ domain: 'inventory', tool, devices: [], input: {} });
    if ('evidence' in answer) records.push(...answer.evidence);
    else unread.set(tool, `${tool}: ${answer.code}, ${quote(answer.message)}`);
  }
  const map = createMap(readInventory(records));
  const looking: Looking = { map, made: new Map(), reads: [], unread, calls: 0, now: newest(records) };
  const weigh = () => {
    const observations = observe(map, [...looking.made.values()]);
    const weighed = createCase(codebook, map, observations, lookedAt(looking, observations));
    const places = findPlaces(map, observations);
    return { observations, weighed, places, ...explain(weighed, places) };
  };
  // Who names a place has people there in mind: how they do is asked first of all.
  const first = (question.devices ?? []).length > 0 ? [...TRIAGE, PEOPLE] : TRIAGE;
  const announced = (): readonly Sighting[] => looking.made.get(EVENTS)?.sightings ?? [];
  const plan = (): readonly PlannedRead[] =>
    planReads(map, narrow(map, question, announced()), looking.now, question.service || undefined);
  // What is read in any case needs no weighing.
  while (looking.calls < budget) {
    const next = plan().find(({ key }) => first.includes(key) && !looking.reads.some((one) => one.key === key));
    if (next === undefined) break;
    await look(read, looking, next);
  }
  let seen = weigh();
  let isAdvised = advise === undefined;
  const viewNow = (): View => {
    const { now, calls } = looking;
    const drift = looking.made.get('drift')?.sightings ?? [];
    const alarms = (looking.storm ?? announced()).filter(({ signal }) => signal.startsWith('trap.'));
    return { ...seen, map, now, calls, drift, alarms, unread: [...unread.values()] };
  };
  const kept = Math.floor(budget * KEPT);
  while (looking.calls < budget) {
    const isFit = fits(measureFit(seen.weighed, seen.explained));
    const isSettled = isFit && seen.explained.length > 0 && seen.explained.every(isClear);
    // What rests on the past alone cannot be looked at again: the calls kept for that tell of look-alikes instead.
    if (looking.calls >= budget - kept && isSettled && decisiveReads(looking, seen.explained).length > 0) break;
    const planned = plan();
    // What looks like a fault may have been announced, and a stranger may be known.
    const isSomething = seen.explained.length + seen.leads.length > 0;
    const onRecord = isSomething && !looking.reads.some(({ key }) => key === RECORDS);
    let next = onRecord
      ? planned.find(({ key }) => key === RECORDS)
      : chooseLook(codebook, planned, looking.reads, { ...seen, isFit });
    if (next === undefined && !isAdvised) {
      isAdvised = true;
      next = await advise?.(
        viewNow(),
        planned.filter(({ key }) => looking.reads.every((one) => one.key !== key)),
      );
    }
    if (next === undefined) break;
    await look(read, looking, next);
    seen = weigh();
  }
  if (announced().length >= LAST_EVENTS && seen.explained.length > 0 && looking.calls < budget)
    await readStorm(read, looking);
  // What is concluded from must still be so.
  const again = decisiveReads(looking, seen.explained).slice(0, Math.min(kept, budget - looking.calls));
  for (const one of again) await look(read, looking, one);
  if (again.length > 0) seen = weigh();
  return viewNow();
}
