/** One case of a replay: which faults strike which network when, what is asked then, and what should come of it. */
import { z } from 'zod';
import { step } from '../story-step.ts';

const pair = z.strictObject({ resource: z.string(), fault_type: z.string() });
/** A root cause: what is broken, and where. */
export type Pair = Readonly<z.infer<typeof pair>>;

export const VERDICTS = ['root-cause', 'healthy', 'planned', 'not-the-network', 'inconclusive', 'blind'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Verdicts that name causes; the others say that there is none, or that it is not known. */
export const NAMING: readonly Verdict[] = ['root-cause', 'not-the-network', 'blind'];

const fault = z.strictObject({
  type: z.string(),
  /** As the catalogue or story calls it; mapped to the network when it is played. */
  resource: z.string(),
  intensity: z.number().positive().max(10).optional(),
  /** Seconds after the onset. */
  after: z.number().int().min(0),
  /** Seconds after which it ends by itself. */
  lasts: z.number().int().min(1).optional(),
});
export type CaseFault = Readonly<z.infer<typeof fault>>;

/** Plain data: it goes to the process that plays it. */
export const replayCase = z.strictObject({
  id: z.string(),
  title: z.string(),
  seed: z.number().int().min(0),
  /** `s`, `m`, `l`, `xl`, or the name of a topology. */
  size: z.string(),
  /** A network as `--topology` names it. */
  network: z.string(),
  /** Virtual time of the onset, ISO-8601 UTC. */
  onset: z.iso.datetime(),
  /** Resources that the network must have, beside those of the faults. */
  needs: z.array(z.string()),
  faults: z.array(fault),
  /** A condition that is nobody's fault, somewhere where it fits. */
  condition: z.string().optional(),
  /** Tenants; agents and people of the first are asked. */
  tenants: z.array(z.string()).min(1),
  /** Texts that somebody put into devices. */
  planted: z.array(z.strictObject({ device: z.string(), interface: z.string(), text: z.string() })),
  /** What people do at the broker before the first question. */
  script: z.array(step),
  /** File of the recording that it is played from; then there is neither network nor broker. */
  recording: z.string().optional(),
  /** Why it is played and not scored. */
  unscored: z.string().optional(),
  /** Why it means nothing at this size. */
  too_small: z.string().optional(),
  /** What is asked at each look; the place of the incident as the question calls it is mapped too. */
  question: z.string(),
  /** Who is asked: the agents in a chat, who may repair, or the diagnosis engine alone. */
  through: z.enum(['chat', 'engine']),
  /** Fault types that the engine is not to know. */
  without: z.array(z.string()),
  /** Seconds after the onset at which somebody asks, until there is an answer. */
  asks: z.array(z.number().int().min(1)).min(1),
  /** Whether the agents may go on to the repair, and how people vote then. */
  repair: z.enum(['no', 'approve', 'reject']),
  /** Whether simpler ways of looking are asked as well. */
  baselines: z.boolean(),
  /** Whether devices are reached over real sockets. */
  wire: z.boolean(),
  expect: z.strictObject({
    verdicts: z.array(z.enum(VERDICTS)).min(1),
    causes: z.array(pair),
    /** Resources that are as good an answer as those of the causes. */
    equivalent: z.array(z.string()),
    /** Pairs that neither help nor hurt. */
    neutral: z.array(pair),
    /** What must become of the repair. */
    repair: z.enum(['fixed', 'none', 'rejected', 'any']),
  }),
});
export type ReplayCase = Readonly<z.infer<typeof replayCase>>;

/** A moment of a case, for whoever reads how it went. */
export interface Moment {
  /** Seconds after the onset. */
  readonly at: number;
  readonly kind: 'fault' | 'step' | 'question' | 'read' | 'verdict' | 'proposal' | 'approval' | 'outcome' | 'note';
  readonly text: string;
}

export interface Statement {
  readonly text: string;
  readonly evidence: readonly { readonly id: string; readonly text: string }[];
}

/** What became of a repair. */
export interface Remediation {
  /** `fixed`, `not-fixed`, `rejected`, `pending`, `none`, or what the broker called it: `reverted`, `failed`, `unknown`. */
  readonly outcome: string;
  /** Things that the incident had left alone and that are worse afterwards. */
  readonly regressions: number;
  /** Why the repair rate leaves the case out. */
  readonly not_counted?: string;
}

/** How a case went. What depends on the machine is called `wall…`. */
export interface Played {
  readonly id: string;
  readonly title: string;
  readonly seed: number;
  readonly size: string;
  /** Why the network has no counterpart for the case; nothing else is there then. */
  readonly not_applicable?: string;
  readonly verdict: Verdict;
  readonly root_causes: readonly Pair[];
  /** Of a verdict that names no cause: what it might be, or what is planned. */
  readonly candidates: readonly Pair[];
  /** Mapped to the network that was played. */
  readonly expect: ReplayCase['expect'];
  readonly detected_at_s: number | null;
  readonly reads: number;
  readonly writes: number;
  readonly remediation: Remediation;
  readonly violations: readonly string[];
  readonly evidence: { readonly cited: number; readonly resolved: number };
  readonly because: readonly Statement[];
  readonly ruled_out: readonly (Statement & { readonly fault_type: string })[];
  /** What simpler ways of looking would have answered. */
  readonly baselines: { readonly [name: string]: readonly Pair[] };
  readonly moments: readonly Moment[];
  readonly diff: string;
  /** Over real sockets: datagrams that devices sent by themselves and the broker received, and events that it believed and kept. */
  readonly wall_received?: { readonly datagrams: number; readonly events: number };
  readonly wall_ms: number;
}
