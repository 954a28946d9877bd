/** What people do about identity, their own and that of others: second factors, agents, people, keys. */
import type { Subject } from '../contract.ts';
import type { AgentReport, AgentVersion } from '../identity/agent-registry.ts';
import type { KeyReport } from '../identity/key-desk.ts';
import type { PersonReport } from '../identity/people-desk.ts';

/** Every method takes an authenticated human, never an agent, and answers within their tenant and roles. All throw `WayleaveError`. */
export interface IdentityDesk {
  whoami(subject: Subject): Promise<WhoAmI>;
  /** A secret for an authenticator app; it counts once `confirmFactor` saw its first code. */
  beginFactor(subject: Subject): Promise<{ readonly secret: string; readonly uri: string }>;
  confirmFactor(subject: Subject, code: string): Promise<void>;
  /** A second factor for this login, good for `seconds`. */
  stepUp(subject: Subject, code: string): Promise<{ readonly seconds: number }>;
  agents(subject: Subject): Promise<readonly AgentReport[]>;
  approveAgent(subject: Subject, agent: string, digest: string, reason: string): Promise<AgentVersion>;
  stopAgent(subject: Subject, agent: string, reason: string): Promise<AgentVersion>;
  people(subject: Subject): Promise<readonly PersonReport[]>;
  setPerson(subject: Subject, human: string, change: PersonChange): Promise<PersonReport>;
  keys(subject: Subject): Promise<readonly KeyReport[]>;
  rotateKey(subject: Subject, kind: string): Promise<readonly KeyReport[]>;
}

export interface WhoAmI {
  readonly human: string;
  readonly tenant: string;
  readonly roles: readonly string[];
  readonly session: string;
  readonly secondFactor: 'none' | 'enrolled' | 'fresh';
  readonly steppedUpAt?: string;
}

/** Suspend or restore a person, or give them exactly these roles. */
export interface PersonChange {
  readonly disabled?: boolean;
  readonly roles?: readonly string[];
}
