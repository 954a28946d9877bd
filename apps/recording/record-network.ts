/** Asks a broker for everything that a diagnosis would want to see, again and again, and keeps the answers. */

import { createMap } from '../../agents/diagnosis/network-map.ts';
import { planReads } from '../../agents/diagnosis/plan.ts';
import { readInventory } from '../../agents/inventory.ts';
import type { Answer, CallArguments, Domain, Evidence, Json } from '../../broker/contract.ts';
import { WayleaveError } from '../../broker/errors.ts';
import type { RecordedRead } from '../../scenarios/recording/recording.ts';

/** Devices of one call. */
const MAX_DEVICES = 24;
/** Events that the broker itself received, in one call. */
const RECEIVED = 500;
/** A broker that is busy is asked again so many times. */
const TRIES = 5;

export interface RecordDeps {
  /** A call in the name of the person who records. Throws `WayleaveError`. */
  readonly call: (domain: Domain, tool: string, args: CallArguments) => Promise<Answer>;
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<void>;
  /** One sentence now and then. */
  readonly progress: (text: string) => void;
  /** No more is asked once it aborts; what was seen is kept. */
  readonly stop: AbortSignal;
}

export interface Wanted {
  /** Moments at which the network is looked at. */
  readonly times: number;
  readonly everyMs: number;
  /** Whether test traffic may be sent, as a diagnosis does. */
  readonly probes: boolean;
  /** Application whose server stands for the business; the preset of the diagnosis when absent. */
  readonly service?: string;
}

interface Asking {
  readonly domain: Domain;
  readonly tool: string;
  readonly devices: readonly string[];
  readonly input: { readonly [name: string]: Json };
}

export async function recordNetwork(deps: RecordDeps, wanted: Wanted): Promise<readonly RecordedRead[]> {
  const reads: RecordedRead[] = [];
  for (let moment = 0; moment < wanted.times && !deps.stop.aborted; moment += 1) {
    if (moment > 0) await deps.pause(wanted.everyMs).catch(() => undefined);
    if (deps.stop.aborted) break;
    reads.push(...(await recordMoment(deps, wanted, moment)));
    deps.progress(`moment ${moment + 1} of ${wanted.times}: ${reads.length} reads so far`);
  }
  return reads;
}

async function recordMoment(deps: RecordDeps, { probes, service }: Wanted, moment: number): Promise<RecordedRead[]> {
  const records: RecordedRead[] = [];
  for (const tool of ['inventory.devices', 'inventory.topology'])
    records.push(await ask(deps, moment, { domain: 'inventory', tool, devices: [], input: {} }));
  const seen = records.flatMap(({ evidence = [] }) => evidence);
  const map = createMap(readInventory(seen));
  const devices = map.inventory.devices.map(({ name }) => name);
  if (devices.length === 0) throw new WayleaveError('NOT_FOUND', 'You see no devices: there is nothing to record.');
  const planned = planReads(map, devices, deps.now(), service).filter(
    ({ tool }) => probes || !tool.startsWith('probe.'),
  );
  const received = {
    domain: 'diagnostics',
    tool: 'events.read',
    devices: [],
    input: { since: 0, last: RECEIVED },
  } as const;
  for (const one of [...planned, received]) {
    for (const some of inParts(one.devices)) {
      if (deps.stop.aborted) return records;
      records.push(await ask(deps, moment, { ...one, devices: some }));
    }
  }
  return records;
}

/** A tool of the tenant as a whole is asked once. */
const inParts = (devices: readonly string[]): readonly (readonly string[])[] =>
  Array.from({ length: Math.max(1, Math.ceil(devices.length / MAX_DEVICES)) }, (_, at) =>
    devices.slice(at * MAX_DEVICES, (at + 1) * MAX_DEVICES),
  );

async function ask(deps: RecordDeps, moment: number, { domain, tool, devices, input }: Asking): Promise<RecordedRead> {
  const base = { moment, tool, devices: [...devices], input: { ...input } };
  const target = devices.length === 0 ? {} : { target: { devices } };
  for (let tries = 1; ; tries += 1) {
    try {
      const answer = await deps.call(domain, tool, { ...target, input, purpose: 'chat:record' });
      return { ...base, evidence: answer.status === 'done' ? answer.evidence.map((one) => keep(one)) : [] };
    } catch (error) {
      if (!(error instanceof WayleaveError)) throw error;
      const { code, message, retryAfterSeconds } = error;
      // Whoever may not look at all would record silence.
      if (code === 'UNAUTHENTICATED' || code === 'UNAVAILABLE') throw error;
      if (retryAfterSeconds === undefined || tries >= TRIES) return { ...base, refused: { code, message } };
      deps.progress(`${tool}: the broker is busy, again in ${retryAfterSeconds} s`);
      await deps.pause(retryAfterSeconds * 1_000).catch(() => undefined);
    }
  }
}

/** Neither whose network it is nor which call brought it belongs in a file that is passed on. */
const keep = ({ id, resource, signal, value, observedAt, collectedAt, source }: Evidence) => ({
  ...{ id, resource, signal, value, observedAt, collectedAt, source },
});
