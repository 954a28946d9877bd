/** Plays one case from its quiet lead-in to its end, and says how it went. Deterministic, but for `wall_ms`. */
import type { BrokerPort } from '../../agents/broker-port.ts';
import { withoutContained } from '../../broker/containment/measure.ts';
import type { DecisionPoint } from '../../broker/ports.ts';
import { askBaselines, readEverything } from '../../scenarios/replay/baselines.ts';
import {
  type Moment,
  NAMING,
  type Pair,
  type Played,
  type ReplayCase,
  type Verdict,
} from '../../scenarios/replay/case.ts';
import { compareHealth, type Health, readHealth } from '../../scenarios/replay/health.ts';
import { whyNoRepair } from '../../scenarios/replay/repairable.ts';
import { createModelBroker, type ModelBroker } from '../compose/model-broker.ts';
import { type Asked, askAgents } from './ask-agents.ts';
import { askEngine } from './ask-engine.ts';
import { findViolations } from './find-violations.ts';
import { playScript } from './play-script.ts';
import { foreignNames, type SetCase, setCase, TENANT } from './set-case.ts';
import {
  countReads,
  diffOf,
  explain,
  type Finding,
  findingOf,
  nameOutcome,
  type Tell,
  tellEvent,
} from './tell-case.ts';

/** What an agent's call takes, by the network's clock: tens of milliseconds a device, and the thinking in between. */
const CALL_MS = 500;
/** After a repair sessions come back, and counters settle. */
const SETTLE_MS = 180_000;

export async function playCase(given: ReplayCase, decisionPoint: DecisionPoint): Promise<Played> {
  const begun = performance.now();
  const wall = (): number => Math.round(performance.now() - begun);
  const stage = setCase(given);
  if (typeof stage === 'string') return { ...blank(given), not_applicable: stage, wall_ms: wall() };
  const { network, clock } = stage;
  const before = readHealth(network, TENANT);
  const { tenants, wire } = given;
  const broker = await createModelBroker({ network, clock, tenants, decisionPoint, wire });
  try {
    return { ...(await playOn(given, stage, broker, before)), wall_ms: wall() };
  } finally {
    await broker.close();
  }
}

async function playOn(
  given: ReplayCase,
  stage: SetCase,
  broker: ModelBroker,
  before: Health,
): Promise<Omit<Played, 'wall_ms'>> {
  const { network, clock, onset, expect } = stage;
  const moments: Moment[] = [];
  const tell: Tell = (at, kind, text) => void moments.push({ at: Math.round((at - onset) / 1_000), kind, text });
  strike(stage, tell);
  const leaks = new Set<string>();
  const portOf = openPorts(stage, broker, leaks);
  const script = await playScript(
    { network, broker, clock, tenant: TENANT, portOf, tell: (text) => tell(clock.now(), 'step', text) },
    stage.script,
  );
  const writesOf = (): number => new Set(broker.devices.writes.map((one) => `${one.device} ${one.persistId}`)).size;
  const byPeople = writesOf();
  const answer = await askUntilAnswered(given, { stage, broker, port: portOf(`operator@${TENANT}`), tell });
  const { asked, finding, during } = answer;
  const writes = writesOf() - byPeople;
  if (writes > 0) clock.advanceTo(clock.now() + SETTLE_MS);
  const mended = compareHealth(before, during, writes > 0 ? readHealth(network, TENANT, withoutContained) : during);
  const verdict: Verdict = finding?.verdict ?? 'inconclusive';
  const pairs = (finding?.rootCauses ?? []).map(
    ({ resource, faultType }): Pair => ({ resource, fault_type: faultType }),
  );
  // Planned work is a condition, and no cause.
  const named = NAMING.includes(verdict);
  const topology = network.topology();
  const scripted = given.script.length > 0;
  const notCounted = whyNoRepair(given);
  const received = await broker.received();
  return {
    ...blank(given),
    ...{ verdict, expect, writes, baselines: answer.baselines, detected_at_s: answer.detectedAt },
    root_causes: named ? pairs : [],
    candidates: named ? [] : pairs,
    reads: countReads(asked),
    remediation: {
      outcome: nameOutcome(asked, mended.unmended.length + mended.regressed.length),
      regressions: writes > 0 ? mended.regressed.length : 0,
      ...(notCounted === undefined ? {} : { not_counted: notCounted }),
    },
    violations: [
      ...script,
      ...leaks,
      ...(await findViolations({ broker, tenant: TENANT, topology, expect, scripted })),
    ],
    ...(await explain(broker, TENANT, finding)),
    moments: moments.toSorted((a, b) => a.at - b.at),
    diff: await diffOf(broker, TENANT, asked),
    ...(received === undefined ? {} : { wall_received: { datagrams: received.received, events: received.kept } }),
  };
}

