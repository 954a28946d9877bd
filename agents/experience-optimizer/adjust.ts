/** Chooses the adjustment of steering or queues that would make a bad score better, from what was read. Pure. */
import type { Evidence } from '../../broker/contract.ts';
import type { Proposal } from '../events.ts';
import type { MeasuredPath } from './condition.ts';
import type { ApplicationScore } from './measure.ts';
import { LAST_RESORT } from './measure.ts';
import { GOOD, missedClasses } from './score.ts';
import type { Steering, SteeringRule } from './steering-rules.ts';

/** What to ask the broker for, and what it rests on. */
export interface Adjustment {
  readonly proposal: Proposal;
  readonly diff: readonly string[];
  /** What people notice, in one line. */
  readonly symptom: string;
  /** Resources that it is about. */
  readonly resources: readonly string[];
  readonly grounds: readonly string[];
}

export interface Measurements {
  readonly evidence: readonly Evidence[];
  readonly paths: readonly MeasuredPath[];
  readonly applications: readonly ApplicationScore[];
  readonly steering: Steering;
  /** Site of each device. */
  readonly siteOf: ReadonlyMap<string, string>;
  /** Devices that the traffic of every site goes through. */
  readonly hubs: ReadonlySet<string>;
}

/** Devices that one proposal of an agent may name. */
const MOST_DEVICES = 10;
/** Classes that are served before all others, within their share. */
const FIRST = new Set(['control', 'voice']);
/** The least share that is worth a queue. */
const LEAST_SHARE = 5;

/** The adjustments, the one that helps most sites first. */
export const chooseAdjustments = (measured: Measurements): readonly Adjustment[] =>
  [...adjustSteering(measured), ...adjustQueues(measured)].sort((a, b) => b.resources.length - a.resources.length);

/** A strict rule that keeps an application on a path which misses its class, though another one meets it. */
function adjustSteering({ paths, applications, steering, siteOf }: Measurements): readonly Adjustment[] {
  const busy = paths.filter(({ color }) => color !== LAST_RESORT);
  return steering.rules.flatMap((rule): readonly Adjustment[] => {
    if (!rule.strict) return [];
    const misses = (path: MeasuredPath): boolean => missedClasses(path, steering.classes).includes(rule.slaClass);
    const hit = applications
      .filter(({ application, value }) => application === rule.application && value < GOOD)
      .flatMap((one) => {
        const own = busy.filter(({ device }) => siteOf.get(device) === one.site);
        const bad = own.filter((path) => path.color === one.color && misses(path));
        const better = own.filter((path) => !rule.colors.includes(path.color) && !misses(path));
        return bad.length > 0 && better.length > 0 ? [{ one, bad, better }] : [];
      });
    const [worst] = [...hit].sort((a, b) => a.one.value - b.one.value);
    if (worst === undefined) return [];
    const colors = rankColors(rule, busy, misses);
    const names = hit.map(({ one }) => one.resource);
    return [
      {
        proposal: {
          ...{ tool: 'approute.set-colors', target: [rule.device], input: { rule: rule.name, colors, strict: false } },
          why: `${rule.application} is held on ${rule.colors.join(', ')}, which misses class ${rule.slaClass} at ${hit.map(({ one }) => one.site).join(', ')}; ${worst.better[0]?.color} meets it.`,
        },
        diff: [
          `- ${rule.name} over ${rule.colors.join(', ')} only`,
          `+ ${rule.name} over ${colors.join(', ')}, the first that meets ${rule.slaClass}`,
        ],
        symptom: `${rule.application} scores ${worst.one.value} of 100 at ${worst.one.site}`,
        resources: [...names, `policy/${rule.device}/approute-${rule.name}`, `node/${rule.device}`],
        grounds: [
          ...rule.evidence,
          ...hit.flatMap(({ one, bad, better }) => [
            ...one.evidence,
            ...[...bad, ...better].flatMap((path) => path.evidence),
          ]),
        ],
      },
    ];
  });
}

/** Colours that meet the class at most paths first; what the rule lists and the order of the inventory break ties. */
function rankColors(
  rule: SteeringRule,
  paths: readonly MeasuredPath[],
  misses: (path: MeasuredPath) => boolean,
): string[] {
  const share = (color: string): number => {
    const own = paths.filter((path) => path.color === color);
    return own.filter((path) => !misses(path)).length / Math.max(1, own.length);
  };
  const colors = [...new Set([...paths.map(({ color }) => color), ...rule.colors])];
  return colors.sort((a, b) => share(b) - share(a) || rule.colors.indexOf(a) - rule.colors.indexOf(b));
}

/** `policy/br2_edge/qos-wan/voice` */
const QUEUE = /^policy\/([^/]+)\/(.+)\/([^/]+)$/;

interface Queue {
  readonly device: string;
  readonly policy: string;
  readonly of: string;
  readonly share: number;
  readonly id: string;
}

function readQueues(evidence: readonly Evidence[]): readonly Queue[] {
  return evidence.flatMap(({ id, resource, signal, value }) => {
    const [, device, policy, of] = (signal === 'qos.bandwidth' ? QUEUE.exec(resource) : null) ?? [];
    const share = Number(/^(\d+) %/.exec(String(value))?.[1] ?? Number.NaN);
    return device && policy && of && Number.isFinite(share) ? [{ device, policy, of, share, id }] : [];
  });
}

/** A class that is promised nothing of a port, at sites where an application does badly, gets what the others leave. */
function adjustQueues({ evidence, applications, siteOf, hubs }: Measurements): readonly Adjustment[] {
  const queues = readQueues(evidence);
  const starved = queues.flatMap((queue) => {
    const bad = applications.filter(
      ({ application, site, value }) =>
        application === queue.of && value < GOOD && (hubs.has(queue.device) || site === siteOf.get(queue.device)),
    );
    const others = queues.filter(
      ({ device, policy, of }) => device === queue.device && policy === queue.policy && of !== queue.of,
    );
    const left = 100 - others.reduce((sum, { share }) => sum + share, 0);
    return queue.share === 0 && bad.length > 0 && left >= LEAST_SHARE ? [{ queue, bad, left }] : [];
  });
  const keyOf = ({ queue: { policy, of }, left }: (typeof starved)[number]): string => `${policy} ${of} ${left}`;
  return [...new Set(starved.map(keyOf))].flatMap((key): readonly Adjustment[] => {
    const all = starved.filter((one) => keyOf(one) === key).slice(0, MOST_DEVICES);
    const [first] = all;
    if (first === undefined) return [];
    const { policy, of } = first.queue;
    const priority = FIRST.has(of);
    const worst = all.flatMap(({ bad }) => bad).sort((a, b) => a.value - b.value)[0];
    return [
      {
        proposal: {
          tool: 'qos.set-class',
          target: all.map(({ queue }) => queue.device),
          input: { policy, class: of, bandwidthPct: first.left, priority },
          why: `${of} has no share in ${policy} and waits behind everything else.`,
        },
        diff: [`- ${policy}/${of} 0 %`, `+ ${policy}/${of} ${first.left} %${priority ? ' priority' : ''}`],
        symptom: `${of} scores ${worst?.value} of 100 at ${worst?.site}`,
        resources: [
          ...all.flatMap(({ bad }) => bad.map(({ resource }) => resource)),
          ...all.map(({ queue }) => `node/${queue.device}`),
        ],
        grounds: all.flatMap(({ queue, bad }) => [queue.id, ...bad.flatMap((one) => one.evidence)]),
      },
    ];
  });
}
