/**
 * Wires the broker's process: records, policy, devices, identity, the pipeline and its HTTP surface.
 * Over 300 lines because what is wired together stands in one place.
 */
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type BrokerDeps, createBroker } from '../../broker/broker.ts';
import type { Subject } from '../../broker/contract.ts';
import { createDesk } from '../../broker/desk.ts';
import { WayleaveError } from '../../broker/errors.ts';
import { createFeed } from '../../broker/execution/feed.ts';
import { createRecords } from '../../broker/execution/records.ts';
import { closeInterrupted, recoverTransactions } from '../../broker/execution/recover.ts';
import { readRunning } from '../../broker/execution/running.ts';
import { createSerial } from '../../broker/execution/serial.ts';
import { type BrokerAppDeps, createBrokerApp } from '../../broker/http/app.ts';
import { readConsole } from '../../broker/http/console-routes.ts';
import { startHttpServer } from '../../broker/http/server.ts';
import { claimedTenant } from '../../broker/identity/claimed-tenant.ts';
import type { RotatableKeys } from '../../broker/identity/key-desk.ts';
import { anyFactor } from '../../broker/identity/second-factors.ts';
import { demandSecondFactor } from '../../broker/identity/step-up.ts';
import { actIn } from '../../broker/identity/tenant-switch.ts';
import { createImportDesk } from '../../broker/inventory/import-devices.ts';
import { createLimits } from '../../broker/limits/limits.ts';
import { createShed } from '../../broker/limits/shed.ts';
import type { NarrowingDesk } from '../../broker/policy-bundles/narrowing-desk.ts';
import type { PolicyDesk } from '../../broker/policy-bundles/policy-desk.ts';
import { DEFAULT_INVARIANTS, loadInvariants } from '../../broker/rehearsal/load-invariants.ts';
import { createRiskLedger } from '../../broker/risk/risk-ledger.ts';
import { createScheduleDesk } from '../../broker/schedules/desk.ts';
import { createWorkerDesk } from '../../broker/schedules/worker-desk.ts';
import { followOthers } from '../../broker/stores/follow-others.ts';
import { openKeptBrake } from '../../broker/stores/kept-brake.ts';
import { createUpstreamDesk } from '../../broker/upstream/desk.ts';
import { openFederation } from '../../broker/upstream/federation.ts';
import { createPrograms } from '../../broker/upstream/program.ts';
import { createHookDesk } from '../../broker/webhooks/desk.ts';
import { createReception } from '../../broker/webhooks/reception.ts';
import { TOOLS } from '../../tools/registry.ts';
import { DIST } from '../agent-launch.ts';
import { openDevices } from './broker-devices.ts';
import { startDuties } from './broker-duties.ts';
import { openIdentity } from './broker-identity.ts';
import { openPolicies } from './broker-policy.ts';
import { openRecords } from './broker-records.ts';
import { type BrokerSettings, brokerUpdate } from './broker-settings.ts';
import { type OpenTelemetry, openTelemetry } from './broker-telemetry.ts';
import { randomIds as ids } from './ids.ts';
import { createBrokerMetrics, createRegistry } from './metrics.ts';
import { withOperations } from './operations.ts';
import { createPager } from './pager.ts';
import { createProcessLog } from './process-log.ts';
import { openTracing } from './tracing.ts';
import { watchLag } from './watch-lag.ts';

export interface BrokerReady {
  readonly url: string;
  /** Of the door for agents with certificates. */
  readonly mutualUrl?: string;
  readonly policyRevision: string;
  /** Where it hears traps, syslog and flow records. */
  readonly collectors: OpenTelemetry['addresses'];
  /** Outcomes that a crash had left open and this start found out. */
  readonly recovered: readonly { readonly intent: string; readonly outcome: string }[];
}

