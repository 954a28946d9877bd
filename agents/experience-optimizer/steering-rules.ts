/** The steering rules and SLA classes that a controller holds, out of the leaves of its configuration. Pure. */
import type { Evidence } from '../../broker/contract.ts';
import type { SlaClass } from './score.ts';
import { SLA_CLASSES } from './score.ts';

export interface SteeringRule {
  /** The controller that holds it. */
  readonly device: string;
  readonly name: string;
  readonly application: string;
  readonly slaClass: string;
  /** Best first. */
  readonly colors: readonly string[];
  readonly strict: boolean;
  /** Records that tell of it. */
  readonly evidence: readonly string[];
}

export interface Steering {
  readonly rules: readonly SteeringRule[];
  /** As the controller says; those of the reference network when it says none. */
  readonly classes: readonly SlaClass[];
}

interface Leaf {
  readonly device: string;
  readonly entry: string;
  readonly leaf: string;
  readonly value: string;
  readonly id: string;
}

const LEAF = /^(app-routes|sla-classes)\/([^/]+)\/(.+?) = (.*) \(line \d+\)$/s;

function readLeaves(evidence: readonly Evidence[], section: string): ReadonlyMap<string, readonly Leaf[]> {
  const entries = new Map<string, Leaf[]>();
  for (const { id, resource, signal, value } of evidence) {
    const match = signal === 'cfg.leaf' ? LEAF.exec(String(value)) : null;
    if (match?.[1] !== section) continue;
    const [, , entry = '', leaf = '', text = ''] = match;
    const device = resource.slice('node/'.length);
    const key = `${device} ${entry}`;
    entries.set(key, [...(entries.get(key) ?? []), { device, entry, leaf, value: text, id }]);
  }
  return entries;
}

const textOf = (leaves: readonly Leaf[], leaf: string): string | undefined =>
  leaves.find((one) => one.leaf === leaf)?.value;

/** Rules without an application or a class, and classes without figures, are left out. */
export function readSteering(evidence: readonly Evidence[]): Steering {
  const rules = [...readLeaves(evidence, 'app-routes').values()].flatMap((leaves): readonly SteeringRule[] => {
    const [first] = leaves;
    const application = textOf(leaves, 'application');
    const slaClass = textOf(leaves, 'sla-class');
    const colors = leaves.filter(({ leaf }) => leaf.startsWith('color/')).map(({ value }) => value);
    if (first === undefined || application === undefined || slaClass === undefined || colors.length === 0) return [];
    const strict = textOf(leaves, 'strict') === 'true';
    return [
      {
        device: first.device,
        name: first.entry,
        application,
        slaClass,
        colors,
        strict,
        evidence: leaves.map(({ id }) => id),
      },
    ];
  });
  const classes = [...readLeaves(evidence, 'sla-classes').values()].flatMap((leaves): readonly SlaClass[] => {
    const [lossPct, latencyMs] = ['loss-pct', 'latency-ms'].map((leaf) => Number(textOf(leaves, leaf) ?? Number.NaN));
    const jitterMs = Number(textOf(leaves, 'jitter-ms') ?? Number.POSITIVE_INFINITY);
    const name = leaves[0]?.entry;
    if (name === undefined || lossPct === undefined || latencyMs === undefined) return [];
    return [lossPct, latencyMs, jitterMs].some(Number.isNaN) ? [] : [{ name, lossPct, latencyMs, jitterMs }];
  });
  return { rules, classes: classes.length > 0 ? classes : SLA_CLASSES };
}
