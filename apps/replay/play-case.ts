/** Plays one case from its quiet lead-in to its end, and says how it went. Deterministic, but for `wall_ms`. */
import type { ChatEvent } from '../../agents/events.ts';
import { WayleaveError } from '../../broker/errors.ts';
import type { DecisionPoint } from '../../broker/ports.ts';
import { directorOf } from '../../scenarios/answer.ts';
import { askBaselines, readEverything } from '../../scenarios/replay/baselines.ts';
import type { Moment, Pair, Played, ReplayCase, Statement, Verdict } from '../../scenarios/replay/case.ts';
import { compareHealth, readHealth } from '../../scenarios/replay/health.ts';
import { type Placement, placeCase, type Wanted } from '../../scenarios/replay/place.ts';
import { FAULT_TYPES } from '../../simulators/faults/faults.ts';
import { createNetwork } from '../../simulators/model/create-network.ts';
import { ModelError, type Network, type Topology } from '../../simulators/model/network.ts';
import { noise } from '../../simulators/model/seeded-noise.ts';
import { mergeTopologies } from '../../simulators/topologies/blueprint.ts';
import { loadTopology } from '../../simulators/topologies/load-topology.ts';
import { refnet } from '../../simulators/topologies/refnet.ts';
import { findTool } from '../../tools/registry.ts';
import { createModelBroker, type ModelBroker } from '../compose/model-broker.ts';
import { createModelClock } from '../compose/model-clock.ts';
import { type Asked, askAgents } from './ask-agents.ts';
import { findViolations } from './find-violations.ts';
import { playScript } from './play-script.ts';

export const TENANT = 'acme';
/** What an agent's call takes, by the network's clock: tens of milliseconds a device, and the thinking in between. */
const CALL_MS = 500;
/** The network is watched for so long before the onset: two full windows of statistics. */
const LEAD_IN_MS = 2 * 3_600_000;
/** After a repair sessions come back, and counters settle. */
const SETTLE_MS = 180_000;

type Finding = Extract<ChatEvent, { readonly type: 'finding' }>;

