/** Stage 3, resolve: from untrusted names and JSON to a known tool, a checked input, devices of the tenant and a frozen intent. */

import { canonicalText } from '../../protocols/canonical-json.ts';
import { type Tool, type ToolContext, ToolInputError } from '../../tools/tool.ts';
import { callSchema } from '../catalog.ts';
import type { Effect, Evidence, Intent, Json, Operation, Subject } from '../contract.ts';
import { intentDigest, sameDigest, sha256 } from '../digest.ts';
import { WayleaveError } from '../errors.ts';
import type { Clock, DecisionRequest, EvidenceStore, Ids, Incidents, Inventory, Journal } from '../ports.ts';
import type { Stage } from '../stage.ts';
import type { UpstreamTools } from '../upstream/federation.ts';
import { type AuthorizeDeps, mayList } from './authorize.ts';
import { type AuthenticatedCall, type ResolvedCall, writes } from './context.ts';
import { identifiersIn, type KnownNetwork } from './identifiers.ts';

export interface ResolveDeps {
  readonly tools: readonly Tool[];
  /** Approved tools of other people's MCP servers. */
  readonly upstream: Pick<UpstreamTools, 'offered' | 'whyWithheld'>;
  readonly inventory: Inventory;
  readonly journal: Journal;
  readonly incidents: Incidents;
  readonly evidence: EvidenceStore;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** How long a proposal stays executable, approval included. */
const INTENT_LIFE_MS = 30 * 60_000;

export const resolve =
  (deps: ResolveDeps & AuthorizeDeps): Stage<AuthenticatedCall, ResolvedCall> =>
  async (context, next) => {
    const { subject, domain } = context;
    const named = ({ name, domain: of }: Tool): boolean => name === context.toolName && of === domain;
    const tool = deps.tools.find(named) ?? deps.upstream.offered(subject.tenant).find(named);
    if (tool === undefined) {
      const withheld = deps.upstream.whyWithheld(subject.tenant, context.toolName);
      if (withheld !== undefined) context.trail.reason = withheld; // for the log; outside it is a tool that never was
      throw new WayleaveError('NOT_FOUND');
    }

    const parsed = callSchema(tool).safeParse(context.args);
    if (!parsed.success) {
      // What is wrong with the input would tell that there is such a tool.
      if (!(await mayList(deps, subject, tool))) throw new WayleaveError('NOT_FOUND');
      const issue = parsed.error.issues[0];
      const text = `${issue?.path.join('.') || 'arguments'}: ${issue?.message ?? 'invalid'}`;
      throw new WayleaveError('INPUT_INVALID', text.slice(0, 300));
    }
    const args = parsed.data;
    const devices = [...new Set(args.target?.devices ?? [])];
    context.trail.facts['requested'] = devices;
    const [known, topology] = await Promise.all([
      deps.inventory.devices(subject.tenant),
      deps.inventory.topology(subject.tenant),
    ]);
    const network = { devices: known, topology };
    const toolContext = tellTools(subject.tenant, network);
    // A device of another tenant is not in this list: it answers as one that does not exist.
    if (!devices.every((name) => known.some((one) => one.name === name))) {
      context.trail.reason = 'target is not a device of the tenant';
      throw new WayleaveError('NOT_FOUND');
    }
    const evidence = [...(args.evidence ?? [])];
    if ((await deps.evidence.get(subject.tenant, evidence)).length !== new Set(evidence).size) {
      throw new WayleaveError('NOT_FOUND', 'An evidence id does not resolve in this tenant.');
    }

    const content = {
      tool: tool.name,
      domain,
      effect: tool.effect,
      tenant: subject.tenant,
      target: { devices },
      input: args.input as { readonly [key: string]: Json },
      purpose: args.purpose,
      evidence,
    };
    const intent = await freeze(deps, subject, content, args.intent);
    context.trail.intent = intent;
    const operations = plan(tool, args.input, intent, toolContext);
    demandWithin(operations, intent.target.devices, toolContext);
    const purpose = await purposeOf(deps, subject, args.purpose, devices, tool.effect);
    const identifiers = tool.effect === 'read' ? NONE : identifiersIn(network);
    return next({ ...context, tool, intent, input: args.input, toolContext, operations, purpose, identifiers });
  };

const NONE: ReadonlySet<string> = new Set();

/** What tools may know of the tenant's network: names and addresses to probe, no credentials. */
function tellTools(tenant: string, { devices, topology }: KnownNetwork): ToolContext {
  return {
    tenant,
    devices: devices.map(({ name, role, site, systemIp, asn, ladder, criticality }) => ({
      name,
      role,
      site,
      systemIp,
      ...(asn === undefined ? {} : { asn }),
      ...(ladder === undefined ? {} : { ladder }),
      ...(criticality === undefined ? {} : { criticality }),
    })),
    hosts: topology.hosts,
    addresses: topology.addresses,
  };
}

/**
 * Gives the intent its id, end and digest. A key that was used before is the same intent when it carries the same content
 * (idempotency), else a conflict; `claim` demands the same human and agent as well. A key of the caller's own is mixed with who uses it: that
 * somebody else, perhaps of another tenant, has the same one is neither told nor in the way.
 */
async function freeze(
  deps: ResolveDeps,
  subject: Subject,
  content: Omit<Intent, 'id' | 'expiresAt' | 'digest'>,
  key: string | undefined,
): Promise<Intent> {
  const { tenant, human, agent = '' } = subject;
  let known = key === undefined ? undefined : await deps.journal.find(tenant, key);
  let id = key ?? deps.ids.id('int');
  if (key !== undefined && known === undefined) {
    id = `int_${sha256(canonicalText([tenant, human, agent, key])).slice(-32)}`;
    known = await deps.journal.find(tenant, id);
  }
  const expiresAt = known?.intent.expiresAt ?? new Date(deps.clock.now() + INTENT_LIFE_MS).toISOString();
  const intent = { id, expiresAt, ...content };
  const digest = intentDigest(intent);
  if (known !== undefined && !sameDigest(known.intent.digest, digest)) throw new WayleaveError('CONFLICT');
  return { ...intent, digest };
}

/** A plan stays on the devices that were authorised; reads may ask a controller about them. */
function demandWithin(operations: readonly Operation[], targets: readonly string[], { devices }: ToolContext): void {
  const isController = (device: string): boolean =>
    devices.find((known) => known.name === device)?.role === 'controller';
  const isTarget = new Set(targets);
  const strays = operations.some((operation) => {
    if (operation.protocol === 'records') return false;
    if (operation.protocol !== 'rest') return !isTarget.has(operation.device);
    const about = operation.query['deviceId']?.split(',') ?? [];
    return [operation.device, ...about].some((device) => !isTarget.has(device) && !isController(device));
  });
  if (strays) throw new Error('a plan left its targets');
}

function plan(tool: Tool, input: unknown, intent: Intent, toolContext: ToolContext): readonly Operation[] {
  try {
    return tool.plan(input, intent.target, toolContext);
  } catch (error) {
    if (error instanceof ToolInputError) throw new WayleaveError('INPUT_INVALID', error.message);
    throw error;
  }
}

/**
 * What the purpose is worth. For change and contain an incident counts only if a human opened or acknowledged it, or
 * if records that the broker collected from devices show it on each of the targets; the broker's own records (what an
 * agent wrote, what the inventory says) show nothing.
 */
async function purposeOf(
  deps: ResolveDeps,
  { tenant, session, lookOnly }: Subject,
  purpose: string,
  devices: readonly string[],
  effect: Effect,
): Promise<DecisionRequest['purpose']> {
  if (purpose.startsWith('chat:')) return { id: purpose, kind: 'chat', open: true };
  // Its own schedule, which authentication found alive a moment ago, and no other one.
  if (lookOnly === 'schedule' && purpose === session) return { id: purpose, kind: 'schedule', open: true };
  if (!purpose.startsWith('inc_')) return { id: purpose, kind: 'none', open: false };
  const incident = await deps.incidents.get(tenant, purpose);
  if (incident === undefined) return { id: purpose, kind: 'none', open: false };
  const alive = incident.state === 'open' || incident.state === 'acknowledged';
  if (!writes(effect)) return { id: purpose, kind: 'incident', open: alive };
  const records = (await deps.evidence.get(tenant, incident.evidence)).filter(isFromDevice);
  const shown =
    devices.length > 0 && devices.every((device) => records.some((record) => mentions(record.resource, device)));
  return { id: purpose, kind: 'incident', open: alive && (incident.acknowledgedBy !== undefined || shown) };
}

const isFromDevice = ({ source }: Evidence): boolean => /^(netconf|snmp|rest):./.test(source);

/** True when a resource name has the device as one of its parts: `session/bgp/hub1_edge--br2_edge` mentions both. */
function mentions(resource: string, device: string): boolean {
  return resource.split(/\/|--|:/).includes(device);
}
