/** Wires the policies in force: their keys and their mark beside the broker's keys, what was shipped, and the referee. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { RotatableKeys } from '../../broker/identity/key-desk.ts';
import { type Brake, createBrake } from '../../broker/policy/brake.ts';
import { DEFAULT_POLICIES } from '../../broker/policy/load-policies.ts';
import { startReferee } from '../../broker/policy/referee/client.ts';
import { spawnReferee, systemTimers } from '../../broker/policy/referee/spawn-referee.ts';
import { buildSchema } from '../../broker/policy/schema.ts';
import { type ActivePolicies, openActivePolicies } from '../../broker/policy-bundles/active-policies.ts';
import { admitBundle } from '../../broker/policy-bundles/admit-bundle.ts';
import { type Bundle, packBundle, rulesForm } from '../../broker/policy-bundles/bundle.ts';
import { bundleKeyFile, newBundleKeyFile, openBundleKeys } from '../../broker/policy-bundles/bundle-keys.ts';
import { loadBundleFiles } from '../../broker/policy-bundles/load-bundle.ts';
import { type NarrowedPolicies, openNarrowedPolicies } from '../../broker/policy-bundles/narrowed-policies.ts';
import { type NarrowingMarks, narrowingMarks } from '../../broker/policy-bundles/narrowing.ts';
import {
  createNarrowingDesk,
  type NarrowingDesk,
  type NarrowingDeskDeps,
} from '../../broker/policy-bundles/narrowing-desk.ts';
import { createPolicyDesk, type PolicyDesk, type PolicyDeskDeps } from '../../broker/policy-bundles/policy-desk.ts';
import { type Mark, markForm } from '../../broker/policy-bundles/policy-store.ts';
import { createWhatIf, type WhatIf, type WhatIfDeps } from '../../broker/policy-bundles/what-if.ts';
import type { Clock, DecisionPoint } from '../../broker/ports.ts';
import { replaceDurably } from '../../storage/durable-files.ts';
import { TOOLS } from '../../tools/registry.ts';
import { readOrCreate } from '../home.ts';
import type { Records } from './broker-records.ts';
import { randomIds as ids } from './ids.ts';

export interface PolicyDeps {
  /** Folder of the broker's keys. */
  readonly keys: string;
  readonly records: Records;
  readonly brake: Brake;
  readonly clock: Clock;
  readonly log: { error(fields: { readonly [key: string]: unknown }, message: string): void };
}

export interface OpenPolicies {
  readonly policies: ActivePolicies;
  /** What decides: those, and what tenants forbid beyond them. */
  readonly narrowed: NarrowedPolicies;
  readonly openNarrowings: (
    more: Pick<NarrowingDeskDeps, 'rolesNow' | 'demandSecondFactor' | 'serial'>,
  ) => NarrowingDesk;
  readonly createDesk: (more: Pick<PolicyDeskDeps, 'rolesNow' | 'factors' | 'serial'>) => PolicyDesk;
  readonly listKeys: RotatableKeys['list'];
  readonly createWhatIf: (more: Pick<WhatIfDeps, 'inventory' | 'windows'>) => WhatIf;
}

export async function openPolicies({ keys: folder, records, brake, clock, log }: PolicyDeps): Promise<OpenPolicies> {
  const file = path.join(folder, 'policy-keys.json');
  const keys = openBundleKeys({
    load: () => bundleKeyFile.parse(readOrCreate(file, newBundleKeyFile)),
    save: (stored) => replaceDurably(file, JSON.stringify(stored, null, 2)),
  });
  const deps = {
    ...{ keys, brake, clock, ids, tools: TOOLS, audit: records.audit, store: records.policies },
    mark: openMark(path.join(folder, 'policy-mark.json')),
    startReferee: startOwnReferee,
    shipped: readShipped,
    alarm: (why: string) =>
      log.error({ why, todo: 'wayleave policy status' }, 'THE STORED POLICIES DO NOT HOLD; changes are stopped'),
  };
  const policies = await openActivePolicies(deps);
  const narrowing = {
    ...{ ...deps, policies, records: records.narrowings },
    marks: openMarks(path.join(folder, 'policy-narrowings.json')),
    alarm: (tenant: string, why: string) =>
      log.error(
        { tenant, why, todo: 'wayleave policy narrowing' },
        "A TENANT'S OWN POLICIES DO NOT HOLD; it may do nothing",
      ),
  };
  const narrowed = await openNarrowedPolicies(narrowing);
  return {
    policies,
    narrowed,
    openNarrowings: (more) => createNarrowingDesk({ ...narrowing, ...more, narrowed }),
    createDesk: (more) => createPolicyDesk({ ...deps, ...more, policies }),
    createWhatIf: (more) => createWhatIf({ ...deps, ...more, policies, narrowed }),
    listKeys: async () => keys.list().map(({ id, status }) => ({ id, of: 'bundles of policies', status })),
  };
}

/** What Wayleave comes with, to play under: without keys, store and people. */
export const openShippedPolicies = async (): Promise<DecisionPoint> =>
  admitBundle({ tools: TOOLS, startReferee: startOwnReferee }, await readShipped(), createBrake(), 'ran');

const startOwnReferee = () => startReferee({ spawn: spawnReferee, timers: systemTimers });

async function readShipped(): Promise<Bundle> {
  return packBundle(await loadBundleFiles(DEFAULT_POLICIES), rulesForm.parse({}), buildSchema(TOOLS));
}

const openMarks = (file: string): NarrowingMarks => ({
  read: () => (existsSync(file) ? narrowingMarks.parse(JSON.parse(readFileSync(file, 'utf8'))) : {}),
  write: (marks) => replaceDurably(file, JSON.stringify(marks)),
});

const openMark = (file: string): Mark => ({
  read: () => (existsSync(file) ? markForm.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined),
  write: (mark) => replaceDurably(file, JSON.stringify(mark)),
});