export async function playCase(given: ReplayCase, decisionPoint: DecisionPoint): Promise<Played> {
  const begun = performance.now();
  if (given.too_small !== undefined) return { ...blank(given), not_applicable: given.too_small, wall_ms: 0 };
  const onset = Date.parse(given.onset);
  const network = buildNetwork(given, onset - LEAD_IN_MS);
  const clock = createModelClock(network);
  clock.advanceTo(onset);
  const placement = placeCase(network, TENANT, wantedBy(network, given));
  if (typeof placement === 'string') return { ...blank(given), not_applicable: placement, wall_ms: wall(begun) };
  const expect = renameExpectation(given, placement);
  const moments: Moment[] = [];
  const tell = (at: number, kind: Moment['kind'], text: string): void =>
    void moments.push({ at: Math.round((at - onset) / 1_000), kind, text });
  const before = readHealth(network, TENANT);
  for (const { type, resource, after, intensity, lasts } of strikes(network, given, placement)) {
    const startAt = onset + after * 1_000;
    network.inject({
      ...{ tenant: TENANT, type, resource, startAt },
      ...(intensity === undefined ? {} : { intensity }),
      ...(lasts === undefined ? {} : { endAt: startAt + lasts * 1_000 }),
    });
    tell(startAt, 'fault', `${type} at ${resource}`);
  }
  plant(network, given, placement);
  const broker = await createModelBroker({ network, clock, tenants: given.tenants, decisionPoint });
  const strangers = foreignNames(network);
  const leaks = new Set<string>();
  const portOf = (human: string) =>
    broker.identity.portFor(human, broker.broker, {
      before: () => clock.advanceTo(clock.now() + CALL_MS),
      after: (answer) => {
        const text = strangers.length === 0 ? '' : JSON.stringify(answer);
        for (const name of strangers) if (text.includes(name)) leaks.add(`cross-tenant: ${human} was told of ${name}`);
      },
    });
  const script = await playScript(
    { network, broker, clock, tenant: TENANT, portOf, tell: (text) => tell(clock.now(), 'step', text) },
    moveScript(given.script, placement),
  );
  const question = placement.retell(given.question);
  let last: { readonly asked: Asked; readonly finding: Finding | undefined } | undefined;
  let detectedAt: number | null = null;
  let during = before;
  let baselines: Played['baselines'] = {};
  for (const [turn, after] of given.asks.entries()) {
    clock.advanceTo(Math.max(clock.now(), onset + after * 1_000));
    during = readHealth(network, TENANT);
    if (given.baselines) baselines = askBaselines(readEverything(network, TENANT), onset);
    tell(clock.now(), 'question', question);
    const asked = await askAgents(
      {
        broker,
        clock,
        tenant: TENANT,
        port: portOf(`operator@${TENANT}`),
        repair: given.repair,
        thread: `replay-${turn}`,
      },
      question,
    );
    const finding = findingOf(asked);
    const told = asked.events.findLast(({ event }) => event.type === 'finding')?.at;
    for (const { at, event } of asked.events) tellEvent(tell, at, event);
    for (const { at, text } of asked.votes) tell(at, 'approval', text);
    last = { asked, finding };
    const verdict = finding?.verdict ?? 'inconclusive';
    if (verdict !== 'healthy' && detectedAt === null) detectedAt = Math.round(((told ?? clock.now()) - onset) / 1_000);
    if (verdict !== 'healthy' && verdict !== 'inconclusive') break;
  }
  const { asked, finding } = last ?? { asked: { events: [], votes: [] }, finding: undefined };
  const outcome = asked.events.findLast(({ event }) => event.type === 'outcome')?.event;
  const writes = new Set(broker.devices.writes.map((one) => `${one.device} ${one.persistId}`)).size;
  if (writes > 0) clock.advanceTo(clock.now() + SETTLE_MS);
  const mended = compareHealth(before, during, writes > 0 ? readHealth(network, TENANT) : during);
  const verdict: Verdict = finding?.verdict ?? 'inconclusive';
  const pairs: readonly Pair[] = (finding?.rootCauses ?? []).map(({ resource, faultType }) => ({
    resource,
    fault_type: faultType,
  }));
  const named = verdict !== 'inconclusive';
  return {
    ...blank(given),
    ...{
      verdict,
      expect,
      baselines,
      detected_at_s: detectedAt,
      moments: moments.toSorted((a, b) => a.at - b.at),
      writes,
    },
    root_causes: named ? pairs : [],
    candidates: named ? [] : pairs,
    reads: countReads(asked),
    remediation: {
      outcome: nameOutcome(outcome, asked, mended.unmended.length + mended.regressed.length),
      regressions: writes > 0 ? mended.regressed.length : 0,
    },
    violations: [
      ...script,
      ...leaks,
      ...(await findViolations({
        broker,
        tenant: TENANT,
        topology: network.topology(),
        expect,
        scripted: given.script.length > 0,
      })),
    ],
    ...(await explain(broker, finding)),
    diff: await diffOf(broker, asked),
    wall_ms: wall(begun),
  };
}

const wall = (begun: number): number => Math.round(performance.now() - begun);

/** All tenants in one; a further tenant has the reference network, with a branch that the first has not. Throws `TOPOLOGY_INVALID`. */
export function loadNetwork({ network, seed, tenants }: Pick<ReplayCase, 'network' | 'seed' | 'tenants'>): Topology {
  try {
    const own = loadTopology(network, { tenant: TENANT, seed, tenantIndex: 0 });
    const sites = new Set(own.devices.flatMap(({ config }) => (config.role === 'edge' ? [config.site] : [])));
    const others = tenants
      .slice(1)
      .map((tenant, at) => refnet({ tenant, branches: sites.size + 1, seed, tenantIndex: at + 1 }));
    return others.length === 0 ? own : mergeTopologies([own, ...others]);
  } catch (error) {
    if (error instanceof ModelError) throw new WayleaveError('TOPOLOGY_INVALID', error.message);
    throw error;
  }
}

