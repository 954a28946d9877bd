/** What a call knows after each stage, as types: a stage can only use what an earlier one established. */
import type { HostFact, Tool, ToolContext } from '../../tools/tool.ts';
import type { Trace } from '../containment/containment.ts';
import type {
  Approval,
  Credential,
  Decision,
  Domain,
  Effect,
  Intent,
  Json,
  Operation,
  Rehearsal,
  Reversal,
  Subject,
  Taint,
} from '../contract.ts';
import type { AuditEntry, DecisionRequest } from '../ports.ts';
import type { Expectation } from '../rehearsal/prediction.ts';

/** What the broker was given, untrusted. */
export interface ReceivedCall {
  readonly credential: Credential;
  readonly domain: Domain;
  readonly toolName: string;
  readonly args: unknown;
  /** Facts for the audit log that stages learn on the way; also kept when a later stage throws. */
  readonly trail: Trail;
}

/** Collects who, what and why for the record stage. */
export interface Trail {
  human?: string;
  tenant?: string;
  session?: string;
  agent?: string;
  intent?: Intent;
  decision?: Decision;
  /** What was decided on, for the first entry that follows. */
  asked?: { readonly [key: string]: Json } | undefined;
  /** Internal reason of a refusal: for the log, never for the caller. */
  reason?: string;
  /** Index of the entry that was written before execution. */
  executionIndex?: number;
  /** That entry where nothing but the answer is executed: it is written with the last one. */
  unlogged?: AuditEntry;
  readonly facts: { [key: string]: Json };
}

export interface AuthenticatedCall extends ReceivedCall {
  readonly subject: Subject;
}

export interface ResolvedCall extends AuthenticatedCall {
  readonly tool: Tool;
  readonly intent: Intent;
  readonly input: unknown;
  readonly toolContext: ToolContext & { readonly hosts: readonly HostFact[] };
  readonly operations: readonly Operation[];
  readonly purpose: DecisionRequest['purpose'];
  /** Names and addresses of the tenant's inventory, in lower case. */
  readonly identifiers: ReadonlySet<string>;
}

export interface AuthorizedCall extends ResolvedCall {
  readonly decision: Decision;
  /** Of what acts on the network; reads are not looked at. */
  readonly taint: readonly Taint[];
}

/** A change as the rehearsal saw it; reads pass with `change` undefined. */
export interface RehearsedCall extends AuthorizedCall {
  readonly change?: PreparedChange;
}

/** What a change does to one device. */
export interface PreparedEdit {
  readonly device: string;
  /** The edit as sent to the device. */
  readonly edit: string;
  /** The edit that puts the old configuration back. */
  readonly inverse: string;
  /** Canonical text of the whole running configuration before, and as predicted after. */
  readonly before: string;
  readonly after: string;
}

export interface PreparedChange {
  /** One a device, in the order of the targets: the first is the canary. */
  readonly edits: readonly PreparedEdit[];
  /** Of all devices, one after the other. */
  readonly diff: string;
  /** Binds an approval to what was shown: running configurations, diffs and edits. */
  readonly stateHash: string;
  readonly rehearsal: Rehearsal;
  /** What the devices of the blast radius should show afterwards. */
  readonly expected: Expectation;
  /** Of a containment: what it leaves at the devices, and when and how that is taken back. */
  readonly containment?: { readonly traces: readonly Trace[]; readonly reversal: Reversal };
}

export interface ApprovedCall extends RehearsedCall {
  readonly approval?: Approval;
}

/** Whether a call of this effect leaves something behind on a device. */
export const writes = (effect: Effect): boolean => effect === 'change' || effect === 'contain';