/** A case before anything was found. */
const blank = ({ id, title, seed, size, expect }: ReplayCase): Omit<Played, 'wall_ms'> => ({
  ...{ id, title, seed, size, expect, verdict: 'inconclusive', root_causes: [], candidates: [], detected_at_s: null },
  ...{
    reads: 0,
    writes: 0,
    remediation: { outcome: 'none', regressions: 0, not_counted: 'not played' },
    violations: [],
  },
  ...{ evidence: { cited: 0, resolved: 0 }, because: [], ruled_out: [], baselines: {}, moments: [], diff: '' },
});

function strike({ network, onset, strikes }: SetCase, tell: Tell): void {
  for (const { type, resource, after, intensity, lasts } of strikes) {
    const startAt = onset + after * 1_000;
    network.inject({
      ...{ tenant: TENANT, type, resource, startAt },
      ...(intensity === undefined ? {} : { intensity }),
      ...(lasts === undefined ? {} : { endAt: startAt + lasts * 1_000 }),
    });
    tell(startAt, 'fault', `${type} at ${resource}`);
  }
}

/** The way of a person's agents to the broker; what an answer tells of another tenant goes into `leaks`. */
function openPorts({ network, clock }: SetCase, broker: ModelBroker, leaks: Set<string>) {
  const strangers = foreignNames(network);
  return (human: string): BrokerPort =>
    broker.identity.portFor(human, broker.broker, {
      before: () => clock.advanceTo(clock.now() + CALL_MS),
      after: (answer) => {
        const text = strangers.length === 0 ? '' : JSON.stringify(answer);
        for (const name of strangers) if (text.includes(name)) leaks.add(`cross-tenant: ${human} was told of ${name}`);
      },
    });
}

interface AskAround {
  readonly stage: SetCase;
  readonly broker: ModelBroker;
  readonly port: BrokerPort;
  readonly tell: Tell;
}

interface Answer {
  readonly asked: Asked;
  readonly finding: Finding | undefined;
  readonly detectedAt: number | null;
  /** Health as it was when the answer was asked for. */
  readonly during: Health;
  readonly baselines: Played['baselines'];
}

/** Asks at each of the times until there is an answer. Where nothing is wrong, a single false alarm is the answer. */
async function askUntilAnswered(given: ReplayCase, { stage, broker, port, tell }: AskAround): Promise<Answer> {
  const { network, clock, onset, question } = stage;
  let detectedAt: number | null = null;
  let answer: Answer | undefined;
  for (const [turn, after] of given.asks.entries()) {
    clock.advanceTo(Math.max(clock.now(), onset + after * 1_000));
    const during = readHealth(network, TENANT);
    const baselines = given.baselines ? askBaselines(readEverything(network, TENANT), onset) : {};
    tell(clock.now(), 'question', question);
    const thread = `replay-${turn}`;
    const around = { broker, clock, tenant: TENANT, port, repair: given.repair, thread };
    const asked =
      given.through === 'engine'
        ? await askEngine(port, clock, thread, given.without)
        : await askAgents(around, question);
    for (const { at, event } of asked.events) tellEvent(tell, at, event);
    for (const { at, text } of asked.votes) tell(at, 'approval', text);
    const finding = findingOf(asked);
    const told = asked.events.findLast(({ event }) => event.type === 'finding')?.at ?? clock.now();
    const verdict = finding?.verdict ?? 'inconclusive';
    if (verdict !== 'healthy') detectedAt ??= Math.round((told - onset) / 1_000);
    // Who said that something unknown is wrong, and where, has answered about the unknown; that it is quiet later is no answer.
    if (given.without.length === 0 || verdict !== 'healthy' || answer === undefined)
      answer = { asked, finding, detectedAt, during, baselines };
    const unsure = verdict === 'inconclusive' && stage.expect.causes.length > 0;
    if (verdict !== 'healthy' && !unsure) break;
  }
  if (answer === undefined) throw new Error('a case without a question');
  return answer;
}
