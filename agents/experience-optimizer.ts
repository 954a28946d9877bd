/** The experience optimizer: compares each path with the classes of service that people were promised. */
import type { Evidence } from '../broker/contract.ts';
import type { Statement } from './events.ts';
import { parseInventory } from './inventory.ts';
import type { Conversation, ConversationUpdate } from './state.ts';
import { currentTask } from './state.ts';
import { devicesOf, reportOn } from './statement.ts';
import type { RunDeps } from './talk.ts';

interface SlaClass {
  readonly name: string;
  readonly lossPct: number;
  /** Round trip. */
  readonly latencyMs: number;
  readonly jitterMs: number;
}

/** SLA classes of the reference network, the strictest first. */
const SLA_CLASSES: readonly SlaClass[] = [
  { name: 'voice', lossPct: 1, latencyMs: 150, jitterMs: 30 },
  { name: 'video', lossPct: 1, latencyMs: 200, jitterMs: 50 },
  { name: 'critical', lossPct: 2, latencyMs: 300, jitterMs: 100 },
  { name: 'bulk', lossPct: 5, latencyMs: 500, jitterMs: Number.POSITIVE_INFINITY },
];

const LIMITS: { readonly [signal: string]: (one: SlaClass) => number } = {
  'tunnel.loss_pct': ({ lossPct }) => lossPct,
  'tunnel.latency_ms': ({ latencyMs }) => latencyMs,
  'tunnel.jitter_ms': ({ jitterMs }) => jitterMs,
};

/** Classes that a figure is too bad for. */
function findMissed({ signal, value }: Evidence): readonly string[] {
  const limit = LIMITS[signal];
  return limit ? SLA_CLASSES.filter((one) => Number(value) > limit(one)).map(({ name }) => name) : [];
}

/** Reads single polls of the path statistics and names the paths that miss a class. */
export function compareExperience(deps: RunDeps, state: Conversation): Promise<ConversationUpdate> {
  const { devices } = parseInventory(state.inventory);
  const edges = devices.filter(({ role }) => role === 'edge').map(({ name }) => name);
  const chosen = devicesOf(currentTask(state), edges);
  const calls = [
    { agent: 'experience-optimizer', domain: 'diagnostics', tool: 'approute.read', devices: chosen } as const,
  ];
  return reportOn(deps, state, calls, ({ evidence }) => {
    const statements: Statement[] = evidence.flatMap((one) => {
      const missed = findMissed(one);
      if (missed.length === 0) return [];
      return [
        { text: `${one.resource} ${one.signal} is ${one.value}: too bad for ${missed.join(', ')}`, evidence: [one.id] },
      ];
    });
    const paths = new Set(evidence.filter(({ signal }) => signal in LIMITS).map(({ resource }) => resource));
    return {
      statements,
      good: `${paths.size} paths were compared; all are good enough for voice, the strictest class.`,
      bad: 'These paths miss a class:',
    };
  });
}
