/** The health monitor: sweeps devices, WAN, LAN and applications, keeps the incidents of what is not normal, says what will not be, and hands over. */
import type { Evidence } from '../../broker/contract.ts';
import { SEVERITIES } from '../../broker/contract.ts';
import { MOST_WATCHED } from '../../tools/readings-history.ts';
import type { Statement } from '../events.ts';
import { openIncident, readIncidents, symptomsOnly } from '../file-incident.ts';
import { asksForCause, handOver, tellsOfTrouble } from '../hand-over.ts';
import { type Inventory, parseInventory } from '../inventory.ts';
import type { Conversation, ConversationUpdate } from '../state.ts';
import { currentTask } from '../state.ts';
import type { Reading } from '../statement.ts';
import { devicesOf, readAll, reportOn, stateRecord } from '../statement.ts';
import type { Call, RunDeps } from '../talk.ts';
import { createTalk } from '../talk.ts';
import { complain } from './complain.ts';
import { foresee } from './foresee.ts';
import { type History, readCourses } from './history.ts';
import { planIncidents, type Trouble } from './keep-incidents.ts';
import { askForWeeks, readWeeks } from './usual-week.ts';

const AGENT = 'health-monitor';
/** Incidents that one sweep opens or moves, and evidence that one cites. */
const MAX_STEPS = 20;
const MAX_CITED = 40;

/**
 * Tells the device a record is about: of several the one that is no hub, whose trouble it is when the hub has others that are
 * well. Looked up, not searched: a sweep has as many records as devices, many times over.
 */
function createPlaceOf({ devices }: Inventory): (record: Evidence) => string | undefined {
  const known = new Map(devices.map((one) => [one.name, one]));
  const sites = new Map<string, Inventory['devices'][number][]>();
  for (const one of devices) {
    if (one.role === 'controller') continue;
    const beside = sites.get(one.site);
    if (beside === undefined) sites.set(one.site, [one]);
    else beside.push(one);
  }
  return ({ resource }) => {
    const site = /^application\/([^/]+)\//.exec(resource)?.[1];
    const named =
      site === undefined ? resource.split(/\/|--|:/).flatMap((name) => known.get(name) ?? []) : (sites.get(site) ?? []);
    return (named.find(({ role }) => role === 'edge') ?? named[0])?.name;
  };
}

function planCalls(inventory: Inventory, chosen: readonly string[]): readonly Call[] {
  const call = (tool: string, devices: readonly string[]): Call => ({
    agent: AGENT,
    domain: 'diagnostics',
    tool,
    devices,
  });
  // The hubs see every tunnel and session, those of dead branches included.
  const hubs = inventory.devices.filter(({ role }) => role === 'hub').map(({ name }) => name);
  const far = hubs.length > 0 ? hubs : chosen;
  return [
    call('system.read', chosen),
    call('tunnels.read', far),
    call('bgp.read', far),
    call('statistics.read', chosen),
    call('lan.read', chosen),
    { agent: AGENT, domain: 'inventory', tool: 'incident.list' },
  ];
}

interface Found extends Statement {
  readonly place: string;
  readonly severity: Trouble['severity'];
  readonly resource: string;
}

/** What is not normal now, each once, the worst first. */
function findTrouble(
  evidence: readonly Evidence[],
  inventory: Inventory,
  swept: ReadonlySet<string>,
): readonly Found[] {
  const seen = new Set<string>();
  const placeOf = createPlaceOf(inventory);
  return evidence
    .flatMap((one): readonly Found[] => {
      const complaint = complain(one);
      const place = complaint === undefined ? undefined : placeOf(one);
      const key = `${one.resource} ${one.signal}`;
      // What the hubs say of other places is left out.
      if (complaint === undefined || place === undefined || !swept.has(place) || seen.has(key)) return [];
      seen.add(key);
      return [{ ...stateRecord(one, complaint.words), place, severity: complaint.severity, resource: one.resource }];
    })
    .sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
}

/** One for each device. */
function groupTroubles(found: readonly Found[]): readonly Trouble[] {
  return [...new Set(found.map(({ place }) => place))].map((place): Trouble => {
    const own = found.filter((one) => one.place === place);
    const node = `node/${place}`;
    return {
      place: node,
      severity: own[0]?.severity ?? 'major',
      resources: [...new Set([node, ...own.map(({ resource }) => resource)])].slice(0, 100),
      statements: own,
    };
  });
}

