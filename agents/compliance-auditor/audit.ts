/**
 * The compliance auditor: holds what devices run against what is intended and against the golden rules, and what people
 * and agents did against the audit log. It changes nothing itself: asked to put it right, it hands over.
 */
import type { Evidence } from '../../broker/contract.ts';
import type { RestorableSection } from '../../tools/config-sections.ts';
import { isRestorable } from '../../tools/config-sections.ts';
import type { Proposal, Statement } from '../events.ts';
import { quote } from '../events.ts';
import { fileIncident, symptomsOnly } from '../file-incident.ts';
import { handOver } from '../hand-over.ts';
import type { KnownDevice } from '../inventory.ts';
import { parseInventory } from '../inventory.ts';
import type { Conversation, ConversationUpdate, Task } from '../state.ts';
import { currentTask } from '../state.ts';
import { devicesOf, readAll, reportOn, stateRecord } from '../statement.ts';
import type { Call, RunDeps } from '../talk.ts';
import { createTalk } from '../talk.ts';
import { findOutsideChanges } from '../threat-watcher/outside-changes.ts';
import type { Aspect } from './aspects.ts';
import { findAspects } from './aspects.ts';
import { findOwnClients, reviewActions } from './review-actions.ts';
import type { Configured, Deviation } from './rules.ts';
import { checkRules, fillFacts, RULES, readLeaf } from './rules.ts';
import { findShadowServers } from './shadow-mcp.ts';
import { citeTenet } from './tenets.ts';

const AGENT = 'compliance-auditor';
const LAST_ENTRIES = 500;
/** Flow records bear the clocks of devices: those ahead of ours count as well (milliseconds). */
const FLOWS_MS = 900_000;
const AHEAD_MS = 2_700_000;
/** Configurations read in one call. */
const BATCH = 20;
const SECTIONS = [...new Set(RULES.map(({ section }) => section))];
const SEVERITY_ORDER = ['critical', 'major', 'minor', 'warning', 'info', 'cleared'];

function planCalls(aspects: ReadonlySet<Aspect>, devices: readonly string[], { from }: Task): readonly Call[] {
  const batches = Array.from({ length: Math.ceil(devices.length / BATCH) }, (_, at) =>
    devices.slice(at * BATCH, (at + 1) * BATCH),
  );
  const log: Call = {
    agent: AGENT,
    domain: 'compliance',
    tool: 'audit.read',
    input: { last: LAST_ENTRIES, ...(from ? { since: from } : {}) },
  };
  return [
    ...(aspects.has('drift')
      ? batches.map((some): Call => ({ agent: AGENT, domain: 'diagnostics', tool: 'config.diff', devices: some }))
      : []),
    ...(aspects.has('rules')
      ? batches.map(
          (some): Call => ({
            agent: AGENT,
            domain: 'diagnostics',
            tool: 'config.leaves',
            devices: some,
            input: { sections: SECTIONS },
          }),
        )
      : []),
    ...(aspects.has('changes')
      ? ([
          { agent: AGENT, domain: 'diagnostics', tool: 'events.read', input: { last: LAST_ENTRIES } },
          { agent: AGENT, domain: 'inventory', tool: 'inventory.changes' },
        ] as const)
      : []),
    ...(aspects.has('actions') || aspects.has('clients') ? [log] : []),
  ];
}

/** Leaves that differ from what the director intends, and devices that differ without saying where. */
function stateDrift(evidence: readonly Evidence[]): readonly Statement[] {
  const leaves = evidence.filter(({ signal }) => signal === 'cfg.diff');
  const told = new Set(leaves.map(({ resource }) => resource));
  const bare = evidence.filter(
    ({ resource, signal, value }) => signal === 'cfg.sync' && value !== 'in-sync' && !told.has(resource),
  );
  return [...leaves, ...bare].map((one) => {
    const statement = stateRecord(one, 'differs:');
    return { ...statement, text: `${statement.text} ${citeTenet(5)}` };
  });
}

/** What `cfg.leaf` records say of each device. */
function collectLeaves(evidence: readonly Evidence[], devices: readonly KnownDevice[]): readonly Configured[] {
  return devices.flatMap(({ name, role, site, asn, systemIp }): readonly Configured[] => {
    if (role === 'controller') return [];
    const own = evidence.filter(({ resource }) => resource === `node/${name}`);
    const read = own.find(({ signal }) => signal === 'cfg.read');
    if (read === undefined) return [];
    const leaves = own.flatMap(({ id, signal, value }) => {
      const leaf = signal === 'cfg.leaf' ? readLeaf(String(value)) : undefined;
      return leaf === undefined ? [] : [{ ...leaf, id }];
    });
    const facts = { name, site, ...(asn === undefined ? {} : { asn: String(asn) }), ...(systemIp ? { systemIp } : {}) };
    return [{ device: name, role, facts, leaves, read: read.id }];
  });
}

