/**
 * The experience optimizer: scores each site for calls, pages and names, finds the condition of the network behind a bad
 * score, and says which steering or queueing would make it better. It measures; asked again, it compares with before.
 */
import { z } from 'zod';
import type { Evidence } from '../../broker/contract.ts';
import type { RestorableSection } from '../../tools/config-sections.ts';
import type { Proposal, Statement } from '../events.ts';
import { quote } from '../events.ts';
import type { Inventory } from '../inventory.ts';
import { findService, parseInventory } from '../inventory.ts';
import type { Conversation, ConversationUpdate } from '../state.ts';
import { currentTask } from '../state.ts';
import { devicesOf, reportOn } from '../statement.ts';
import type { Call, RunDeps } from '../talk.ts';
import type { Condition, MeasuredPath } from './condition.ts';
import { findConditions } from './condition.ts';
import type { SiteScore } from './measure.ts';
import { LAST_RESORT, overall, readPaths, scoreSite } from './measure.ts';
import { GOOD, missedClasses, scoreCall } from './score.ts';

const AGENT = 'experience-optimizer';
/** The VRF of people at the branches. */
const PEOPLE_VRF = 10;
/** Sites that one question sends test traffic from; more are judged by their paths alone. */
const MOST_PROBED = 12;
const DIRECTOR = 'director';
/** Sections that decide which path traffic takes and in which queue it waits. */
const STEERING: readonly RestorableSection[] = ['app-routes', 'sla-classes', 'qos'];
/** Line use, in percent of the contract, from which queues build. */
const FULL_PCT = 90;

type Remedy = Proposal & { readonly diff: readonly string[] };

function planCalls(inventory: Inventory, chosen: readonly string[], service: string): readonly Call[] {
  const read = (tool: string, devices: readonly string[], input: Call['input'] = {}): Call => ({
    ...{ agent: AGENT, domain: 'diagnostics', tool, devices, input },
  });
  const edges = chosen.filter((device) =>
    inventory.devices.some(({ name, role }) => name === device && role === 'edge'),
  );
  const probed = edges.slice(0, MOST_PROBED);
  const server = findService(inventory, service);
  const resolvers = inventory.hosts
    .filter(({ services }) => services.some(({ name }) => name === 'dns'))
    .map(({ address }) => address);
  const director = inventory.devices.filter(({ name, role }) => role === 'controller' && name === DIRECTOR);
  return [
    read('approute.read', chosen),
    read('statistics.read', chosen),
    ...(server && probed.length > 0
      ? [
          read('probe.http', probed, {
            ...{
              vrf: PEOPLE_VRF,
              destination: server.host.address,
              port: server.port,
              object: 'small',
              from: 'device',
            },
          }),
        ]
      : []),
    ...(resolvers.length > 0 && probed.length > 0
      ? [
          read('probe.dns', probed, {
            vrf: PEOPLE_VRF,
            resolvers: resolvers.slice(0, 4),
            name: `${service}.example`,
            from: 'device',
          }),
        ]
      : []),
    read('config.diff', [...chosen, ...director.map(({ name }) => name)]),
  ];
}

const scoresForm = z.record(z.string(), z.number());

function stateScore(one: SiteScore, before: number | undefined): Statement | undefined {
  const { site, call, page, name, failed } = one;
  const score = overall(one);
  const changed = before !== undefined && score !== undefined && before !== score;
  if (score === undefined || (score >= GOOD && !changed)) return undefined;
  const parts = [
    ...(call ? [`calls ${call.value} (MOS ${call.mos})`] : []),
    ...(page ? [`pages ${page.value} (${page.ms} ms)`] : []),
    ...(name ? [`names ${name.value} (${name.ms} ms)`] : []),
    ...failed.map(({ value }) => `"${quote(String(value))}"`),
  ];
  const compare = changed ? `, before it was ${before}` : '';
  const evidence = [call, page, name].flatMap((part) => part?.evidence ?? []);
  return {
    text: `site/${site} scores ${score} of 100${compare}: ${parts.join(', ')}`,
    evidence: [...evidence, ...failed.map(({ id }) => id)],
  };
}

/** Conditions beside the paths: full lines, and pages or names that are slow where the paths are good. */
function findOthers(
  scores: readonly SiteScore[],
  evidence: readonly Evidence[],
  bad: ReadonlySet<string>,
): readonly Condition[] {
  const full = evidence.filter(({ signal, value }) => signal === 'if.util_pct' && Number(value) >= FULL_PCT);
  const slow = (part: 'page' | 'name', what: string): readonly Condition[] => {
    const hit = scores.filter((one) => (one[part]?.value ?? 100) < GOOD && !bad.has(one.site));
    if (hit.length === 0) return [];
    const says = `${what} slow at ${hit.map(({ site }) => site).join(', ')}, where the paths are good: look beyond the network`;
    return [
      {
        resource: part === 'page' ? 'application' : 'resolver',
        says,
        evidence: hit.flatMap((one) => one[part]?.evidence ?? []),
      },
    ];
  };
  return [
    ...full.map(
      (one): Condition => ({ resource: one.resource, says: `the line is ${one.value} % full`, evidence: [one.id] }),
    ),
    ...slow('page', 'pages are'),
    ...slow('name', 'names are'),
  ];
}

