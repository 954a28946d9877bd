/** Wires a broker over a network in memory: the real pipeline, policies, rehearsal and log, with stores that end with it. */
import { generateKeyPairSync } from 'node:crypto';
import { createAuditLog } from '../../broker/audit/log.ts';
import { createMemoryAuditStore } from '../../broker/audit/memory-store.ts';
import { createBroker } from '../../broker/broker.ts';
import { createDesk } from '../../broker/desk.ts';
import { WayleaveError } from '../../broker/errors.ts';
import { createFeed } from '../../broker/execution/feed.ts';
import { createRecords } from '../../broker/execution/records.ts';
import { readRunning } from '../../broker/execution/running.ts';
import { createSerial } from '../../broker/execution/serial.ts';
import { type BreakGlass, createBreakGlasses } from '../../broker/grants/break-glass.ts';
import { createGrants, type Grant } from '../../broker/grants/grant.ts';
import { createMemoryRecords } from '../../broker/identity/keyed-records.ts';
import { demandSecondFactor } from '../../broker/identity/step-up.ts';
import { createMemoryCertificates } from '../../broker/inventory/memory-certificates.ts';
import { openQuarantine } from '../../broker/inventory/quarantine.ts';
import { createLimits } from '../../broker/limits/limits.ts';
import { createShed } from '../../broker/limits/shed.ts';
import { createChannels } from '../../broker/notify/channels.ts';
import { createBrake } from '../../broker/policy/brake.ts';
import { fixPolicies } from '../../broker/policy-bundles/fixed-policies.ts';
import type { DecisionPoint, Ids, Inventory } from '../../broker/ports.ts';
import { DEFAULT_INVARIANTS, loadInvariants } from '../../broker/rehearsal/load-invariants.ts';
import { followLog } from '../../broker/risk/follow-log.ts';
import { createRiskLedger } from '../../broker/risk/risk-ledger.ts';
import { createMemoryApprovals } from '../../broker/stores/memory-approvals.ts';
import { createMemoryContainments } from '../../broker/stores/memory-containments.ts';
import { createMemoryEvidence } from '../../broker/stores/memory-evidence.ts';
import { createMemoryIncidents } from '../../broker/stores/memory-incidents.ts';
import { createJournalRecords, createMemoryJournal } from '../../broker/stores/memory-journal.ts';
import { createMemoryOutbox } from '../../broker/stores/memory-outbox.ts';
import { createMemoryQuarantine } from '../../broker/stores/memory-quarantine.ts';
import { createMemorySessions } from '../../broker/stores/memory-sessions.ts';
import { createMemoryStanding } from '../../broker/stores/memory-standing.ts';
import { createUntrustedTexts, type PlaceTexts } from '../../broker/taint/untrusted-texts.ts';
import { NO_UPSTREAM } from '../../broker/upstream/no-upstream.ts';
import type { ChangeWindow } from '../../broker/windows/change-window.ts';
import type { Network } from '../../simulators/model/network.ts';
import { TOOLS } from '../../tools/registry.ts';
import type { ModelClock } from './model-clock.ts';
import { createModelDevices } from './model-devices.ts';
import { createModelIdentity } from './model-identity.ts';
import { tellTopology } from './told-topology.ts';
import { watchDevices } from './watch-devices.ts';
import { openWiredDevices } from './wired-devices.ts';

// Only checkpoints depend on it, and nobody keeps them.
const logKey = generateKeyPairSync('ed25519').privateKey;
const invariants = loadInvariants([DEFAULT_INVARIANTS]);

export interface ModelBrokerDeps {
  readonly network: Network;
  readonly clock: ModelClock;
  readonly tenants: readonly string[];
  /** Shared by many brokers: it remembers nothing of a case. */
  readonly decisionPoint: DecisionPoint;
  /** Whether devices are reached over real sockets instead of in memory. */
  readonly wire: boolean;
}

export type ModelBroker = Awaited<ReturnType<typeof createModelBroker>>;