function stateDeviation({ rule, device, path, line, found, wanted, evidence }: Deviation): Statement {
  const at = line === undefined ? rule.section : `${rule.section} line ${line}`;
  return {
    text: `${rule.severity}: ${device} breaks ${rule.id}, "${rule.title}": ${quote(path)} is ${quote(found)}, must be ${wanted} (${at}) ${citeTenet(rule.tenet)}`,
    evidence: [...evidence],
  };
}

/** What would put right what was found: one restoration a device, and the fixes that rules name themselves. */
function proposeFixes(
  evidence: readonly Evidence[],
  deviations: readonly Deviation[],
  configured: readonly Configured[],
): readonly (Proposal & { readonly diff: readonly string[] })[] {
  const drifted = new Map<string, { sections: Set<RestorableSection>; diff: string[] }>();
  for (const { resource, signal, value } of evidence) {
    if (signal !== 'cfg.diff') continue;
    const match = /^([^/:]+)\/?([^:]*): running (.*), intended (.*)$/s.exec(String(value));
    if (!match?.[1] || !isRestorable(match[1])) continue;
    const device = resource.slice('node/'.length);
    const one = drifted.get(device) ?? { sections: new Set(), diff: [] };
    one.sections.add(match[1]);
    one.diff.push(`- ${match[1]}/${match[2]} ${match[3]}`, `+ ${match[1]}/${match[2]} ${match[4]}`);
    drifted.set(device, one);
  }
  const restorations = [...drifted].map(([device, { sections, diff }]) => ({
    ...{ tool: 'config.restore', target: [device], input: { sections: [...sections] }, diff },
    why: 'The running configuration differs from the intended one.',
  }));
  const fixes = deviations.flatMap(({ rule, device, path, found, wanted }) => {
    const facts = configured.find((one) => one.device === device)?.facts ?? {};
    if (rule.fix === undefined || drifted.has(device)) return [];
    const input = Object.entries(rule.fix.input).map(([name, text]) => [name, fillFacts(text, facts)] as const);
    if (input.some(([, value]) => value === undefined)) return [];
    const typed = Object.fromEntries(
      input.map(([name, value]) => [name, /^\d+$/.test(value ?? '') ? Number(value) : (value ?? '')]),
    );
    return [
      {
        tool: rule.fix.tool,
        target: [device],
        input: typed,
        why: rule.title,
        diff: [`- ${path} ${found}`, `+ ${path} ${wanted}`],
      },
    ];
  });
  // What no tool puts right is for people: where depends on whether the intended form breaks the rule too.
  const manual = configured.flatMap(({ device }) => {
    const own = deviations.filter((one) => one.device === device && one.rule.fix === undefined && !drifted.has(device));
    if (own.length === 0) return [];
    const diff = own.flatMap(({ path, found, wanted }) => [`- ${path} ${found}`, `+ ${path} ${wanted}`]);
    const why = whereToMend(
      device,
      own.map(({ path }) => path),
      evidence,
    );
    return [{ tool: '', target: [device], input: {}, why, diff }];
  });
  return [...restorations, ...fixes, ...manual];
}

/** Where people put right what breaks a rule: on the device alone, in its template, or not known since nobody compared the two. */
function whereToMend(device: string, paths: readonly string[], evidence: readonly Evidence[]): string {
  const told = evidence.filter(({ resource }) => resource === `node/${device}`);
  if (told.every(({ signal }) => signal !== 'cfg.sync'))
    return `at ${device} or in its template: the two were not compared.`;
  const sections = new Set(paths.map((path) => path.split('/')[0]));
  const strays = told.some(
    ({ signal, value }) => signal === 'cfg.diff' && sections.has(/^[^/:]+/.exec(String(value))?.[0]),
  );
  return strays
    ? `at ${device}: its intended configuration does not have that.`
    : `in the template of ${device}: The intended configuration breaks the rules as well.`;
}

/** Words by which a person asks for more than a report. */
const REMEDY =
  /\b(?:remed\w+|fix\w*|repair\w*|correct\s+\w+|restore|enforce|put\b.{0,30}\bright|back into compliance)\b/i;
/** Changes that one question leads to; each waits for approval by itself. */
const MOST_HANDED = 3;
/** Evidence that an incident cites. */
const MAX_CITED = 40;

/**
 * Hands what would put deviations right over to the troubleshooter, each under an incident that says why. The auditor itself
 * may change nothing: who judges does not act.
 */