/** Steering and queues that are not as intended are put back; else traffic is better off on the paths that are good. */
function proposeSteering(
  evidence: readonly Evidence[],
  paths: readonly MeasuredPath[],
  conditions: readonly Condition[],
): readonly Remedy[] {
  const drift = evidence.flatMap(({ resource, signal, value }) => {
    const match =
      signal === 'cfg.diff' ? /^([^/:]+)(\/?[^:]*): running (.*), intended (.*)$/s.exec(String(value)) : null;
    const section = STEERING.find((name) => name === match?.[1]);
    return section && match
      ? [
          {
            device: resource.slice('node/'.length),
            section,
            lines: [`- ${section}${match[2]} ${match[3]}`, `+ ${section}${match[2]} ${match[4]}`],
          },
        ]
      : [];
  });
  const restored = [...new Set(drift.map(({ device }) => device))].map((device): Remedy => {
    const own = drift.filter((one) => one.device === device);
    return {
      ...{
        tool: 'config.restore',
        target: [device],
        input: { sections: [...new Set(own.map(({ section }) => section))] },
      },
      why: 'Steering or queues are not what is intended.',
      diff: own.flatMap(({ lines }) => lines),
    };
  });
  const moved = conditions.flatMap(({ resource }): readonly Remedy[] => {
    const [, site, color] = /^circuit\/([^/]+)\/(.+)$/.exec(resource) ?? [];
    if (site === undefined || color === undefined) return [];
    const others = paths.filter(
      (path) =>
        resource !== `circuit/${site}/${path.color}` &&
        path.device.startsWith(site) &&
        missedClasses(path).length === 0,
    );
    const best = [...others].sort((a, b) => scoreCall(b) - scoreCall(a))[0];
    if (best === undefined) return [];
    const diff = [
      `- voice at ${site} may take ${color}`,
      `+ voice at ${site} prefers ${best.color} (MOS ${scoreCall(best)})`,
    ];
    return [
      {
        tool: '',
        target: [DIRECTOR],
        input: {},
        why: `${best.color} is good enough for every class; ${color} is not.`,
        diff,
      },
    ];
  });
  return [...restored, ...moved];
}

/** Scores the sites of the task, or all; keeps the scores, so that the same question later tells what changed. */
export async function optimiseExperience(deps: RunDeps, state: Conversation): Promise<ConversationUpdate> {
  const inventory = parseInventory(state.inventory);
  const task = currentTask(state);
  const edges = inventory.devices.filter(({ role }) => role === 'edge').map(({ name }) => name);
  const chosen = devicesOf(task, edges);
  const before = scoresForm.safeParse(JSON.parse(state.scores || '{}')).data ?? {};
  let after: Record<string, number> = before;
  const update = await reportOn(deps, state, planCalls(inventory, chosen, task.service), ({ evidence }) => {
    const paths = readPaths(evidence);
    const sites = [...new Set(inventory.devices.filter(({ name }) => chosen.includes(name)).map(({ site }) => site))];
    const scores = sites.map((site) =>
      scoreSite(
        site,
        inventory.devices.filter((one) => one.site === site && chosen.includes(one.name)).map(({ name }) => name),
        paths,
        evidence,
      ),
    );
    const measured = scores.flatMap((one) => {
      const score = overall(one);
      return score === undefined ? [] : [[one.site, score] as const];
    });
    after = { ...before, ...Object.fromEntries(measured) };
    const busy = paths.filter(({ color }) => color !== LAST_RESORT);
    const conditions = findConditions(busy, inventory);
    const bad = new Set(
      busy
        .filter((path) => missedClasses(path).includes('voice'))
        .map(({ device }) => inventory.devices.find(({ name }) => name === device)?.site ?? ''),
    );
    const all = [...conditions, ...findOthers(scores, evidence, bad)];
    const worst = [...scores].sort((a, b) => (overall(a) ?? 101) - (overall(b) ?? 101));
    return {
      statements: [
        ...worst.flatMap((one) => stateScore(one, before[one.site]) ?? []),
        ...all.map(
          ({ resource, says, evidence: ids }): Statement => ({ text: `${resource}: ${says}`, evidence: [...ids] }),
        ),
        ...paths.flatMap((path): readonly Statement[] => {
          const missed = missedClasses(path);
          if (missed.length === 0 || path.color === LAST_RESORT) return [];
          const figures = `loss ${path.lossPct} %, round trip ${path.latencyMs} ms, jitter ${path.jitterMs} ms`;
          return [
            {
              text: `${path.resource} is too bad for ${missed.join(', ')}: ${figures}, MOS ${scoreCall(path)}`,
              evidence: [...path.evidence],
            },
          ];
        }),
      ],
      good: `${measured.length} sites were scored; the least is ${Math.min(...measured.map(([, score]) => score))} of 100, and all ${busy.length} paths are good enough for voice, the strictest class.`,
      bad: 'What people feel, and what is behind it:',
      proposals: proposeSteering(evidence, paths, conditions),
    };
  });
  return { ...update, scores: JSON.stringify(after) };
}