/** Sweeps the devices of the task, or all of the tenant, and brings the monitor's incidents in line with what it found. */
export async function sweepHealth(deps: RunDeps, state: Conversation): Promise<ConversationUpdate> {
  const inventory = parseInventory(state.inventory);
  const task = currentTask(state);
  const forwarding = inventory.devices.filter(({ role }) => role !== 'controller').map(({ name }) => name);
  const chosen = devicesOf(task, forwarding);
  const swept = new Set(chosen);
  const past = await readPast(deps, state, chosen);
  let seen: readonly Evidence[] = [];
  let found: readonly Found[] = [];
  const coursesWith = (now: readonly Evidence[]): History => readCourses([...past.evidence, ...now]);
  const remembering = { ...state, events: { ...state.events, ...past.events } };
  const report = ({ evidence }: Reading) => {
    seen = evidence;
    found = findTrouble(evidence, inventory, swept);
    const ahead = foresee(evidence, coursesWith(evidence), readWeeks(evidence));
    const all = chosen.length === 1 ? `${chosen[0]} is` : `All ${chosen.length} devices are`;
    const well = `${all} healthy: tunnels, sessions, LAN, applications and systems are normal.`;
    return {
      statements: [...found, ...ahead].map(({ text, evidence: ids }) => ({ text, evidence: ids })),
      good: well,
      bad:
        found.length === 0
          ? `${well} But this is on its way:`
          : 'Not everything is normal. Ask "why" about a place and the troubleshooter looks for the cause.',
    };
  };
  const update = await reportOn(deps, remembering, planCalls(inventory, chosen), report, (evidence) =>
    askForWeeks(AGENT, evidence, coursesWith(evidence)),
  );
  const told = { ...remembering, events: { ...remembering.events, ...update.events } };
  const troubles = groupTroubles(found);
  const events = { ...past.events, ...update.events, ...(await keepIncidents(deps, told, troubles, seen, swept)) };
  const [worst] = troubles;
  const next =
    worst !== undefined && (asksForCause(task) || tellsOfTrouble(task))
      ? handOver(state, {
          ...{ agent: 'troubleshooter', kind: 'diagnose', detail: '' },
          devices: [worst.place.slice('node/'.length)],
        })
      : {};
  return { events, ...next };
}

/** What the broker kept of the courses at the devices: also what schedules and other conversations read. */
async function readPast(deps: RunDeps, state: Conversation, devices: readonly string[]) {
  const talk = createTalk(deps, state);
  const calls = Array.from({ length: Math.ceil(devices.length / MOST_WATCHED) }, (_, at): Call => {
    const some = devices.slice(at * MOST_WATCHED, (at + 1) * MOST_WATCHED);
    return { agent: AGENT, domain: 'inventory', tool: 'readings.history', input: { devices: some } };
  });
  // Without a past there is no forecast, and the sweep is as good.
  const { evidence } = await readAll(talk, calls);
  return { evidence, events: talk.told() };
}

/** Opens, updates, merges, resolves and closes. A step that the broker refuses is told, and the others go on. */
async function keepIncidents(
  deps: RunDeps,
  state: Conversation,
  troubles: readonly Trouble[],
  evidence: readonly Evidence[],
  swept: ReadonlySet<string>,
): Promise<{ readonly [id: string]: string }> {
  const talk = createTalk(deps, state);
  // Nothing read means nothing known: no incident is over because nobody answered.
  const answered = new Set(evidence.filter(({ signal }) => signal === 'dev.reach').map(({ resource }) => resource));
  const places = new Set([...swept].map((name) => `node/${name}`).filter((place) => answered.has(place)));
  const known = readIncidents(evidence).filter(({ openedBy }) => openedBy === AGENT);
  const now = Math.max(...evidence.map(({ collectedAt }) => Date.parse(collectedAt)), 0);
  for (const step of planIncidents(troubles, known, places, now).slice(0, MAX_STEPS)) {
    if (step.kind === 'open') {
      const { place, severity, resources, statements } = step.trouble;
      const [first] = statements;
      const more = statements.length > 1 ? ` and ${statements.length - 1} more` : '';
      await openIncident(talk, {
        ...{ agent: AGENT, severity, resources, intent: deps.ids('int') },
        title: `${place}: ${first?.text ?? ''}${more}`.slice(0, 200),
        evidence: [...new Set(statements.flatMap((one) => one.evidence))].slice(0, MAX_CITED),
        finding: symptomsOnly(statements),
      });
    } else {
      await talk.read({
        ...{ agent: AGENT, domain: 'inventory', tool: 'incident.update' },
        input: { incident: step.incident, state: step.to, note: step.note.slice(0, 2_000) },
      });
    }
  }
  return talk.told();
}
