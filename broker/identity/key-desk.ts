/** The keys that people can look at and rotate while everything runs: those that sign tokens, policies and the log, those of the agents, and the vault's. */
import type { Role, Subject } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import type { AuditLog, Clock } from '../ports.ts';

export const KEY_KINDS = ['tokens', 'agents', 'policy', 'vault', 'audit'] as const;
export type KeyKind = (typeof KEY_KINDS)[number];

/** One key as people see it: never the key, only its name. */
export interface KeyReport {
  readonly kind: KeyKind;
  /** Thumbprint (RFC 7638), or the first bytes of a digest for a symmetric key. */
  readonly id: string;
  /** What it is for, e.g. the name of the agent. */
  readonly of: string;
  readonly status: string;
}

/** One kind of key. `rotate` answers once the new key is in force everywhere and the old one is on its way out. */
export interface RotatableKeys {
  list(): Promise<readonly Omit<KeyReport, 'kind'>[]>;
  rotate(): Promise<void>;
}

export interface KeyDeskDeps {
  readonly keys: { readonly [Kind in KeyKind]: RotatableKeys };
  readonly audit: Pick<AuditLog, 'append'>;
  readonly clock: Clock;
}

const KEEPERS: readonly Role[] = ['provider-admin', 'tenant-admin', 'security-analyst'];

export async function listKeys(deps: KeyDeskDeps, subject: Subject): Promise<readonly KeyReport[]> {
  demandKeeper(subject);
  const lists = KEY_KINDS.map(async (kind) => (await deps.keys[kind].list()).map((one) => ({ kind, ...one })));
  return (await Promise.all(lists)).flat();
}

/** In the log before it begins and when it is done: a rotation that a crash cut off is then seen. */
export async function rotateKeys(deps: KeyDeskDeps, subject: Subject, name: string): Promise<readonly KeyReport[]> {
  demandKeeper(subject);
  const kind = KEY_KINDS.find((one) => one === name);
  if (kind === undefined)
    throw new WayleaveError('USAGE', `There is no such kind of key. There are: ${KEY_KINDS.join(', ')}.`);
  await record(deps, subject, kind, 'begun');
  await deps.keys[kind].rotate();
  await record(deps, subject, kind, 'done');
  return listKeys(deps, subject);
}

async function record(deps: KeyDeskDeps, subject: Subject, kind: KeyKind, state: string): Promise<void> {
  const { tenant, human, session } = subject;
  const keys = (await deps.keys[kind].list()).map(({ id, of, status }) => ({ id, of, status }));
  const at = new Date(deps.clock.now()).toISOString();
  await deps.audit.append({ at, tenant, kind: 'key.rotated', human, session, content: { kind, state, keys } });
}

function demandKeeper(subject: Subject): void {
  if (!subject.roles.some((role) => KEEPERS.includes(role)))
    throw new WayleaveError('DENIED', `This needs one of the roles ${KEEPERS.join(', ')}.`);
}