function buildNetwork(given: ReplayCase, startAt: number): Network {
  const topology = loadNetwork(given);
  const { seed } = given;
  try {
    const network = createNetwork({ topology, seed, startAt, faults: FAULT_TYPES });
    // What the director knew before is part of what it shows afterwards.
    for (const tenant of given.tenants) directorOf(network, tenant);
    return network;
  } catch (error) {
    if (error instanceof ModelError) throw new WayleaveError('TOPOLOGY_INVALID', error.message);
    throw error;
  }
}

const wantedBy = (network: Network, { faults, needs, condition }: ReplayCase): readonly Wanted[] => [
  ...faults.map(({ type, resource }) => ({ type, resource })),
  ...needs.map((resource) => ({ resource })),
  ...(condition === undefined
    ? []
    : placesFor(network, condition)
        .slice(0, 1)
        .map((resource) => ({ resource, type: condition }))),
];

/** Where a condition without a place may be: at branches, so that work at a hub does not hide behind it. */
function placesFor(network: Network, condition: string): readonly string[] {
  const all = network.bearers(TENANT, condition);
  const { devices } = network.topology();
  const edges = new Set(devices.filter(({ config }) => config.role === 'edge').map(({ device }) => `node/${device}`));
  const atBranches = all.filter((name) => edges.has(name));
  return atBranches.length > 0 ? atBranches : all;
}

function strikes(network: Network, { faults, condition, id, seed }: ReplayCase, placement: Placement) {
  const placed = faults.map((fault) => ({ ...fault, resource: placement.rename(fault.resource) }));
  if (condition === undefined) return placed;
  const places = placesFor(network, condition);
  const resource = places[Math.floor(noise(seed, 'condition', id) * places.length)];
  return resource === undefined ? placed : [...placed, { type: condition, resource, after: 0 }];
}

function renameExpectation({ expect }: ReplayCase, { rename }: Placement): ReplayCase['expect'] {
  const move = (one: Pair): Pair => ({ ...one, resource: rename(one.resource) });
  return {
    verdicts: expect.verdicts,
    causes: expect.causes.map(move),
    equivalent: expect.equivalent.map(rename),
    neutral: expect.neutral.map(move),
    repair: expect.repair,
  };
}

/** Somebody once wrote these texts into devices: they were there before anything happened. */
function plant(network: Network, { planted }: ReplayCase, { rename }: Placement): void {
  for (const { device: name, interface: port, text } of planted) {
    const ref = { tenant: TENANT, device: rename(`node/${name}`).slice('node/'.length) };
    const config = network.config(ref);
    const interfaces = config.interfaces.map((one) => (one.name === port ? { ...one, description: text } : one));
    network.commit(ref, { ...config, interfaces }, 'netops');
  }
}

/** Names that only another tenant has: whoever hears one has heard too much. */
function foreignNames(network: Network): readonly string[] {
  const { devices, hosts } = network.topology();
  const all = [
    ...devices.map(({ tenant, device }) => [tenant, device] as const),
    ...hosts.map(({ tenant, name }) => [tenant, name] as const),
  ];
  const own = new Set(all.flatMap(([tenant, name]) => (tenant === TENANT ? [name] : [])));
  return all.flatMap(([tenant, name]) => (tenant === TENANT || own.has(name) ? [] : [name]));
}

/** The script on the devices that stand for those it names. */
const moveScript = (script: ReplayCase['script'], { rename }: Placement): ReplayCase['script'] =>
  script.map((step) => {
    const move = (device: string): string => rename(`node/${device}`).slice('node/'.length);
    if ('tool' in step) return { ...step, devices: step.devices.map(move) };
    if ('breaks' in step) return { ...step, resource: rename(step.resource) };
    if ('running' in step && step.running !== undefined)
      return { ...step, running: { ...step.running, device: move(step.running.device) } };
    return step;
  });

