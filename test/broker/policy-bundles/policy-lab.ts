/** The life cycle of policies over stores in memory, with the real referee: reopened, it is a broker that starts anew. */
import { generateKeyPairSync } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { createAuditLog } from '../../../broker/audit/log.ts';
import { createMemoryAuditStore } from '../../../broker/audit/memory-store.ts';
import type { Role, Subject } from '../../../broker/contract.ts';
import { createSerial } from '../../../broker/execution/serial.ts';
import { createMemoryRecords } from '../../../broker/identity/keyed-records.ts';
import { createBrake } from '../../../broker/policy/brake.ts';
import { type Closures, compileClosures } from '../../../broker/policy/closures.ts';
import { type Referee, startReferee } from '../../../broker/policy/referee/client.ts';
import type { PolicyFile } from '../../../broker/policy/referee/messages.ts';
import { spawnReferee, systemTimers } from '../../../broker/policy/referee/spawn-referee.ts';
import { buildSchema } from '../../../broker/policy/schema.ts';
import { type ActivePoliciesDeps, openActivePolicies } from '../../../broker/policy-bundles/active-policies.ts';
import { packBundle, rulesForm } from '../../../broker/policy-bundles/bundle.ts';
import { type BundleKeyFile, newBundleKeyFile, openBundleKeys } from '../../../broker/policy-bundles/bundle-keys.ts';
import { loadBundleFiles } from '../../../broker/policy-bundles/load-bundle.ts';
import { createPolicyDesk } from '../../../broker/policy-bundles/policy-desk.ts';
import type { ActivationRecord, BundleRecord, MarkedActivation } from '../../../broker/policy-bundles/policy-store.ts';
import type { DecisionRequest } from '../../../broker/ports.ts';
import { TOOLS } from '../../../tools/registry.ts';

/** Two tools, and the least of policies for them: whatever is shown here holds for more of both. */
export const LAB_TOOLS = TOOLS.filter(({ name }) => name === 'bgp.read' || name === 'bgp.set-local-as');
const SMALL = fileURLToPath(new URL('./small/', import.meta.url));

export const ADMIN = person('provider@acme', ['provider-admin']);
export const DEPUTY = person('steward@globex', ['provider-admin']);

export function person(human: string, roles: readonly Role[], more: Partial<Subject> = {}): Subject {
  return { human, roles, tenant: human.split('@')[1] ?? '', session: `ses_${human}`, chain: [human], ...more };
}

/** A read and a change by an operator of acme, for an open incident. */
export function ask(tool: string, more: Partial<DecisionRequest> = {}): DecisionRequest {
  const found = LAB_TOOLS.find(({ name }) => name === tool);
  if (found === undefined) throw new Error(`no tool ${tool}`);
  return {
    subject: person('operator@acme', ['tenant-operator']),
    tool: { name: found.name, domain: found.domain, effect: found.effect },
    tenant: 'acme',
    targets: [{ device: 'br2_edge', role: 'edge', site: 'br2' }],
    input: tool === 'bgp.set-local-as' ? { localAs: 65002 } : {},
    purpose: { id: 'inc_1', kind: 'incident', open: true },
    now: Date.parse('2026-01-01T12:00:00Z'),
    risk: 0,
    ...more,
  };
}

/** Cedar parses and validates in one process for all; that it decides as the closures do is shown elsewhere. */
function assistant(parser: Referee): Referee {
  let closures: Closures | undefined;
  return {
    async activate(bundle) {
      const activated = await parser.activate(bundle);
      if (!activated.ok) return activated;
      const deciding = activated.policies.filter(({ id }) => bundle.observe?.includes(id) !== true);
      closures = compileClosures(deciding, bundle.schema);
      return activated;
    },
    decide: async (questions) => {
      const decide = closures;
      if (decide === undefined) return { ok: false, errors: ['nothing active'] };
      return { ok: true, answers: questions.map((question) => decide(question)) };
    },
    close: async () => undefined,
  };
}

