/** A whole diagnosis: reads what tells most through the port it is given, explains it, and says what is broken, with evidence. */
import type { Evidence, Json } from '../../broker/contract.ts';
import type { Finding, Statement, Verdict } from '../events.ts';
import { quote } from '../events.ts';
import { readInventory } from '../inventory.ts';
import { createCase, isAbnormal } from './case.ts';
import { conclude } from './conclusion.ts';
import { type Explained, explain } from './explain.ts';
import { createMap, type NetworkMap } from './network-map.ts';
import { chooseLook } from './next-look.ts';
import type { Observation } from './observation.ts';
import { type Made, observe } from './observe/observe.ts';
import { CODEBOOK, type Codebook } from './patterns.ts';
import { findPlaces } from './places.ts';
import { type PlannedRead, planReads } from './plan.ts';

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

export interface Question {
  /** Devices that the question names; none: the whole tenant. */
  readonly devices?: readonly string[];
  /** Application that it names. */
  readonly service?: string;
}

export interface Cause {
  readonly resource: string;
  readonly fault_type: string;
  readonly confidence: number;
  readonly evidence: readonly string[];
}

export interface Diagnosis {
  readonly verdict: Verdict;
  readonly causes: readonly Cause[];
  /** Ids of all evidence that the verdict rests on. */
  readonly evidence: readonly string[];
  /** Calls made, the two of the inventory not counted. */
  readonly reads: number;
  readonly finding: Finding;
}

export interface Options {
  /** Most calls (preset 12). */
  readonly budget?: number;
  readonly codebook?: Codebook;
}

/** Reads of one diagnosis. */
export const READ_BUDGET = 12;
/** Devices that a tool is asked for at once: a sweep stays within what the broker admits of one session. */
const MAX_DEVICES = 24;
const MAX_QUOTED = 6;

interface Looking {
  readonly map: NetworkMap;
  readonly made: Made[];
  readonly reads: PlannedRead[];
  readonly unread: string[];
}

async function look(read: ReadTool, { made, reads, unread }: Looking, planned: PlannedRead): Promise<void> {
  const { domain, tool, devices, input } = planned;
  const answer = await read({ domain, tool, devices, input });
  reads.push(planned);
  if ('evidence' in answer) {
    made.push({ tool, devices, sightings: answer.evidence });
    return;
  }
  unread.push(`${tool}: ${answer.code}, ${quote(answer.message)}`);
}

/** What was looked at: features of the reads that answered, and the devices whose configuration was compared. */
function lookedAt({ made, reads }: Looking, observations: readonly Observation[]): ReadonlySet<string> {
  const answered = new Set(made.map(({ tool }) => tool));
  const features = reads.filter(({ tool }) => answered.has(tool)).flatMap((one) => one.features);
  const compared = observations.flatMap(({ feature, entity }) => (feature === 'sync' ? [`cfg ${entity.device}`] : []));
  return new Set([...features, ...compared]);
}

/** Devices that a large network is narrowed down to: those named, the hubs, and those that events speak of most. */
function narrow(map: NetworkMap, question: Question, made: readonly Made[]): readonly string[] {
  const all = map.inventory.devices.map(({ name }) => name);
  if (all.length <= MAX_DEVICES) return all;
  const counts = new Map<string, number>();
  for (const { sightings } of made) {
    for (const { resource } of sightings) {
      for (const part of resource.split(/\/|--|:/)) {
        if (map.device(part) !== undefined) counts.set(part, (counts.get(part) ?? 0) + 1);
      }
    }
  }
  const loud = [...counts].sort((a, b) => b[1] - a[1]).map(([name]) => name);
  return [...new Set([...(question.devices ?? []), ...map.controllers, ...map.hubs, ...loud, ...all])].slice(
    0,
    MAX_DEVICES,
  );
}

export async function runDiagnosis(
  read: ReadTool,
  question: Question = {},
  { budget = READ_BUDGET, codebook = CODEBOOK }: Options = {},
): Promise<Diagnosis> {
  const unread: string[] = [];
  const records: Evidence[] = [];
  for (const tool of ['inventory.devices', 'inventory.topology']) {
    const answer = await read({ domain: 'inventory', tool, devices: [], input: {} });
    if ('evidence' in answer) records.push(...answer.evidence);
    else unread.push(`${tool}: ${answer.code}, ${quote(answer.message)}`);
  }
  const map = createMap(readInventory(records));
  const looking: Looking = { map, made: [], reads: [], unread };
  let now = newest(records);
  let explained: readonly Explained[] = [];
  let observations: readonly Observation[] = [];
  for (let calls = 0; calls < budget; calls += 1) {
    const plan = planReads(map, narrow(map, question, looking.made), now, question.service || undefined);
    const next = chooseLook(codebook, plan, looking.reads, explained);
    if (next === undefined) break;
    await look(read, looking, next);
    now = Math.max(now, newest(looking.made.at(-1)?.sightings ?? []));
    observations = observe(map, looking.made);
    if (looking.reads.length < 3) continue;
    const one = createCase(codebook, map, observations, lookedAt(looking, observations));
    explained = explain(one, findPlaces(map, observations));
  }
  const { verdict, causes } = conclude(map, explained, observations, codebook);
  return tell(verdict, causes, explained, observations, looking);
}

const newest = (sightings: readonly { readonly collectedAt?: string; readonly observedAt: string }[]): number =>
  sightings.reduce((latest, one) => Math.max(latest, Date.parse(one.collectedAt ?? one.observedAt) || 0), 0);

const say = ({ resource, shown, evidence }: Observation): Statement => ({
  text: `${resource}: ${quote(shown)}`,
  evidence: [...evidence].slice(0, MAX_QUOTED),
});

function tell(
  verdict: Verdict,
  causes: readonly Cause[],
  explained: readonly Explained[],
  observations: readonly Observation[],
  { reads, unread }: Looking,
): Diagnosis {
  const shown = [...new Set(explained.flatMap((one) => one.shown))];
  const grounds = shown.length > 0 ? shown : observations.filter((one) => verdict === 'healthy' || isAbnormal(one));
  const because = grounds.slice(0, 2 * MAX_QUOTED).map(say);
  const finding: Finding = {
    verdict,
    rootCauses: causes.map(({ resource, fault_type, confidence }) => ({ resource, faultType: fault_type, confidence })),
    because,
    ruledOut: [],
    unread,
  };
  return {
    verdict,
    causes,
    evidence: [...new Set([...because.flatMap(({ evidence }) => evidence), ...causes.flatMap((one) => one.evidence)])],
    reads: reads.length,
    finding,
  };
}
