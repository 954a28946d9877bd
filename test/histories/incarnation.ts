/** One broker process, from its start to its end: the real pipeline, desk and recovery over a world that can fail. */

import { createBroker } from '../../broker/broker.ts';
import type { Broker, Decision, Subject } from '../../broker/contract.ts';
import { createDesk } from '../../broker/desk.ts';
import { WayleaveError } from '../../broker/errors.ts';
import { createFeed } from '../../broker/execution/feed.ts';
import { createRecords } from '../../broker/execution/records.ts';
import { closeInterrupted, recoverTransactions } from '../../broker/execution/recover.ts';
import { readRunning } from '../../broker/execution/running.ts';
import { createSerial } from '../../broker/execution/serial.ts';
import { type BreakGlass, createBreakGlasses } from '../../broker/grants/break-glass.ts';
import { createGrants, type Grant } from '../../broker/grants/grant.ts';
import type { ControlDesk } from '../../broker/http/control-desk.ts';
import { createMemoryRecords } from '../../broker/identity/keyed-records.ts';
import { createMemoryCertificates } from '../../broker/inventory/memory-certificates.ts';
import { openQuarantine } from '../../broker/inventory/quarantine.ts';
import { createLimits } from '../../broker/limits/limits.ts';
import { createShed } from '../../broker/limits/shed.ts';
import { createChannels } from '../../broker/notify/channels.ts';
import { createBrake } from '../../broker/policy/brake.ts';
import { fixPolicies } from '../../broker/policy-bundles/fixed-policies.ts';
import type { DecisionPoint, DecisionRequest, Inventory } from '../../broker/ports.ts';
import { createRiskLedger } from '../../broker/risk/risk-ledger.ts';
import { createMemoryContainments } from '../../broker/stores/memory-containments.ts';
import { createMemoryOutbox } from '../../broker/stores/memory-outbox.ts';
import { createUntrustedTexts, type PlaceTexts } from '../../broker/taint/untrusted-texts.ts';
import { NO_UPSTREAM } from '../../broker/upstream/no-upstream.ts';
import type { ChangeWindow } from '../../broker/windows/change-window.ts';
import { TOOLS } from '../../tools/registry.ts';
import { openDurable } from './durable.ts';
import { INVENTORY, TENANT } from './lab.ts';
import { openLine } from './line.ts';
import { openLog } from './log.ts';
import type { Process } from './process.ts';
import type { World } from './world.ts';

export interface Incarnation {
  readonly process: Process;
  readonly broker: Broker;
  readonly desk: ControlDesk;
  /** Serves only after its recovery. */
  ready: boolean;
}

/** As often as the real process asks again about open transactions; seldom when nothing goes wrong any more, and then for half an hour. */
const RECOVER_MS = 10_000;
const WELL_RECOVER_MS = 30_000;
const CALM_RECOVER_MS = 120_000;

const inventory: Inventory = {
  devices: async () => INVENTORY,
  device: async (_tenant, name) => INVENTORY.find((one) => one.name === name),
  topology: async () => ({ circuits: [], hosts: [], addresses: [] }),
};

export async function startIncarnation(world: World, process: Process, ids: { id(prefix: string): string }) {
  const { timeline, random, network, devices } = world;
  const clock = { now: () => timeline.now() };
  const { audit, standing, follow } = await openLog(process, world);
  const stores = { ...openDurable(process, world.durable), audit };
  const log = {
    error: (fields: { readonly [key: string]: unknown }, message: string) => {
      const { err } = fields;
      if (message === 'a stage failed unexpectedly')
        world.defects.push(err instanceof Error ? `${err.stack}` : String(err));
    },
  };
  const quarantine = await openQuarantine({
    store: stores.quarantine,
    clock,
    record: (entry) => stores.audit.append(entry),
  });
  const followOthers = async (): Promise<void> => {
    await follow();
    await quarantine.reload();
  };
  const trouble = (): number => (world.well ? 0 : world.trouble);
  const feed = createFeed();
  const shared = {
    ...stores,
    ...{ inventory, clock, ids, log, quarantine },
    containments: createMemoryContainments(),
    certificates: createMemoryCertificates(),
    grants: createGrants(createMemoryRecords<Grant>()),
    breakGlasses: createBreakGlasses(createMemoryRecords<BreakGlass>()),
    windows: createMemoryRecords<ChangeWindow>(),
    tools: TOOLS,
    rolesNow: (human: string) => process.carry(() => world.roles.get(human)),
    hostKeyOf: async () => '',
    devices: openLine(process, { timeline, random, network, devices, trouble }),
    networkSpeed: 1,
    wait: (ms: number) => process.wait(ms),
    pager: { page: async () => undefined },
    running: readRunning,
    announce: () => undefined,
  };
  const decisionPoint: DecisionPoint = {
    decide: (_request: DecisionRequest) =>
      process.carry(
        (): Decision => ({
          ...{ id: 'dec_1', effect: 'permit', policies: ['permit-it'], reasons: ['it may'], advice: [] },
          obligations: world.obligations,
          revision: world.revision,
        }),
      ),
    revision: () => world.revision,
    close: async () => undefined,
  };
  const risk = createRiskLedger(standing, clock);
  const broker = createBroker({
    ...shared,
    authenticate: ({ token }) => process.carry(() => subjectOf(world, token)),
    whyNoLonger: async () => undefined,
    followOthers,
    brake: createBrake(),
    refusals: { note: async () => undefined },
    decisionPoint,
    limits: createLimits({ clock, standing }),
    shed: createShed({ lagMs: () => 0 }),
    untrusted: await createUntrustedTexts(createMemoryRecords<PlaceTexts>()),
    risk,
    notifies: () => false,
    observe: { inventory, devices: shared.devices },
    invariants: [],
    records: createRecords(shared),
    upstream: NO_UPSTREAM,
  });
  const desk = createDesk({
    ...shared,
    demandSecondFactor: async () => undefined,
    ...{ decisionPoint, feed, risk, brake: createBrake(), ...fixPolicies(() => world.revision) },
    notices: { outbox: createMemoryOutbox(), channels: createChannels([]), log: '-', deliver: async () => undefined },
    upstream: NO_UPSTREAM,
    telemetry: () => {
      throw new Error('nobody asks');
    },
    perApproval: createSerial(),
  });
  const incarnation: Incarnation = { process, broker, desk, ready: false };
  const begin = async (): Promise<void> => {
    const recover = async (): Promise<unknown> => [await closeInterrupted(shared), await recoverTransactions(shared)];
    await recover();
    incarnation.ready = true;
    for (;;) {
      await process.wait(world.calm ? CALM_RECOVER_MS : world.well ? WELL_RECOVER_MS : RECOVER_MS);
      await recover().catch(() => undefined);
      await followOthers().catch(() => undefined);
    }
  };
  // A start that fails ends the process, as in the real one.
  begin().catch(() => process.kill());
  const happens = (what: string): void =>
    void world.happened.push({ at: timeline.now(), text: `${process.name} ${what}` });
  happens('starts');
  process.onKill(() => happens('is dead'));
  return incarnation;
}

/** Whoever a token names, with the roles of this moment. */
export function subjectOf(world: World, human: string): Subject {
  const roles = world.roles.get(human);
  if (roles === undefined) throw new WayleaveError('UNAUTHENTICATED');
  return { human, roles, tenant: TENANT, session: `ses_${human}`, chain: [human] };
}