export async function composeBroker(
  settings: BrokerSettings,
  ask: (request: 'rotate-agent-keys') => void,
): Promise<{
  readonly ready: BrokerReady;
  readonly stop: () => Promise<void>;
  readonly update: (value: unknown) => Promise<void>;
}> {
  const clock = { now: () => Date.now() };
  let { agentsUrl } = settings;
  const consoleFiles = readConsole(path.join(DIST, 'console'));
  const tracing = await openTracing('broker', process.env);
  const log = createProcessLog('broker', settings.logLevel, tracing.ids);
  const registry = createRegistry();
  const metrics = createBrokerMetrics(registry, tracing);
  // Read first: a file that makes no sense keeps the broker from starting.
  const invariants = loadInvariants([DEFAULT_INVARIANTS, ...settings.invariants]);
  const feed = createFeed();
  const alarm = (what: string): void => log.error({ what }, 'the audit log needs a human');
  const records = await openRecords(settings, clock, alarm, feed.ring);
  const reportStop = (why: string): void => {
    log.error({ why }, 'changes are stopped until a human has looked');
    const entry = { at: new Date(clock.now()).toISOString(), tenant: '-', kind: 'policy.stopped', content: { why } };
    // The denial that follows is an entry of its own call; if the log cannot take this one, it takes no change either.
    records.audit.append(entry).catch((error: unknown) => log.error({ err: error }, 'the stop could not be recorded'));
  };
  const brake = await openKeptBrake({
    records: records.brake,
    report: reportStop,
    failed: (error) => log.error({ err: error }, 'the stop could not be kept for the next start'),
    changed: () => records.revocation.bump(),
  });
  const opened = await openPolicies({ keys: settings.keys, records, brake, clock, log });
  const { policies: decisionPoint, narrowed } = opened;
  const devices = metrics.observeDevices(openDevices({ ...records, clock, log, allowSnmp2c: settings.allowSnmp2c }));
  const telemetry = await openTelemetry(
    records.inventory,
    records.events,
    clock,
    (error, lost) => log.error({ err: error, lost }, 'received events could not be stored'),
    settings.listens ? devices : undefined,
    settings.collectors,
  );
  const programs = createPrograms();
  const upstream = await openFederation({
    programs,
    ...{ servers: settings.upstream, pins: records.upstreamPins, audit: records.audit, clock, fetch },
    deadline: (ms) => AbortSignal.timeout(ms),
    ownTools: TOOLS.map(({ name }) => name),
  });
  const risk = createRiskLedger(records.standing, clock);
  const shared = {
    ...records,
    clock,
    ids,
    log,
    devices,
    wait: async (ms: number) => {
      await pause(ms);
    },
    pager: createPager({ audit: records.audit, clock, log }),
    notifies: records.notices.channels.has,
    tenantModels: settings.tenantModels,
    running: readRunning,
    hostKeyOf: async (tenant: string, device: string) =>
      (await records.inventory.endpoint(tenant, device)).netconf?.hostKey ?? '',
    networkSpeed: settings.networkSpeed,
    announce: (intent: string, tenant: string, step: Parameters<typeof feed.publish>[0]['step']) =>
      feed.publish({ tenant, intent, step }),
  };
  // The desk needs to know who people are, and the key desk of identity the keys of the policies.
  const policyKeys: RotatableKeys = {
    list: opened.listKeys,
    rotate: () => policyDesk.rotateKeys().then(() => narrowingDesk.resign()),
  };
  const { isSuspended } = risk;
  const identity = await openIdentity({ settings, records, clock, log, ask, policyKeys, isSuspended });
  const rolesNow: BrokerDeps['rolesNow'] = async (human, tenant) =>
    actIn(await identity.users.find(human), tenant)?.roles;
  const demanded =
    settings.secondFactor === 'always'
      ? { isEnrolled: async (): Promise<boolean> => true }
      : anyFactor(records.factors, records.passkeys);
  const demandFactor = (subject: Subject): Promise<void> => demandSecondFactor(demanded, subject, clock.now());
  const policyDesk: PolicyDesk = opened.createDesk({ rolesNow, factors: demanded, serial: createSerial() });
  const whatIf = opened.createWhatIf(records);
  const narrowingDesk: NarrowingDesk = opened.openNarrowings({
    ...{ rolesNow, serial: createSerial() },
    async demandSecondFactor(subject) {
      if (risk.isSuspended(subject.tenant, subject.human)) throw new WayleaveError('SUSPENDED');
      await demandFactor(subject);
    },
  });
  await records.audit.append({
    at: new Date(clock.now()).toISOString(),
    tenant: '-',
    kind: 'start',
    content: {
      policyRevision: decisionPoint.revision(),
      agents: identity.agents.launched().map(({ agent, digest }) => ({ agent, digest })),
    },
  });
  const follow = followOthers({
    epoch: records.revocation,
    reloads: [
      records.quarantine.reload,
      brake.reload,
      identity.agents.reload,
      records.followLog,
      records.untrusted.reload,
      decisionPoint.refresh,
      narrowed.refresh,
    ],
  });
  const recovered = [...(await closeInterrupted(shared)), ...(await recoverTransactions(shared))];
  const unfit = decisionPoint.problem();
  if (unfit !== undefined) log.error({ why: unfit }, 'changes are stopped by the state of the policies');

  const workerDesk = createWorkerDesk({ ...records, clock });
  const server = await startHttpServer({
    host: '127.0.0.1',
    ...settings.door,
    port: settings.port,
    ...(settings.mutual === undefined ? {} : { mutual: settings.mutual }),
    browsers: true,
    createApp: async (url, browserUrl) => {
      const opened = await identity.open(url, browserUrl);
      const { authenticate, authorizationServer, login, identityDesk, verifyWorker } = opened;
      const called = createBroker({
        ...shared,
        authenticate,
        refusals: identity.refusals,
        whyNoLonger: identity.whyNoLonger,
        followOthers: follow,
        brake,
        tools: TOOLS,
        upstream,
        decisionPoint: narrowed,
        limits: createLimits({ clock, standing: records.standing }),
        shed: createShed({ lagMs: watchLag() }),
        ...(settings.approvalSeconds === undefined ? {} : { approvalLifeMs: settings.approvalSeconds * 1000 }),
        ...{ claimedTenant, risk, rolesNow },
        observe: { inventory: records.inventory, devices },
        invariants,
        records: createRecords({ ...shared, clock, ids, upstream, eventFeed: telemetry.feed }),
      });
      const broker = metrics.observeBroker(
        called,
        (domain, tool) => TOOLS.find((one) => one.domain === domain && one.name === tool)?.effect ?? 'unknown',
      );
      const deps: BrokerAppDeps = {
        url,
        ...(browserUrl === undefined ? {} : { browserUrl }),
        authorizationServer,
        login,
        identityDesk,
        narrowingDesk,
        scheduleDesk: createScheduleDesk({ ...records, clock, ids }),
        workerDesk,
        importDesk: createImportDesk({ ...records, clock, demandSecondFactor: demandFactor }),
        hookDesk: createHookDesk({ ...records, clock, ids, demandSecondFactor: demandFactor }),
        reception: createReception({ ...records, clock, ids }),
        verifyWorker,
        authenticate,
        broker,
        controlDesk: createDesk({
          ...shared,
          demandSecondFactor: demandFactor,
          rolesNow,
          tools: TOOLS,
          upstream,
          decisionPoint: narrowed,
          telemetry: telemetry.counts,
          brake,
          policies: decisionPoint,
          ...{ policyDesk, whatIf, feed, risk },
          perApproval: createSerial(),
        }),
        upstreamDesk: createUpstreamDesk({
          ...{ federation: upstream, audit: records.audit, clock },
          demandSecondFactor: demandFactor,
        }),
        sessions: records.sessions,
        ids,
        clock,
        refusals: identity.refusals,
        whyNotReady: decisionPoint.problem,
        console: { files: consoleFiles, agentsUrl: () => agentsUrl },
        log,
      };
      return withOperations(tracing.serve(createBrokerApp(deps)), { registry, token: settings.metricsToken });
    },
  });
  metrics.watch({
    entries: () => records.audit.size(),
    pendingApprovals: async () => (await records.approvals.pending()).length,
    isStopped: () => brake.reason() !== undefined,
    telemetry: telemetry.counts,
  });
  const duties = startDuties({ shared, records, identity, decisionPoint, narrowed, upstream, workerDesk, follow, log });
  return {
    update: async (value) => {
      const update = brokerUpdate.parse(value);
      if ('agentsUrl' in update) ({ agentsUrl } = update);
      else identity.update(update);
    },
    ready: {
      ...(server.mutualUrl === undefined ? {} : { mutualUrl: server.mutualUrl }),
      url: server.url,
      policyRevision: decisionPoint.revision(),
      collectors: telemetry.addresses,
      recovered,
    },
    stop: async () => {
      duties.stop();
      await server.close();
      programs.close();
      await identity.close();
      await telemetry.close();
      await devices.close();
      await narrowed.close();
      await decisionPoint.close();
      await records.close();
      await tracing.close();
    },
  };
}
