/**
 * Opens what the broker remembers: database, stores, credential vault and audit log.
 * Over 300 lines because it names every store once, in the order in which they open and close.
 */
import { type KeyObject, randomInt } from 'node:crypto';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createFilePort } from '../../broker/audit/file-port.ts';
import { createFileAuditStore } from '../../broker/audit/file-store.ts';
import { LOG_NAME, openKeyFile, openLaterKeys } from '../../broker/audit/keys.ts';
import { createAuditLog, type WitnessedAuditLog } from '../../broker/audit/log.ts';
import { createSqlAuditStore } from '../../broker/audit/sql-store.ts';
import type { AuditStore } from '../../broker/audit/store.ts';
import { createWitnessClient } from '../../broker/audit/witness/client.ts';
import type { Containments } from '../../broker/containment/containment.ts';
import { sha256 } from '../../broker/digest.ts';
import { createLeases } from '../../broker/execution/leases.ts';
import { createSerial, type Serial } from '../../broker/execution/serial.ts';
import { type BreakGlasses, breakGlassForm, createBreakGlasses } from '../../broker/grants/break-glass.ts';
import { createGrants, type Grants, grantForm } from '../../broker/grants/grant.ts';
import { type AgentVersion, agentVersion } from '../../broker/identity/agent-registry.ts';
import { type ExternalPerson, externalPerson } from '../../broker/identity/external-people.ts';
import { createKeptArtefacts, type KeptArtefacts } from '../../broker/identity/kept-artefacts.ts';
import type { RotatableKeys } from '../../broker/identity/key-desk.ts';
import { createSqlRecords, type KeyedRecords } from '../../broker/identity/keyed-records.ts';
import { createPasskeyStore, type PasskeyStore, passkeyRecord } from '../../broker/identity/passkey-store.ts';
import { createMemoryRevocation, createSqlRevocation, type Revocation } from '../../broker/identity/revocation.ts';
import { createSchedules, type Schedules, schedule } from '../../broker/identity/schedules.ts';
import { createSecondFactors, type SecondFactors, secondFactor } from '../../broker/identity/second-factors.ts';
import { createSessionCache } from '../../broker/identity/session-cache.ts';
import { createSqlSingleUse, type SqlSingleUse } from '../../broker/identity/sql-single-use.ts';
import { addMasterKey, dropEarlierKeys, nameMasterKey, openMasterKeys } from '../../broker/inventory/master-key.ts';
import { type OpenQuarantine, openQuarantine } from '../../broker/inventory/quarantine.ts';
import { createSqlCertificates } from '../../broker/inventory/sql-certificates.ts';
import { createSqlInventory, type VaultInventory } from '../../broker/inventory/sql-inventory.ts';
import { openSecret, openWithOne, rewrapSecret, sealSecret } from '../../broker/inventory/vault.ts';
import { type NarrowingRecord, narrowingRecord } from '../../broker/policy-bundles/narrowing.ts';
import { activationRecord, bundleRecord, type PolicyStore } from '../../broker/policy-bundles/policy-store.ts';
import type { Approvals, Clock, EvidenceStore, Incidents, Journal, Sessions } from '../../broker/ports.ts';
import { followLog } from '../../broker/risk/follow-log.ts';
import type { Standing } from '../../broker/risk/standing.ts';
import { createRuns, openRuns, type Runs, runsOfSchedule } from '../../broker/schedules/runs.ts';
import { createWorkers, heardWorkers, type Workers } from '../../broker/schedules/workers.ts';
import type { Certificates } from '../../broker/standing.ts';
import { type BrakeRecord, brakeRecord } from '../../broker/stores/kept-brake.ts';
import { createSqlApprovals } from '../../broker/stores/sql-approvals.ts';
import { createSqlContainments } from '../../broker/stores/sql-containments.ts';
import { createSqlEvents } from '../../broker/stores/sql-events.ts';
import { createSqlEvidence } from '../../broker/stores/sql-evidence.ts';
import { createSqlHistory } from '../../broker/stores/sql-history.ts';
import { createSqlIncidents } from '../../broker/stores/sql-incidents.ts';
import { createSqlJournal } from '../../broker/stores/sql-journal.ts';
import { openSqlLeases } from '../../broker/stores/sql-leases.ts';
import { createSqlOutbox } from '../../broker/stores/sql-outbox.ts';
import { createSqlQuarantine } from '../../broker/stores/sql-quarantine.ts';
import { createSqlSessions } from '../../broker/stores/sql-sessions.ts';
import { createSqlStanding } from '../../broker/stores/sql-standing.ts';
import { createUntrustedTexts, placeTexts, type UntrustedTexts } from '../../broker/taint/untrusted-texts.ts';
import { gatherReadings } from '../../broker/telemetry/gather-readings.ts';
import { type History, parseRetention } from '../../broker/telemetry/history.ts';
import type { Events } from '../../broker/telemetry/received-event.ts';
import { ringStates } from '../../broker/telemetry/ring-states.ts';
import { type ServerPins, serverPins } from '../../broker/upstream/pins.ts';
import { type Hooks, hook } from '../../broker/webhooks/hook.ts';
import { type ChangeWindows, changeWindow } from '../../broker/windows/change-window.ts';
import { systemTimers } from '../../protocols/netconf/timers.ts';
import { PROOF_RETENTION_MS } from '../../protocols/oauth/verify-credential.ts';
import { type FolderLock, lockFolder } from '../../storage/folder-lock.ts';
import { migrate } from '../../storage/migrate.ts';
import { openDatabase } from '../../storage/open-database.ts';
import { startAnchor } from './audit-anchor.ts';
import { BROKER_MIGRATIONS } from './broker-migrations.ts';
import type { BrokerSettings } from './broker-settings.ts';
import { type OpenNotices, openNotices } from './notices.ts';
import { repeat } from './repeat.ts';

