/**
 * The experience optimizer: scores each site for calls, pages and names, finds the condition of the network behind a bad
 * score, and says which steering or queueing would make it better. It measures; asked again, it compares with before.
 */
import { z } from 'zod';
import type { Evidence } from '../../broker/contract.ts';
import type { RestorableSection } from '../../tools/config-sections.ts';
import type { Proposal, Statement } from '../events.ts';
import { quote } from '../events.ts';
import { parseInventory } from '../inventory.ts';
import type { Conversation, ConversationUpdate } from '../state.ts';
import { currentTask } from '../state.ts';
import { devicesOf, reportOn } from '../statement.ts';
import type { RunDeps } from '../talk.ts';
import type { Adjustment } from './adjust.ts';
import { chooseAdjustments } from './adjust.ts';
import type { Condition, MeasuredPath } from './condition.ts';
import { findConditions } from './condition.ts';
import type { ApplicationScore, SiteScore, UserScore } from './measure.ts';
import { LAST_RESORT, overall, readPaths, scoreSite, scoreUsers } from './measure.ts';
import { planCalls } from './plan-calls.ts';
import { GOOD, missedClasses, scoreCall } from './score.ts';
import { readSteering } from './steering-rules.ts';

/** Sections that decide which path traffic takes and in which queue it waits. */
const STEERING: readonly RestorableSection[] = ['app-routes', 'sla-classes', 'qos'];
/** Line use, in percent of the contract, from which queues build. */
const FULL_PCT = 90;
/** So much worse than the rest of the site, the machine or its access is at fault and not the network. */
const ALONE = 30;

type Remedy = Proposal & { readonly diff: readonly string[] };

const scoresForm = z.record(z.string(), z.number());
/** By site, and by `site/application`. */
export type Scores = Readonly<Record<string, number>>;

/** What was measured last in this conversation. */
export const readScores = ({ scores }: Pick<Conversation, 'scores'>): Scores =>
  scoresForm.safeParse(JSON.parse(scores || '{}')).data ?? {};

const compare = (score: number, before: number | undefined): string =>
  before === undefined || before === score ? '' : `, before it was ${before}`;

function stateScore(one: SiteScore, before: number | undefined): Statement | undefined {
  const { site, call, page, name, failed, applications } = one;
  const score = overall(one);
  if (score === undefined || (score >= GOOD && compare(score, before) === '')) return undefined;
  const [worst] = [...applications].sort((a, b) => a.value - b.value);
  const parts = [
    ...(call ? [`calls ${call.value} (MOS ${call.mos})`] : []),
    ...(page ? [`pages ${page.value} (${page.ms} ms)`] : []),
    ...(name ? [`names ${name.value} (${name.ms} ms)`] : []),
    ...(worst ? [`${worst.application} ${worst.value}`] : []),
    ...failed.map(({ value }) => `"${quote(String(value))}"`),
  ];
  const evidence = [call, page, name, worst].flatMap((part) => part?.evidence ?? []);
  return {
    text: `site/${site} scores ${score} of 100${compare(score, before)}: ${parts.join(', ')}`,
    evidence: [...evidence, ...failed.map(({ id }) => id)],
  };
}

/** Applications that do badly, or otherwise than before, with the transport that they take. */
function stateApplication(
  { resource, site, application, value, color, evidence }: ApplicationScore,
  before: Scores,
): readonly Statement[] {
  const was = before[`${site}/${application}`];
  if (value >= GOOD && compare(value, was) === '') return [];
  const over = color === undefined ? 'its packets go nowhere' : `over ${color}`;
  return [{ text: `${resource} scores ${value} of 100${compare(value, was)}, ${over}`, evidence: [...evidence] }];
}

/** Machines that do much worse than their site. */
function stateUsers(users: readonly UserScore[]): readonly Statement[] {
  return users.flatMap((user): readonly Statement[] => {
    const others = users.filter(({ site, host }) => site === user.site && host !== user.host).map(({ value }) => value);
    const usual = others.sort((a, b) => a - b)[Math.floor(others.length / 2)];
    if (user.value >= GOOD || usual === undefined || usual - user.value < ALONE) return [];
    const { page, name, failed } = user;
    const parts = [
      ...(page ? [`pages ${page.ms} ms`] : []),
      ...(name ? [`names ${name.ms} ms`] : []),
      ...failed.map(({ value }) => `"${quote(String(value))}"`),
    ];
    return [
      {
        text: `host/${user.host} alone scores ${user.value} of 100, others at ${user.site} ${usual} (${parts.join(', ')}): look at the machine and its access, not at the network`,
        evidence: [...(page?.evidence ?? []), ...(name?.evidence ?? []), ...failed.map(({ id }) => id)],
      },
    ];
  });
}

