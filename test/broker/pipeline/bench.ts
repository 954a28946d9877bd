/**
 * The real pipeline over an in-process network of two tenants: real tools, stores in memory, virtual time, and a policy that a test can turn.
 * Over 300 lines because it wires every part of the broker once, as the process does.
 */
import { generateKeyPairSync } from 'node:crypto';
import { createAuditLog } from '../../../broker/audit/log.ts';
import { createMemoryAuditStore } from '../../../broker/audit/memory-store.ts';
import { createBroker } from '../../../broker/broker.ts';
import { reverseDue } from '../../../broker/containment/reverse.ts';
import type {
  AgentName,
  Answer,
  CallArguments,
  Decision,
  Domain,
  Ladder,
  Obligation,
  OperationReply,
  Role,
  Subject,
} from '../../../broker/contract.ts';
import { createDesk } from '../../../broker/desk.ts';
import { DriverError } from '../../../broker/drivers/driver.ts';
import { WayleaveError } from '../../../broker/errors.ts';
import type { Devices } from '../../../broker/execution/devices.ts';
import { createFeed } from '../../../broker/execution/feed.ts';
import { createRecords } from '../../../broker/execution/records.ts';
import { closeInterrupted, recoverTransactions } from '../../../broker/execution/recover.ts';
import { readRunning } from '../../../broker/execution/running.ts';
import { createSerial } from '../../../broker/execution/serial.ts';
import { type BreakGlass, createBreakGlasses } from '../../../broker/grants/break-glass.ts';
import { createGrants, type Grant } from '../../../broker/grants/grant.ts';
import { createMemoryRecords } from '../../../broker/identity/keyed-records.ts';
import { createRefusalTally } from '../../../broker/identity/refusal-tally.ts';
import { demandSecondFactor } from '../../../broker/identity/step-up.ts';
import { createMemoryCertificates } from '../../../broker/inventory/memory-certificates.ts';
import { openQuarantine } from '../../../broker/inventory/quarantine.ts';
import { createLimits } from '../../../broker/limits/limits.ts';
import { createShed } from '../../../broker/limits/shed.ts';
import type { TenantModels } from '../../../broker/models/tenant-models.ts';
import { type Channel, createChannels } from '../../../broker/notify/channels.ts';
import { createCollector } from '../../../broker/notify/collect-notices.ts';
import { createBrake } from '../../../broker/policy/brake.ts';
import { fixPolicies } from '../../../broker/policy-bundles/fixed-policies.ts';
import type { AuditEntry, DecisionPoint, DecisionRequest, Inventory, Page } from '../../../broker/ports.ts';
import { DEFAULT_INVARIANTS, loadInvariants } from '../../../broker/rehearsal/load-invariants.ts';
import { followLog } from '../../../broker/risk/follow-log.ts';
import { createRiskLedger } from '../../../broker/risk/risk-ledger.ts';
import type { Transition } from '../../../broker/risk/standing.ts';
import { createMemoryApprovals } from '../../../broker/stores/memory-approvals.ts';
import { createMemoryContainments } from '../../../broker/stores/memory-containments.ts';
import { createMemoryEvents } from '../../../broker/stores/memory-events.ts';
import { createMemoryEvidence } from '../../../broker/stores/memory-evidence.ts';
import { createMemoryIncidents } from '../../../broker/stores/memory-incidents.ts';
import { createMemoryJournal } from '../../../broker/stores/memory-journal.ts';
import { createMemoryOutbox } from '../../../broker/stores/memory-outbox.ts';
import { createMemoryQuarantine } from '../../../broker/stores/memory-quarantine.ts';
import { createMemorySessions } from '../../../broker/stores/memory-sessions.ts';
import { createMemoryStanding } from '../../../broker/stores/memory-standing.ts';
import { createUntrustedTexts, type PlaceTexts } from '../../../broker/taint/untrusted-texts.ts';
import { createEventFeed } from '../../../broker/telemetry/event-feed.ts';
import { DROPS, type TelemetryCounts } from '../../../broker/telemetry/reception.ts';
import type { UpstreamTools } from '../../../broker/upstream/federation.ts';
import { NO_UPSTREAM } from '../../../broker/upstream/no-upstream.ts';
import type { ChangeWindow } from '../../../broker/windows/change-window.ts';
import { systemTimers } from '../../../protocols/netconf/timers.ts';
import { renderXml } from '../../../protocols/netconf/xml.ts';
import { configToXml } from '../../../protocols/yang/config-to-xml.ts';
import { answerOperation } from '../../../scenarios/answer.ts';
import { FAULT_TYPES } from '../../../simulators/faults/faults.ts';
import { createNetwork } from '../../../simulators/model/create-network.ts';
import { mergeTopologies } from '../../../simulators/topologies/blueprint.ts';
import { refnet } from '../../../simulators/topologies/refnet.ts';
import { ATTACHED_CONFIG } from '../../../tools/operations.ts';
import { TOOLS } from '../../../tools/registry.ts';
import type { Tool } from '../../../tools/tool.ts';
import { createNetconfDevice, type Meddle, type NetconfDevice } from './netconf-device.ts';