/** Under which second factors are sealed, where a device's credentials have their tenant: no tenant has such a name. */
const SECOND_FACTOR = '!second-factor';
const PASSKEYS = '!passkeys';
const WEBHOOKS = '!webhooks';

/** Between two times at which telemetry is summarised, and what is too old dropped. */
const TEND_MS = 300_000;

export interface Records {
  readonly journal: Journal;
  /** Turns at a device, across all brokers of the database. */
  readonly perDevice: Serial;
  readonly approvals: Approvals;
  readonly containments: Containments;
  readonly evidence: EvidenceStore;
  readonly incidents: Incidents;
  readonly events: Events;
  readonly history: History;
  readonly sessions: Sessions;
  readonly revocation: Revocation;
  /** What refreshes logins, sealed with a secret that lies outside the database. */
  readonly artefacts: (secret: KeyObject) => KeptArtefacts;
  readonly schedules: Schedules;
  readonly runs: Runs;
  readonly workers: Workers;
  readonly grants: Grants;
  readonly breakGlasses: BreakGlasses;
  readonly brake: KeyedRecords<BrakeRecord>;
  readonly policies: PolicyStore;
  readonly narrowings: KeyedRecords<NarrowingRecord>;
  readonly windows: ChangeWindows;
  readonly agentVersions: KeyedRecords<AgentVersion>;
  readonly factors: SecondFactors;
  readonly passkeys: PasskeyStore;
  readonly externalPeople: KeyedRecords<ExternalPerson>;
  /** Used proofs, when other brokers may share the database. */
  readonly proofs: SqlSingleUse | undefined;
  readonly vaultKeys: RotatableKeys;
  readonly inventory: VaultInventory;
  readonly certificates: Certificates;
  readonly quarantine: OpenQuarantine;
  /** What is appended to it is followed by the standing. */
  readonly audit: WitnessedAuditLog;
  readonly standing: Standing;
  /** Takes over what other brokers appended to the log. */
  readonly followLog: () => Promise<void>;
  readonly untrusted: UntrustedTexts;
  readonly notices: OpenNotices;
  readonly hooks: Hooks;
  /** Secrets of webhooks, sealed under the vault's key. */
  readonly sealSecret: (hook: string, secret: string) => string;
  readonly openSecret: (hook: string, sealed: string) => string;
  readonly upstreamPins: KeyedRecords<ServerPins>;
  close(): Promise<void>;
}