/** Every machine that was asked, with its score and the records of it, the worst first; nothing when none was. */
function tellUsers(users: readonly UserScore[]): string {
  const lines = [...users]
    .sort((a, b) => a.value - b.value || (a.host < b.host ? -1 : 1))
    .map(({ host, value, page, name, failed }) => {
      const cited = [...(page?.evidence ?? []), ...(name?.evidence ?? []), ...failed.map(({ id }) => id)];
      return `  host/${host} scores ${value} of 100 [${cited.join(', ')}]`;
    });
  return lines.length === 0 ? '' : `\nMachines of people that were asked:\n${lines.join('\n')}`;
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

/** What is not the optimizer's to ask for: steering and queues that are not as intended, and preferences of the template. */
function proposeForOthers(
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
      why: 'Steering or queues are not what is intended; ask the troubleshooter for it.',
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
        target: ['director'],
        input: {},
        why: `${best.color} is good enough for every class; ${color} is not.`,
        diff,
      },
    ];
  });
  return [...restored, ...moved];
}

/** A measurement, and the adjustment that would help most. */
export interface Measurement {
  readonly update: ConversationUpdate;
  readonly adjustment: Adjustment | undefined;
  /** Something scores badly, or a path misses a class. */
  readonly isBad: boolean;
}

/** Scores the sites of the task, or all; keeps the scores, so that the same question later tells what changed. */
export async function measureExperience(deps: RunDeps, state: Conversation): Promise<Measurement> {
  const inventory = parseInventory(state.inventory);
  const task = currentTask(state);
  const chosen = devicesOf(
    task,
    inventory.devices.filter(({ role }) => role === 'edge').map(({ name }) => name),
  );
  const siteOf = new Map(inventory.devices.map(({ name, site }) => [name, site]));
  const hubs = new Set(inventory.devices.filter(({ role }) => role === 'hub').map(({ name }) => name));
  const before = readScores(state);
  let scores: Scores = before;
  let adjustment: Adjustment | undefined;
  let isBad = false;
  const update = await reportOn(deps, state, planCalls(inventory, chosen, task), ({ evidence }) => {
    const paths = readPaths(evidence);
    const steering = readSteering(evidence);
    const sites = [...new Set(chosen.flatMap((name) => siteOf.get(name) ?? []))];
    const felt = sites.map((site) =>
      scoreSite(
        site,
        chosen.filter((name) => siteOf.get(name) === site),
        paths,
        evidence,
      ),
    );
    const applications = felt.flatMap((one) => one.applications);
    const measured = felt.flatMap((one) => {
      const score = overall(one);
      return score === undefined ? [] : [[one.site, score] as const];
    });
    scores = {
      ...before,
      ...Object.fromEntries(measured),
      ...Object.fromEntries(applications.map(({ site, application, value }) => [`${site}/${application}`, value])),
    };
    const busy = paths.filter(({ color }) => color !== LAST_RESORT);
    const conditions = findConditions(busy, inventory);
    const bad = new Set(
      busy.filter((path) => missedClasses(path).includes('voice')).map(({ device }) => siteOf.get(device) ?? ''),
    );
    const all = [...conditions, ...findOthers(felt, evidence, bad)];
    const users = scoreUsers(inventory.hosts, evidence);
    const machines = tellUsers(users);
    const worst = [...felt].sort((a, b) => (overall(a) ?? 101) - (overall(b) ?? 101));
    const adjustments = chooseAdjustments({ evidence, paths, applications, steering, siteOf, hubs });
    [adjustment] = adjustments;
    isBad = all.length > 0 || adjustments.length > 0 || measured.some(([, score]) => score < GOOD);
    return {
      statements: [
        ...worst.flatMap((one) => stateScore(one, before[one.site]) ?? []),
        ...applications.flatMap((one) => stateApplication(one, before)),
        ...adjustments.map(({ proposal: { why }, grounds }): Statement => ({ text: why, evidence: [...grounds] })),
        ...stateUsers(users),
        ...all.map(
          ({ resource, says, evidence: ids }): Statement => ({ text: `${resource}: ${says}`, evidence: [...ids] }),
        ),
        ...paths.flatMap((path): readonly Statement[] => {
          const missed = missedClasses(path, steering.classes);
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
      good: `${measured.length} sites were scored; the least is ${Math.min(...measured.map(([, score]) => score))} of 100, and all ${busy.length} paths are good enough for voice, the strictest class.${machines}`,
      bad: `What people feel, and what is behind it:${machines}`,
      proposals: adjustments.length > 0 ? [] : proposeForOthers(evidence, paths, conditions),
    };
  });
  return { update: { ...update, scores: JSON.stringify(scores) }, adjustment, isBad };
}