/** What the desk says that devices told. */
export const TOLD: TelemetryCounts = {
  ...{ received: 3, kept: 2 },
  drops: { ...(Object.fromEntries(DROPS.map((drop) => [drop, 0])) as TelemetryCounts['drops']), duplicate: 1 },
};

export const START = Date.parse('2026-01-01T00:00:00.000Z');
export const DUTIES: readonly Obligation[] = [
  { kind: 'require-approval', count: 1, role: 'tenant-admin' },
  { kind: 'rehearse' },
  { kind: 'confirmed-commit', seconds: 120 },
  { kind: 'limit', devices: 1 },
];
/** The repair of `bgp_asn_mismatch` at br2_edge. */
export const RIGHT_AS = 65002;

export interface Caller {
  readonly human: string;
  readonly agent?: AgentName;
  readonly steppedUpAt?: string;
  readonly lookOnly?: 'unbound' | 'schedule';
  readonly model?: 'none' | 'local' | 'external';
}
export const OPERATOR: Caller = { human: 'operator@acme' };
export const AGENT: Caller = { human: 'operator@acme', agent: 'troubleshooter' };

const PEOPLE: Readonly<Record<string, { readonly tenant: string; readonly roles: readonly Role[] }>> = {
  'operator@acme': { tenant: 'acme', roles: ['tenant-operator'] },
  'second@acme': { tenant: 'acme', roles: ['tenant-operator'] },
  'admin@acme': { tenant: 'acme', roles: ['tenant-admin'] },
  'admin2@acme': { tenant: 'acme', roles: ['tenant-admin'] },
  'operator@globex': { tenant: 'globex', roles: ['tenant-operator'] },
  'admin@globex': { tenant: 'globex', roles: ['tenant-admin'] },
};

export interface BenchOptions {
  readonly tools?: readonly Tool[];
  readonly decisionPoint?: DecisionPoint;
  /** MCP servers of others. */
  readonly upstream?: UpstreamTools;
  readonly branches?: number;
  /** Files of further invariants. */
  readonly invariants?: readonly string[];
  readonly channels?: readonly Channel[];
  readonly tenantModels?: TenantModels;
}