/** A case before anything was found. */
const blank = ({ id, title, seed, size, expect }: ReplayCase): Omit<Played, 'wall_ms'> => ({
  ...{ id, title, seed, size, expect, verdict: 'inconclusive', root_causes: [], candidates: [], detected_at_s: null },
  ...{ reads: 0, writes: 0, remediation: { outcome: 'none', regressions: 0 }, violations: [] },
  ...{ evidence: { cited: 0, resolved: 0 }, because: [], ruled_out: [], baselines: {}, moments: [], diff: '' },
});

const findingOf = ({ events }: Asked): Finding | undefined =>
  events.map(({ event }) => event).findLast((event): event is Finding => event.type === 'finding');

function tellEvent(tell: (at: number, kind: Moment['kind'], text: string) => void, at: number, event: ChatEvent): void {
  if (event.type === 'tool')
    tell(at, 'read', `${event.agent} ${event.tool} ${event.devices.join(', ')}: ${event.summary}`.slice(0, 400));
  if (event.type === 'finding') {
    const causes = event.rootCauses.map(({ resource, faultType }) => `${faultType} at ${resource}`);
    tell(at, 'verdict', [event.verdict, ...causes].join(' · '));
  }
  if (event.type === 'proposal') tell(at, 'proposal', `${event.tool} on ${event.target.join(', ')}: ${event.why}`);
  if (event.type === 'outcome') tell(at, 'outcome', `${event.outcome}: ${event.detail}`);
  if (event.type === 'error') tell(at, 'note', `${event.code}: ${event.message}`);
}

/** Calls that read or probe the network itself; what the broker keeps (inventory, evidence) is not of it. */
const countReads = ({ events }: Asked): number =>
  events.filter(({ event }) => event.type === 'tool' && findTool(event.tool)?.domain === 'diagnostics').length;

function nameOutcome(outcome: ChatEvent | undefined, asked: Asked, left: number): string {
  if (outcome?.type === 'outcome')
    return outcome.outcome === 'succeeded' ? (left === 0 ? 'fixed' : 'not-fixed') : outcome.outcome;
  return asked.events.some(({ event }) => event.type === 'pending') ? 'pending' : 'none';
}

async function explain(
  { evidence }: ModelBroker,
  finding: Finding | undefined,
): Promise<Pick<Played, 'because' | 'ruled_out' | 'evidence'>> {
  const statements = finding === undefined ? [] : [...finding.because, ...finding.ruledOut];
  const cited = [...new Set(statements.flatMap((one) => one.evidence))];
  const records = new Map((await evidence.get(TENANT, cited)).map((one) => [one.id, one]));
  const show = (text: string, ids: readonly string[]): Statement => ({
    text,
    evidence: ids.map((id) => {
      const record = records.get(id);
      const shown =
        record === undefined
          ? 'does not resolve'
          : `${record.resource} ${record.signal} = ${record.value} (${record.source}, ${record.observedAt})`;
      return { id, text: shown.slice(0, 400) };
    }),
  });
  return {
    because: (finding?.because ?? []).map((one) => show(one.text, one.evidence)),
    ruled_out: (finding?.ruledOut ?? []).map((one) => ({
      ...show(one.because, one.evidence),
      fault_type: one.faultType,
    })),
    evidence: { cited: cited.length, resolved: records.size },
  };
}

async function diffOf(broker: ModelBroker, { events }: Asked): Promise<string> {
  const pending = events.findLast(({ event }) => event.type === 'pending')?.event;
  if (pending?.type !== 'pending') return '';
  return (await broker.approvals.get(TENANT, pending.approval))?.diff ?? '';
}
