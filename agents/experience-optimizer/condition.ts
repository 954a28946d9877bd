/** Finds the network condition behind bad paths: one circuit, one provider, one hub, or the path alone. Pure. */
import type { Inventory } from '../inventory.ts';
import type { PathQuality } from './score.ts';
import { missedClasses } from './score.ts';

export interface MeasuredPath extends PathQuality {
  /** `tunnel/br1_edge:mpls--hub1_edge:mpls` */
  readonly resource: string;
  readonly device: string;
  readonly color: string;
  readonly peer: string;
  /** Records that tell of it. */
  readonly evidence: readonly string[];
}

export interface Condition {
  readonly resource: string;
  readonly says: string;
  readonly evidence: readonly string[];
}

/** Sites of which a provider's trouble shows at least. */
const ENOUGH_SITES = 2;

const isBad = (path: MeasuredPath): boolean => missedClasses(path).includes('voice');
const cite = (paths: readonly MeasuredPath[]): readonly string[] => [
  ...new Set(paths.flatMap(({ evidence }) => evidence)),
];

function describe(paths: readonly MeasuredPath[]): string {
  const worst = (of: (path: MeasuredPath) => number): number => Math.max(...paths.map(of));
  return `loss up to ${worst(({ lossPct }) => lossPct)} %, round trip up to ${worst(({ latencyMs }) => latencyMs)} ms, jitter up to ${worst(({ jitterMs }) => jitterMs)} ms`;
}

/** Explains every bad path by the least that all bad paths have in common and no good one has. */
export function findConditions(paths: readonly MeasuredPath[], { circuits, devices }: Inventory): readonly Condition[] {
  const bad = paths.filter(isBad);
  const explained = new Set<MeasuredPath>();
  const conditions: Condition[] = [];
  const explain = (resource: string, what: string, all: readonly MeasuredPath[]): void => {
    const own = all.filter((path) => bad.includes(path) && !explained.has(path));
    if (own.length === 0 || all.some((path) => !isBad(path))) return;
    for (const path of own) explained.add(path);
    conditions.push({ resource, says: `${what}: ${describe(own)}`, evidence: cite(own) });
  };
  const circuitOf = ({ device, color }: MeasuredPath) =>
    circuits.find((one) => one.device === device && one.color === color);
  for (const provider of new Set(circuits.map((one) => one.provider))) {
    const all = paths.filter((path) => circuitOf(path)?.provider === provider);
    if (new Set(all.map(({ device }) => device)).size >= ENOUGH_SITES)
      explain(`node/${provider}`, `every path over the provider ${provider} is bad, at all sites`, all);
  }
  for (const peer of new Set(paths.map((path) => path.peer))) {
    const all = paths.filter((path) => path.peer === peer);
    if (new Set(all.map(({ device }) => device)).size >= ENOUGH_SITES)
      explain(`node/${peer}`, `every path to ${peer} is bad, whatever carries it`, all);
  }
  for (const { device, color } of bad) {
    const site = devices.find(({ name }) => name === device)?.site ?? device;
    const all = paths.filter((path) => path.device === device && path.color === color);
    explain(`circuit/${site}/${color}`, `all paths of ${site} over ${color} are bad`, all);
  }
  for (const path of bad) explain(path.resource, 'this path alone is bad', [path]);
  return conditions;
}