export async function createBench({
  tools = TOOLS,
  decisionPoint,
  branches = 2,
  invariants = [],
  channels: channelList = [],
  upstream = NO_UPSTREAM,
  tenantModels = {},
}: BenchOptions = {}) {
  const tenants = ['acme', 'globex'];
  const network = createNetwork({
    topology: mergeTopologies(tenants.map((tenant, tenantIndex) => refnet({ tenant, branches, seed: 1, tenantIndex }))),
    seed: 1,
    startAt: START,
    faults: FAULT_TYPES,
  });
  const clock = { now: () => network.now() };
  let lastId = 0;
  const ids = { id: (prefix: string) => `${prefix}_${String(++lastId).padStart(12, '0')}` };
  const log: { readonly [key: string]: unknown }[] = [];
  /** What a test turns while it runs. */
  const turn = {
    obligations: DUTIES,
    revision: 'r1',
    /** Why who asks may act no more, from here on. */
    ended: undefined as string | undefined,
    followOthers: async (): Promise<void> => undefined,
    permit: (_request: DecisionRequest): boolean => true,
    meddle: ((): void => undefined) as Meddle,
    /** What the controller says that it intends, as a test would have it. */
    intend: (config: string): string => config,
    /** People with a second factor. */
    enrolled: new Set<string>(),
    /** Devices whose management does not answer. */
    silent: new Set<string>(),
    /** How late the process is. */
    lagMs: 0,
    failAudit: (_entry: AuditEntry): boolean => false,
    /** Rungs of certified devices. */
    ladders: new Map<string, Ladder>(),
    roles: new Map(Object.entries(PEOPLE).map(([human, { roles }]) => [human, roles])),
    wait: (ms: number): void => network.advanceTo(network.now() + ms),
  };

  const fake: DecisionPoint = {
    decide: async (request): Promise<Decision> => {
      const open = request.subject.agent === undefined || request.purpose.open;
      const write = request.tool.effect === 'change' || request.tool.effect === 'contain';
      const permit = turn.permit(request) && request.risk < 90 && (!write || open);
      return {
        id: 'dec_1',
        effect: permit ? 'permit' : 'deny',
        policies: [permit ? 'permit-it' : 'deny-it'],
        reasons: [permit ? 'it may' : 'it may not'],
        obligations: permit && write ? turn.obligations : [],
        advice: [],
        revision: turn.revision,
      };
    },
    revision: () => turn.revision,
    close: async () => undefined,
  };

  const devices = new Map<string, NetconfDevice>();
  for (const ref of network.devices())
    devices.set(
      `${ref.tenant}/${ref.device}`,
      createNetconfDevice(network, ref, (request, of) => turn.meddle(request, of)),
    );
  const device = (tenant: string, name: string): NetconfDevice => {
    const found = devices.get(`${tenant}/${name}`);
    if (found === undefined) throw new DriverError('UNREACHABLE', 'no such device');
    return found;
  };
  const reads: string[] = [];
  const reword = (reply: OperationReply): OperationReply =>
    reply.ok &&
    reply.protocol === 'rest' &&
    reply.operation.protocol === 'rest' &&
    reply.operation.path === ATTACHED_CONFIG
      ? {
          ...reply,
          json: JSON.parse(JSON.stringify(reply.json), (key, value) => (key === 'config' ? turn.intend(value) : value)),
        }
      : reply;
  const way: Devices = {
    read: async (tenant, operation) => {
      const at = new Date(clock.now()).toISOString();
      const name = operation.protocol === 'records' ? '' : operation.device;
      reads.push(`${tenant}/${name}`);
      await Promise.resolve();
      if (turn.silent.has(`${tenant}/${name}`))
        return { operation, collectedAt: at, ok: false, error: { code: 'DEVICE_UNREACHABLE', message: 'silent' } };
      if (operation.protocol !== 'netconf' || operation.kind !== 'get-config' || operation.filter !== '')
        return reword(answerOperation(network, tenant, operation, at));
      // The driver sends no filter for an empty one.
      const xml = configToXml(network.config({ tenant, device: name }))
        .map((node) => renderXml(node))
        .join('');
      return { operation, collectedAt: at, ok: true, protocol: 'netconf', xml };
    },
    write: async (tenant, name) => {
      if (turn.silent.has(`${tenant}/${name}`)) throw new DriverError('UNREACHABLE', 'silent');
      return device(tenant, name).open();
    },
  };

  const ladderOf = (key: string): { readonly ladder?: Ladder } => {
    const ladder = turn.ladders.get(key);
    return ladder === undefined ? {} : { ladder };
  };
  const topology = network.topology();
  const inventory: Inventory = {
    devices: async (tenant) =>
      topology.devices
        .filter((one) => one.tenant === tenant)
        .map(({ device: name, config }) => ({
          tenant,
          name,
          role: config.role,
          site: config.site,
          systemIp: config.systemIp,
          ...ladderOf(`${tenant}/${name}`),
        })),
    device: async (tenant, name) => (await inventory.devices(tenant)).find((one) => one.name === name),
    topology: async (tenant) => ({
      circuits: topology.circuits.filter((one) => one.tenant === tenant).map(({ tenant: _, ...one }) => one),
      hosts: topology.hosts.filter((one) => one.tenant === tenant).map(({ tenant: _, ...one }) => one),
      addresses: [],
    }),
  };

  const audit = await createAuditLog({
    store: createMemoryAuditStore(),
    signer: { name: 'wayleave/test', key: generateKeyPairSync('ed25519').privateKey },
    clock,
  });
  const transitions: Transition[] = [];
  const standingStore = createMemoryStanding();
  const outbox = createMemoryOutbox();
  const channels = createChannels(channelList);
  const collector = await createCollector({ audit, outbox, channels, log: 'bench', onNews: () => undefined });
  const followed = await followLog({
    onEntry: collector.take,
    store: standingStore,
    onTransition: (transition) => void transitions.push(transition),
    audit: {
      ...audit,
      append: (entry: AuditEntry): Promise<number> =>
        turn.failAudit(entry)
          ? Promise.reject(new WayleaveError('UNAVAILABLE', 'the log is down'))
          : audit.append(entry),
    },
  });
  const guarded = followed.audit;
  const feed = createFeed();
  const stores = {
    journal: createMemoryJournal(),
    approvals: createMemoryApprovals(),
    containments: createMemoryContainments(),
    evidence: createMemoryEvidence(),
    incidents: createMemoryIncidents(),
    sessions: createMemorySessions(),
    inventory,
    grants: createGrants(createMemoryRecords<Grant>()),
    breakGlasses: createBreakGlasses(createMemoryRecords<BreakGlass>()),
    windows: createMemoryRecords<ChangeWindow>(),
    audit: guarded,
  };
  const quarantine = await openQuarantine({
    store: createMemoryQuarantine(),
    clock,
    record: (entry) => guarded.append(entry),
  });
  const pages: Page[] = [];
  const shared = {
    ...stores,
    certificates: createMemoryCertificates(),
    hostKeyOf: async () => 'SHA256:bench',
    quarantine,
    clock,
    ids,
    devices: way,
    log: { error: (fields: { readonly [key: string]: unknown }) => void log.push(fields) },
    perDevice: createSerial(),
    networkSpeed: 1,
    tenantModels,
    wait: async (ms: number) => turn.wait(ms),
    pager: {
      page: async (page: Page) => {
        pages.push(page);
        const { tenant, intent, code, device } = page;
        const at = new Date(clock.now()).toISOString();
        await guarded.append({ at, tenant, kind: 'human.paged', intent, content: { code, device } });
      },
    },
    running: readRunning,
    announce: (intent: string, tenant: string, step: Parameters<typeof feed.publish>[0]['step']) =>
      feed.publish({ tenant, intent, step }),
  };

  const subjectOf = ({ human, agent, ...more }: Caller): Subject => {
    const tenant = PEOPLE[human]?.tenant;
    const roles = turn.roles.get(human);
    if (tenant === undefined || roles === undefined) throw new WayleaveError('UNAUTHENTICATED');
    const chain = agent === undefined ? [human] : [agent, human];
    return { human, roles, tenant, session: `ses_${human}`, chain, ...more, ...(agent === undefined ? {} : { agent }) };
  };
  const credentialOf = (caller: Caller) =>
    ({ scheme: 'DPoP', token: JSON.stringify(caller), proof: '', method: 'POST', url: 'https://broker' }) as const;

  const risk = createRiskLedger(followed.standing, clock);
  const untrusted = await createUntrustedTexts(createMemoryRecords<PlaceTexts>());
  const policy = {
    tools,
    upstream,
    decisionPoint: decisionPoint ?? fake,
    rolesNow: async (human: string, tenant: string) =>
      PEOPLE[human]?.tenant === tenant ? turn.roles.get(human) : undefined,
  };
  const brake = createBrake();
  /** What devices told without being asked. */
  const received = createMemoryEvents();
  const broker = createBroker({
    ...shared,
    authenticate: async ({ token }) => subjectOf(JSON.parse(token)),
    whyNoLonger: async () => turn.ended,
    followOthers: () => turn.followOthers(),
    brake,
    refusals: createRefusalTally({ clock, record: (entry) => shared.audit.append(entry) }),
    ...policy,
    limits: createLimits({ clock, standing: followed.standing }),
    shed: createShed({ lagMs: () => turn.lagMs }),
    claimedTenant: ({ token }) => PEOPLE[String(JSON.parse(token).human)]?.tenant,
    risk,
    untrusted,
    notifies: channels.has,
    observe: { inventory, devices: way },
    invariants: loadInvariants([DEFAULT_INVARIANTS, ...invariants]),
    records: createRecords({ ...shared, upstream, eventFeed: createEventFeed(received, systemTimers) }),
  });
  const desk = createDesk({
    ...shared,
    demandSecondFactor: (subject) =>
      demandSecondFactor({ isEnrolled: async (human) => turn.enrolled.has(human) }, subject, clock.now()),
    ...policy,
    telemetry: () => TOLD,
    notices: { outbox, channels, log: 'bench', deliver: async () => undefined },
    brake,
    ...fixPolicies(() => 'r'),
    feed,
    risk,
    perApproval: createSerial(),
  });

  const call = (caller: Caller, domain: Domain, tool: string, args: unknown): Promise<Answer> =>
    broker.call(credentialOf(caller), domain, tool, args);
  const change = (caller: Caller = OPERATOR, more: Partial<CallArguments> = {}, tool = 'bgp.set-local-as') =>
    call(caller, 'wan', tool, {
      target: { devices: ['br2_edge'] },
      input: { localAs: RIGHT_AS },
      purpose: 'chat:1',
      intent: 'int_aaaaaaaa',
      ...more,
    });

  return {
    ...stores,
    audit,
    broker,
    call,
    /** Proposes the repair of br2_edge, or continues it. */
    change,
    clock,
    credentialOf,
    desk,
    device,
    feed,
    ids,
    /** Puts a fault in and lets a minute go by. */
    inject: (type = 'bgp_asn_mismatch', resource = 'node/br2_edge') => {
      network.inject({ tenant: 'acme', type, resource });
      network.advanceTo(network.now() + 60_000);
    },
    log,
    /** What channels are told, so far. */
    told: async () => {
      await collector.flush();
      return (await outbox.list(['acme', 'globex', '-'], 1000)).toReversed();
    },
    network,
    pages,
    reads,
    received,
    shared,
    subjectOf,
    standing: followed.standing,
    transitions,
    turn,
    untrusted,
    localAs: () => network.config({ tenant: 'acme', device: 'br2_edge' }).bgp?.localAs,
    entries: () => audit.entries(0, 10_000),
    kinds: async () => (await audit.entries(0, 10_000)).map((entry) => entry.kind),
    vote: (human: string, approval: string, verdict: 'approve' | 'reject' = 'approve', reason = 'seen') =>
      desk.vote(subjectOf({ human }), approval, verdict, reason),
    recover: () => recoverTransactions(shared),
    closeInterrupted: () => closeInterrupted(shared),
    /** A turn of the broker's own work at containments whose end has come. */
    reverse: () => reverseDue(shared),
    advance: (ms: number) => network.advanceTo(network.now() + ms),
  };
}
export type Bench = Awaited<ReturnType<typeof createBench>>;

/** The code of the error, or the status of the answer. */
export const outcomeOf = (call: Promise<Answer>): Promise<string> =>
  call.then(
    (answer) => (answer.status === 'done' ? (answer.receipt?.outcome ?? 'done') : 'pending'),
    (error: unknown) => (error instanceof WayleaveError ? error.code : String(error)),
  );

/** The approval id of a proposal that must be pending. */
export async function propose(bench: Bench, caller?: Caller, more?: Partial<CallArguments>): Promise<string> {
  const answer = await bench.change(caller, more);
  if (answer.status !== 'pending') throw new Error('not pending');
  return answer.approval;
}