export async function createPolicyLab() {
  let time = Date.parse('2026-01-01T12:00:00Z');
  const clock = { now: () => (time += 1000) };
  let lastId = 0;
  const ids = { id: (prefix: string) => `${prefix}_${String(++lastId).padStart(4, '0')}` };
  const audit = await createAuditLog({
    store: createMemoryAuditStore(),
    signer: { name: 'wayleave/test', key: generateKeyPairSync('ed25519').privateKey },
    clock,
  });
  const store = {
    bundles: createMemoryRecords<BundleRecord>(),
    active: createMemoryRecords<ActivationRecord>(),
  };
  let keyFile: BundleKeyFile = newBundleKeyFile();
  const keys = openBundleKeys({
    load: () => keyFile,
    save: (file) => {
      keyFile = file;
    },
  });
  let marked: MarkedActivation | undefined;
  const mark_ = (mark: MarkedActivation | undefined): void => {
    marked = mark;
  };
  const parser = startReferee({ spawn: spawnReferee, timers: systemTimers, activateWithin: 60_000 });
  const roles = new Map<string, readonly Role[]>([
    [ADMIN.human, ADMIN.roles],
    [DEPUTY.human, DEPUTY.roles],
  ]);
  const alarms: string[] = [];
  const shippedFiles = await loadBundleFiles(SMALL);
  const brake = createBrake();
  const deps: ActivePoliciesDeps = {
    ...{ clock, ids, audit, store, keys, brake, tools: LAB_TOOLS },
    mark: { read: () => marked, write: (mark) => mark_(mark) },
    startReferee: () => assistant(parser),
    shipped: async () => packBundle(shippedFiles, rulesForm.parse({}), buildSchema(LAB_TOOLS)),
    alarm: (why) => void alarms.push(why),
  };
  const open = async (more: Partial<ActivePoliciesDeps> = {}) => {
    const all = { ...deps, ...more };
    const policies = await openActivePolicies(all);
    const desk = createPolicyDesk({
      ...all,
      ...{ policies, serial: createSerial(), factors: { isEnrolled: async () => false } },
      rolesNow: async (human) => roles.get(human),
    });
    return { policies, desk };
  };
  return {
    close: () => parser.close(),
    ...{ alarms, audit, brake, clock, deps, keys, open, roles, shippedFiles, store },
    mark: { get: () => marked, set: mark_ },
    /** The shipped files with one of them changed. */
    edited: (name: string, edit: (text: string) => string): readonly PolicyFile[] =>
      shippedFiles.map((file) => (file.name === name ? { name, text: edit(file.text) } : file)),
    kinds: async () => (await audit.entries(0, 1000)).map(({ kind }) => kind),
  };
}
export type PolicyLab = Awaited<ReturnType<typeof createPolicyLab>>;
export type OpenedLab = Awaited<ReturnType<PolicyLab['open']>>;

/** Shipped policies by which one change touches at most so many devices. */
export const limitedTo = (devices: number, from: PolicyLab): readonly PolicyFile[] =>
  from.shippedFiles.map(({ name, text }) => ({
    name,
    text: text.replaceAll('limit 20 devices', `limit ${devices} devices`),
  }));
/** How many devices one change may touch now. */
export const limitOf = async ({ policies }: Pick<OpenedLab, 'policies'>): Promise<unknown> =>
  (await policies.decide(ask('bgp.set-local-as'))).obligations.find(({ kind }) => kind === 'limit');

/** Signs, proposes by the administrator, and activates by the deputy. */
export async function bring(
  { desk }: Pick<OpenedLab, 'desk'>,
  files: readonly PolicyFile[],
  rules: unknown = {},
): Promise<string> {
  const { signed } = await desk.sign(ADMIN, files, rulesForm.parse(rules));
  const { id } = await desk.propose(ADMIN, signed, 'needed');
  await desk.activate(DEPUTY, id, 'read it');
  return id;
}