async function handOverFixes(
  deps: RunDeps,
  state: Conversation,
  fixes: readonly Proposal[],
  evidence: readonly Evidence[],
): Promise<{ readonly events: { readonly [id: string]: string }; readonly tasks: Conversation['tasks'] }> {
  const talk = createTalk(deps, state);
  let tasks = state.tasks;
  for (const { tool, target, input, why } of fixes
    .filter((one) => one.tool !== '')
    .slice(0, MOST_HANDED)
    .toReversed()) {
    const places = target.map((device) => `node/${device}`);
    const shown = evidence.filter(
      ({ resource, signal }) => places.includes(resource) && /^cfg\.(?:diff|leaf)$/.test(signal),
    );
    const cited = [...shown.filter(({ signal }) => signal === 'cfg.diff'), ...shown]
      .slice(0, MAX_CITED)
      .map(({ id }) => id);
    const incident = await fileIncident(talk, {
      ...{ agent: AGENT, severity: 'minor', intent: deps.ids('int') },
      title: `${target.join(', ')}: ${why}`.slice(0, 200),
      resources: places,
      evidence: cited,
      finding: symptomsOnly([{ text: why, evidence: cited }]),
    });
    const detail = JSON.stringify({ tool, target, input, why });
    const next = { agent: 'troubleshooter', kind: 'change', detail, devices: target, incident } as const;
    ({ tasks } = handOver({ ...state, tasks }, next));
  }
  return { events: talk.told(), tasks };
}

/** Whose names were asked for in the last quarter of an hour, what devices logged, and which sources people know of. */
async function readTraffic(deps: RunDeps, state: Conversation) {
  const talk = createTalk(deps, state);
  const ask = (domain: Call['domain'], tool: string, input: NonNullable<Call['input']> = {}): Call => ({
    ...{ agent: AGENT, domain, tool, input },
  });
  const known = await readAll(talk, [ask('inventory', 'inventory.records'), ask('inventory', 'inventory.devices')]);
  const now = known.evidence.reduce((latest, { collectedAt }) => Math.max(latest, Date.parse(collectedAt)), 0);
  const span = { from: new Date(now - FLOWS_MS).toISOString(), until: new Date(now + AHEAD_MS).toISOString() };
  const told = await readAll(talk, [
    ask('diagnostics', 'flows.read', span),
    ask('diagnostics', 'events.read', { last: LAST_ENTRIES }),
  ]);
  return { evidence: [...known.evidence, ...told.evidence], events: talk.told() };
}

/** Audits the devices of the task, or all, in the aspects that the question names. */
export async function auditCompliance(deps: RunDeps, state: Conversation): Promise<ConversationUpdate> {
  const isWanted = REMEDY.test(currentTask(state).question);
  let fixes: readonly Proposal[] = [];
  let seen: readonly Evidence[] = [];
  const { devices } = parseInventory(state.inventory);
  const task = currentTask(state);
  const chosen = devicesOf(
    task,
    devices.filter(({ role }) => role !== 'controller').map(({ name }) => name),
  );
  const aspects = findAspects(task.question);
  const traffic = aspects.has('clients') ? await readTraffic(deps, state) : { evidence: [], events: {} };
  const heard = { ...state, events: { ...state.events, ...traffic.events } };
  const update = await reportOn(deps, heard, planCalls(aspects, chosen, task), ({ evidence }) => {
    seen = evidence;
    const configured = collectLeaves(evidence, devices);
    const deviations = configured
      .flatMap((one) => checkRules(RULES, one))
      .sort((a, b) => SEVERITY_ORDER.indexOf(a.rule.severity) - SEVERITY_ORDER.indexOf(b.rule.severity));
    const compared = new Set(evidence.filter(({ signal }) => signal === 'cfg.sync').map(({ resource }) => resource));
    const proposals = proposeFixes(evidence, deviations, configured);
    fixes = proposals;
    const outside = aspects.has('changes') ? findOutsideChanges(evidence, task) : [];
    const good = [
      ...(aspects.has('drift')
        ? [`${compared.size} of ${chosen.length} devices were compared and run what is intended.`]
        : []),
      ...(aspects.has('rules')
        ? [`${configured.length} of ${chosen.length} devices keep all ${RULES.length} golden rules.`]
        : []),
      ...(aspects.has('changes')
        ? ['No commit or login among the newest events is one that the broker did not make.']
        : []),
      ...(aspects.has('actions') ? ['Nothing in the audit log needs an explanation.'] : []),
    ];
    return {
      statements: [
        ...deviations.map(stateDeviation),
        ...stateDrift(evidence),
        ...outside.map((one) => ({ ...one, text: `${one.text} ${citeTenet(6)}` })),
        ...(aspects.has('actions') ? reviewActions(evidence) : []),
        ...(aspects.has('clients') ? findShadowServers([...traffic.evidence, ...evidence]) : []),
        ...(aspects.has('clients') ? findOwnClients(evidence) : []),
      ],
      good:
        good.join(' ') ||
        "No program but Wayleave's own was seen to speak to the broker, and no MCP server that nobody registered.",
      bad: 'These deviate from what is intended, from the rules, or need an explanation:',
      proposals: isWanted ? proposals.filter(({ tool }) => tool === '') : proposals,
    };
  });
  const events = { ...traffic.events, ...update.events };
  if (fixes.length === 0 || !isWanted) return { ...update, events };
  const after = { ...state, events: { ...state.events, ...events } };
  const handed = await handOverFixes(deps, after, fixes, seen);
  return { ...handed, events: { ...events, ...handed.events } };
}