/** Throws `LOCKED`, `FOLDER_UNUSABLE`, `UNAVAILABLE` (database, witness), `AUDIT_BROKEN`. */
export async function openRecords(
  settings: BrokerSettings,
  clock: Clock,
  alarm: (what: string) => void,
  /** Told of a tenant whose circuits or tunnels stand otherwise. */
  ring: (tenant: string) => void = () => undefined,
): Promise<Records> {
  const { folder, keys, databaseUrl, databaseSchema } = settings;
  const database = await openDatabase(
    databaseUrl === ''
      ? { folder: path.join(folder, 'database'), migrations: BROKER_MIGRATIONS }
      : { url: databaseUrl, schema: databaseSchema },
  );
  let auditLock: FolderLock | undefined;
  let notices: OpenNotices | undefined;
  try {
    const { pool } = database;
    const openAuditStore = (): AuditStore => {
      if (databaseUrl !== '') return createSqlAuditStore(pool);
      const auditFolder = path.join(folder, 'audit');
      auditLock = lockFolder(auditFolder);
      return createFileAuditStore(createFilePort(auditFolder));
    };
    await migrate(pool, BROKER_MIGRATIONS);
    const vaultKeyFile = path.join(keys, 'vault.key');
    let masterKeys = openMasterKeys(vaultKeyFile);
    const inventory = createSqlInventory(pool, () => masterKeys);
    if (settings.inventory !== undefined) await inventory.importInventory(settings.inventory);
    const log = await createAuditLog({
      store: openAuditStore(),
      signer: { name: LOG_NAME, key: openKeyFile(path.join(keys, 'audit.key')) },
      laterKeys: openLaterKeys(keys, LOG_NAME),
      alarm,
      ...(settings.witness === undefined ? {} : { witness: createWitnessClient(settings.witness) }),
      clock,
    });
    const opened = await openNotices(settings, {
      ...{ audit: log, outbox: createSqlOutbox(pool), clock, alarm },
      log: sha256(log.keys().first).slice('sha256:'.length, 23),
    });
    notices = opened;
    const revocation = databaseUrl === '' ? createMemoryRevocation() : createSqlRevocation(pool, clock);
    await revocation.refresh();
    const { audit, standing, catchUp } = await followLog({
      audit: log,
      store: createSqlStanding(pool),
      onEntry: opened.collector.take,
      onTransition: ({ key, from, to, risk }) => {
        revocation.bump().catch(() => alarm(`other brokers were not told that ${key.human} is ${to} in ${key.tenant}`));
        if (to === 'suspended') alarm(`${key.human} is suspended in ${key.tenant} (risk ${risk.score}, was ${from})`);
      },
    });
    const anchoring = startAnchor(settings, audit, clock, alarm);
    const factors = createSqlRecords(pool, 'second-factor', secondFactor);
    const passkeys = createSqlRecords(pool, 'passkeys', passkeyRecord);
    const sealing = (kind: string) => ({
      seal: (human: string, plain: string) => sealSecret(masterKeys.current, kind, human, plain),
      open: (human: string, sealed: string) =>
        openWithOne([masterKeys.current, ...masterKeys.earlier], (key) => openSecret(key, kind, human, sealed)),
    });
    /** Seals what people have of one kind under the key that seals now. */
    const resealAll = async (
      kind: string,
      records: KeyedRecords<{ readonly human: string; readonly sealed: string }>,
    ): Promise<void> => {
      const { current, earlier } = masterKeys;
      for (const { human } of await records.list()) {
        await records.update(human, (before) => {
          if (before === undefined) throw new Error('a second factor went away');
          return { ...before, sealed: rewrapSecret([current, ...earlier], current, kind, human, before.sealed) };
        });
      }
    };
    const resealHooks = async (): Promise<void> => {
      const { current, earlier } = masterKeys;
      const reseal = (id: string, sealed: string): string =>
        rewrapSecret([current, ...earlier], current, WEBHOOKS, id, sealed);
      for (const { id } of await hooks.list())
        await hooks.update(id, (before) => {
          if (before === undefined) throw new Error('a webhook went away');
          return { ...before, secrets: before.secrets.map((one) => ({ ...one, sealed: reseal(id, one.sealed) })) };
        });
    };
    const schedules = createSqlRecords(pool, 'schedule', schedule);
    const hooks = createSqlRecords(pool, 'webhook', hook);
    const history = createSqlHistory(pool, clock, parseRetention(settings.telemetryDays));
    const rung = ringStates({ events: createSqlEvents(pool, undefined, history), history }, ring);
    const gathered = gatherReadings(createSqlEvidence(pool), rung.history, systemTimers, alarm);
    const tending = repeat(TEND_MS, () =>
      history.tend().catch(() => alarm('telemetry could not be summarised; it is tried again')),
    );
    const leases = await openSqlLeases(pool, { holder: randomInt(2 ** 31), alone: databaseUrl === '' });
    const { perDevice, held } = createLeases({ store: leases, serial: createSerial(), wait: pause, every: repeat });
    const quarantine = await openQuarantine({
      store: createSqlQuarantine(pool),
      clock,
      record: (entry) => audit.append(entry),
      changed: () => revocation.bump(),
    });
    return {
      grants: createGrants(createSqlRecords(pool, 'grant', grantForm)),
      brake: createSqlRecords(pool, 'brake', brakeRecord),
      windows: createSqlRecords(pool, 'change-window', changeWindow),
      policies: {
        bundles: createSqlRecords(pool, 'policy-bundle', bundleRecord),
        active: createSqlRecords(pool, 'policy-active', activationRecord),
      },
      narrowings: createSqlRecords(pool, 'policy-narrowing', narrowingRecord),
      breakGlasses: createBreakGlasses(createSqlRecords(pool, 'break-glass', breakGlassForm)),
      quarantine,
      certificates: createSqlCertificates(pool),
      journal: createSqlJournal(pool, held),
      perDevice,
      approvals: createSqlApprovals(pool),
      containments: createSqlContainments(pool),
      evidence: gathered.evidence,
      history,
      incidents: createSqlIncidents(pool),
      events: rung.events,
      sessions: createSessionCache(createSqlSessions(pool), revocation),
      revocation,
      artefacts: (secret) => createKeptArtefacts(pool, secret, () => clock.now()),
      schedules: createSchedules(schedules, revocation),
      runs: createRuns(
        createSqlRecords(pool, 'schedule-runs', runsOfSchedule),
        createSqlRecords(pool, 'schedule-open', openRuns),
        clock,
      ),
      workers: createWorkers(createSqlRecords(pool, 'workers', heardWorkers), clock),
      agentVersions: createSqlRecords(pool, 'agent-version', agentVersion),
      // One broker on its own database remembers used proofs in memory.
      proofs: databaseUrl === '' ? undefined : createSqlSingleUse(pool, PROOF_RETENTION_MS),
      externalPeople: createSqlRecords(pool, 'external-person', externalPerson),
      factors: createSecondFactors({
        factors,
        clock,
        ...sealing(SECOND_FACTOR),
      }),
      passkeys: createPasskeyStore({ records: passkeys, ...sealing(PASSKEYS) }),
      vaultKeys: {
        list: async () =>
          [masterKeys.current, ...masterKeys.earlier].map((key, at) => ({
            id: nameMasterKey(key),
            of: 'credentials and second factors',
            status: at === 0 ? 'seals' : 'opens',
          })),
        // The new key is in the file before anything is sealed under it, and the old one until nothing is any more.
        async rotate() {
          masterKeys = addMasterKey(vaultKeyFile);
          await inventory.rewrap();
          await resealAll(SECOND_FACTOR, factors);
          await resealAll(PASSKEYS, passkeys);
          await resealHooks();
          masterKeys = dropEarlierKeys(vaultKeyFile);
        },
      },
      inventory,
      audit,
      notices: opened,
      standing,
      hooks,
      sealSecret: sealing(WEBHOOKS).seal,
      openSecret: sealing(WEBHOOKS).open,
      upstreamPins: createSqlRecords(pool, 'upstream-pins', serverPins),
      followLog: async () => {
        await log.refresh();
        await catchUp();
      },
      untrusted: await createUntrustedTexts(createSqlRecords(pool, 'untrusted-text', placeTexts)),
      close: async () => {
        tending.stop();
        await gathered.close();
        await catchUp();
        await opened.close();
        await audit.close();
        await anchoring.close();
        await leases.close();
        auditLock?.release();
        await database.close();
      },
    };
  } catch (error) {
    await notices?.close().catch(() => undefined);
    auditLock?.release();
    await database.close();
    throw error;
  }
}
