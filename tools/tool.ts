/** What a tool is: one thing an agent may ask for, as pure data and pure functions. */
import type { z } from 'zod';
import type {
  Domain,
  Effect,
  Json,
  Ladder,
  Observation,
  Operation,
  OperationReply,
  Target,
} from '../broker/contract.ts';

/** Facts about the tenant that the broker hands to `plan` and `read`: names only, no addresses, no credentials. */
export interface ToolContext {
  readonly tenant: string;
  /** All devices of the tenant the subject may see. */
  readonly devices: readonly DeviceFact[];
  /** Known hosts; probes go only to these addresses, to overlay addresses and to device WAN addresses. */
  readonly hosts: readonly HostFact[];
  /** Other addresses that a probe may be sent to (WAN and overlay addresses of the tenant's devices). */
  readonly addresses: readonly string[];
}

export interface HostFact {
  readonly name: string;
  readonly site: string;
  readonly vrf: number;
  readonly address: string;
  readonly services: readonly { readonly name: string; readonly port: number; readonly dnsName?: string }[];
}

export interface DeviceFact {
  readonly name: string;
  /** `edge`, `hub` or `controller`. */
  readonly role: 'edge' | 'hub' | 'controller';
  /** Site name, e.g. `br2`. */
  readonly site: string;
  /** Overlay and system addresses by which peers name this device. */
  readonly systemIp: string;
  readonly asn?: number;
  /** How it can be changed, when it was certified: `confirmed`, `candidate` or `running`. */
  readonly ladder?: Ladder;
  /** How much hangs on its site; absent: `normal`. */
  readonly criticality?: 'low' | 'normal' | 'critical';
}

/** A statement about the network that must hold after a change; checked by the broker through reads of its own. */
export interface PostCondition {
  /** Sentence shown to the approver: `BGP hub1_edge–br2_edge is established`. */
  readonly says: string;
  /** Read (or probe) operations that show it. */
  readonly operations: readonly Operation[];
  /** Pure check of their replies. */
  readonly holds: (replies: readonly OperationReply[], context: ToolContext) => boolean;
  /** How long convergence may take, in seconds of the network's clock. */
  readonly withinSeconds: number;
}

export interface Tool<Input = unknown> {
  /** Exact ASCII name, `bgp.set-local-as`. */
  readonly name: string;
  readonly domain: Domain;
  readonly effect: Effect;
  /** One sentence for people and models. */
  readonly description: string;
  /** `none`: concerns the tenant as a whole; `one`/`many`: devices must be named. */
  readonly targets: 'none' | 'one' | 'many';
  /** Strict zod object: unknown keys are refused, nothing is coerced. */
  readonly input: z.ZodType<Input>;
  /** Compiles an intent to operations. Pure; throws `ToolInputError` for input that no schema can refuse. */
  readonly plan: (input: Input, target: Target, context: ToolContext) => readonly Operation[];
  /** Turns replies into observations (reads and probes). Pure; never throws on hostile replies: it returns fewer observations. */
  readonly read: (replies: readonly OperationReply[], context: ToolContext, input?: Input) => readonly Observation[];
  /** The edit is not for keeping: the broker tries it in every way that a change can go, and learns from what comes of it. */
  readonly certifies?: true;
  /**
   * Of a tool that an MCP server of somebody else offers: where it comes from, which is what policy is asked about, and the
   * schema of its arguments as listings show it, with and without the prose of others.
   */
  readonly upstream?: {
    readonly server: string;
    readonly tool: string;
    readonly inputSchema: Json;
    readonly bareSchema: Json;
    readonly bareDescription: string;
  };
  /** Of a containment, and of nothing else: seconds after which the broker takes it back. */
  readonly lasts?: (input: Input) => number;
  /** For changes: what must hold afterwards. */
  readonly postConditions?: (input: Input, target: Target, context: ToolContext) => readonly PostCondition[];
}

/** Input that is well-formed but means nothing (a neighbour that does not exist). Becomes `INPUT_INVALID`. */
export class ToolInputError extends Error {
  override readonly name = 'ToolInputError';
}
