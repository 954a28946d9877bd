/** The real pipeline with a durable log for benches: policies, limits, risk and audit as in the broker, and one simulated device or none. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createFilePort } from '../broker/audit/file-port.ts';
import { createFileAuditStore } from '../broker/audit/file-store.ts';
import { createAuditLog } from '../broker/audit/log.ts';
import { createBroker } from '../broker/broker.ts';
import type { Operation } from '../broker/contract.ts';
import type { DeviceEndpoint } from '../broker/drivers/driver.ts';
import { createNetconfDriver } from '../broker/drivers/netconf/driver.ts';
import { createRecords } from '../broker/execution/records.ts';
import { readRunning } from '../broker/execution/running.ts';
import { createSerial } from '../broker/execution/serial.ts';
import { type BreakGlass, createBreakGlasses } from '../broker/grants/break-glass.ts';
import { createGrants, type Grant } from '../broker/grants/grant.ts';
import { createMemoryRecords } from '../broker/identity/keyed-records.ts';
import { createRefusalTally } from '../broker/identity/refusal-tally.ts';
import { createMemoryCertificates } from '../broker/inventory/memory-certificates.ts';
import { openQuarantine } from '../broker/inventory/quarantine.ts';
import { createLimits } from '../broker/limits/limits.ts';
import { createShed } from '../broker/limits/shed.ts';
import { createBrake } from '../broker/policy/brake.ts';
import { createDecisionPoint } from '../broker/policy/decision-point.ts';
import { DEFAULT_POLICIES, loadPolicies } from '../broker/policy/load-policies.ts';
import { startReferee } from '../broker/policy/referee/client.ts';
import { spawnReferee, systemTimers } from '../broker/policy/referee/spawn-referee.ts';
import type { Inventory } from '../broker/ports.ts';
import { followLog } from '../broker/risk/follow-log.ts';
import { createRiskLedger } from '../broker/risk/risk-ledger.ts';
import { createMemoryApprovals } from '../broker/stores/memory-approvals.ts';
import { createMemoryContainments } from '../broker/stores/memory-containments.ts';
import { createMemoryEvidence } from '../broker/stores/memory-evidence.ts';
import { createMemoryIncidents } from '../broker/stores/memory-incidents.ts';
import { createMemoryJournal } from '../broker/stores/memory-journal.ts';
import { createMemoryQuarantine } from '../broker/stores/memory-quarantine.ts';
import { createMemorySessions } from '../broker/stores/memory-sessions.ts';
import { createMemoryStanding } from '../broker/stores/memory-standing.ts';
import { createUntrustedTexts, type PlaceTexts } from '../broker/taint/untrusted-texts.ts';
import { NO_UPSTREAM } from '../broker/upstream/no-upstream.ts';
import type { ChangeWindow } from '../broker/windows/change-window.ts';
import { TOOLS } from '../tools/registry.ts';
import { openIdentity } from './open-identity.ts';

export const refuse = async (): Promise<never> => {
  throw new Error('nobody asks for this in a bench');
};

/** What the inventory has of the device. */
export const facts = (name: string) => ({ name, role: 'edge', site: 'br1', systemIp: '10.0.0.1' }) as const;

/** `endpoint`: a device that can be read, in every tenant. */
export async function openPipeline(tenants: readonly string[], endpoint?: DeviceEndpoint) {
  const folder = mkdtempSync(path.join(tmpdir(), 'wayleave-bench-'));
  const { authenticate, clock, ids, logIn } = await openIdentity(folder, tenants);
  const referee = startReferee({ spawn: spawnReferee, timers: systemTimers });
  const decisionPoint = await createDecisionPoint({
    ...{ referee, tools: TOOLS, policies: await loadPolicies(DEFAULT_POLICIES) },
  });
  const auditFolder = path.join(folder, 'audit');
  mkdirSync(auditFolder);
  const { audit, standing } = await followLog({
    audit: await createAuditLog({
      store: createFileAuditStore(createFilePort(auditFolder)),
      signer: { name: 'wayleave-bench', key: generateKeyPairSync('ed25519').privateKey },
      clock,
    }),
    store: createMemoryStanding(),
    onTransition: () => undefined,
  });
  const one = facts(endpoint?.device ?? 'br1_edge');
  const inventory: Inventory = {
    devices: async (tenant) => [{ tenant, ...one }],
    device: async (tenant, name) => (name === one.name ? { tenant, ...one } : undefined),
    topology: async () => ({ circuits: [], hosts: [], addresses: [] }),
  };
  const netconf = createNetconfDriver();
  const read = async (operation: Operation) => {
    if (operation.protocol !== 'netconf' || endpoint === undefined) throw new Error('this bench reads by NETCONF');
    const body = await netconf.run(endpoint, operation);
    return { operation, collectedAt: new Date(clock.now()).toISOString(), ok: true as const, ...body };
  };
  const log = { error: (fields: object, message: string) => console.error(message, fields) };
  const stores = {
    ...{ journal: createMemoryJournal(), approvals: createMemoryApprovals(), evidence: createMemoryEvidence() },
    ...{
      incidents: createMemoryIncidents(),
      sessions: createMemorySessions(),
      certificates: createMemoryCertificates(),
    },
    grants: createGrants(createMemoryRecords<Grant>()),
    breakGlasses: createBreakGlasses(createMemoryRecords<BreakGlass>()),
    ...{ audit, inventory, clock, ids, log },
    containments: createMemoryContainments(),
    quarantine: await openQuarantine({
      ...{ store: createMemoryQuarantine(), clock, record: (entry) => audit.append(entry) },
    }),
  };
  const devices = { read: (_tenant: string, operation: Operation) => read(operation), write: refuse };
  const refusals = createRefusalTally({ clock, record: (entry) => audit.append(entry) });
  const broker = createBroker({
    ...stores,
    ...{ authenticate, decisionPoint, devices, tools: TOOLS, running: readRunning, perDevice: createSerial() },
    ...{ hostKeyOf: async () => '', networkSpeed: 1, wait: refuse, pager: { page: refuse }, announce: () => undefined },
    rolesNow: async () => ['tenant-operator'],
    whyNoLonger: async () => undefined,
    refusals,
    limits: createLimits({ clock, standing }),
    shed: createShed({ lagMs: () => 0 }),
    risk: createRiskLedger(standing, clock),
    untrusted: await createUntrustedTexts(createMemoryRecords<PlaceTexts>()),
    upstream: NO_UPSTREAM,
    followOthers: async () => undefined,
    brake: createBrake(),
    windows: createMemoryRecords<ChangeWindow>(),
    notifies: () => false,
    observe: { inventory, devices },
    invariants: [],
    records: createRecords(stores),
  });

  const close = async (): Promise<void> => {
    await audit.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { ...{ broker, authenticate, logIn, clock, ids, log, refusals, sessions: stores.sessions, read, close } };
}