export async function createModelBroker({ network, clock, tenants, decisionPoint, wire }: ModelBrokerDeps) {
  let lastId = 0;
  const ids: Ids = {
    id: (prefix) => {
      lastId += 1;
      return `${prefix}_${String(lastId).padStart(12, '0')}`;
    },
  };
  const defects: string[] = [];
  const log = {
    error: (fields: { readonly [key: string]: unknown }, message: string) => {
      const { err } = fields;
      defects.push(`${message}${err instanceof Error ? `: ${err.message}` : ''}`);
    },
  };
  const inventory = inventoryOf(network);
  const { audit, standing } = await followLog({
    audit: await createAuditLog({
      store: createMemoryAuditStore(),
      signer: { name: 'wayleave/replay', key: logKey },
      clock,
    }),
    store: createMemoryStanding(),
    onTransition: () => undefined,
  });
  const journalRecords = createJournalRecords();
  const stores = {
    journal: createMemoryJournal(journalRecords),
    approvals: createMemoryApprovals(),
    containments: createMemoryContainments(),
    evidence: createMemoryEvidence(),
    incidents: createMemoryIncidents(),
    sessions: createMemorySessions(),
    certificates: createMemoryCertificates(),
    grants: createGrants(createMemoryRecords<Grant>()),
    breakGlasses: createBreakGlasses(createMemoryRecords<BreakGlass>()),
    windows: createMemoryRecords<ChangeWindow>(),
    audit,
  };
  const quarantine = await openQuarantine({
    store: createMemoryQuarantine(),
    clock,
    record: (entry) => audit.append(entry),
  });
  const wired = wire
    ? await openWiredDevices({ network, clock, tenants }, { clock, quarantine, audit, log })
    : undefined;
  const devices = watchDevices(wired ?? createModelDevices(network, clock), clock);
  const feed = createFeed();
  const brake = createBrake();
  const risk = createRiskLedger(standing, clock);
  const identity = await createModelIdentity({ tenants, clock, ids, sessions: stores.sessions });
  const shared = {
    ...stores,
    upstream: NO_UPSTREAM,
    ...(wired === undefined ? {} : { eventFeed: wired.feed }),
    ...{ inventory, quarantine, clock, ids, devices, log, tools: TOOLS, decisionPoint, rolesNow: identity.rolesNow },
    hostKeyOf: async () => '',
    perDevice: createSerial(),
    networkSpeed: 1,
    wait: async (ms: number) => clock.advanceTo(clock.now() + ms),
    pager: { page: async () => undefined },
    running: readRunning,
    announce: (intent: string, tenant: string, step: Parameters<typeof feed.publish>[0]['step']) =>
      feed.publish({ tenant, intent, step }),
  };
  const broker = createBroker({
    ...shared,
    authenticate: identity.authenticate,
    whyNoLonger: identity.whyNoLonger,
    followOthers: async () => undefined, // there are none
    brake,
    refusals: { note: async () => undefined },
    limits: createLimits({ clock, standing }),
    shed: createShed({ lagMs: () => 0 }),
    risk,
    untrusted: await createUntrustedTexts(createMemoryRecords<PlaceTexts>()),
    notifies: () => true, // nobody is told of what happens in a model
    observe: { inventory, devices },
    invariants,
    records: createRecords(shared),
  });
  const desk = createDesk({
    ...shared,
    demandSecondFactor: (subject) => demandSecondFactor(identity.factors, subject, clock.now()),
    ...{ feed, risk, brake, ...fixPolicies(decisionPoint.revision), perApproval: createSerial() },
    notices: { outbox: createMemoryOutbox(), channels: createChannels([]), log: '-', deliver: async () => undefined },
    telemetry: () => {
      throw new WayleaveError('NOT_FOUND', 'This broker receives no events.');
    },
  });
  const close = async (): Promise<void> => wired?.close();
  /** What devices sent by themselves over real sockets; undefined where there are none. */
  const received = async () => {
    await wired?.settle();
    return wired?.counts();
  };
  return { ...stores, journalRecords, identity, broker, desk, devices, ids, defects, received, close };
}

/** What the broker would have been told of the network; every device has been certified as one that takes a change back. */
function inventoryOf(network: Network): Inventory {
  const topology = network.topology();
  const devices = new Map<string, Awaited<ReturnType<Inventory['devices']>>>();
  const of = (tenant: string) => {
    const known =
      devices.get(tenant) ??
      topology.devices
        .filter((one) => one.tenant === tenant)
        .map((ref) => {
          const { role, site, systemIp, bgp } = network.intendedConfig(ref);
          const asn = bgp === undefined ? {} : { asn: bgp.localAs };
          return { tenant, name: ref.device, role, site, systemIp, ...asn, ladder: 'confirmed' as const };
        });
    devices.set(tenant, known);
    return known;
  };
  return {
    devices: async (tenant) => of(tenant),
    device: async (tenant, name) => of(tenant).find((one) => one.name === name),
    topology: async (tenant) => tellTopology(topology, tenant, (device) => network.intendedConfig({ tenant, device })),
  };
}
