/** What people do about identity, their own and that of others: second factors, agents, people, keys. */
import type { Subject } from '../contract.ts';
import type { AgentReport, AgentVersion } from '../identity/agent-registry.ts';
import type { KeyReport } from '../identity/key-desk.ts';
import type { PasskeyOptions, PasskeyView } from '../identity/passkeys.ts';
import type { PersonReport } from '../identity/people-desk.ts';

/** Every method takes an authenticated human, never an agent, and answers within their tenant and roles. All throw `WayleaveError`. */
export interface IdentityDesk {
  whoami(subject: Subject): Promise<WhoAmI>;
  /** A ticket for a login in another tenant, good once with the authorization of that PKCE challenge. */
  switchTenant(subject: Subject, tenant: string, challenge: string): Promise<{ readonly ticket: string }>;
  /** A secret for an authenticator app; it counts once `confirmFactor` saw its first code. */
  beginFactor(subject: Subject): Promise<{ readonly secret: string; readonly uri: string }>;
  confirmFactor(subject: Subject, code: string): Promise<void>;
  /** A second factor for this login, good for `seconds`. */
  stepUp(subject: Subject, code: string): Promise<{ readonly seconds: number }>;
  /** Your own; who has a second factor shows it before one is added or removed. */
  passkeys(subject: Subject): Promise<{ readonly passkeys: readonly PasskeyView[] }>;
  beginPasskey(subject: Subject): Promise<PasskeyQuestion>;
  addPasskey(subject: Subject, name: string, response: unknown): Promise<PasskeyView>;
  removePasskey(subject: Subject, id: string): Promise<void>;
  beginPasskeyStepUp(subject: Subject): Promise<PasskeyQuestion>;
  stepUpByPasskey(subject: Subject, response: unknown): Promise<{ readonly seconds: number }>;
  agents(subject: Subject): Promise<readonly AgentReport[]>;
  approveAgent(subject: Subject, agent: string, digest: string, reason: string): Promise<AgentVersion>;
  stopAgent(subject: Subject, agent: string, reason: string): Promise<AgentVersion>;
  people(subject: Subject): Promise<readonly PersonReport[]>;
  setPerson(subject: Subject, human: string, change: PersonChange): Promise<PersonReport>;
  /** For who lost every second factor: forgets them, and ends their logins. */
  forgetFactors(subject: Subject, human: string): Promise<PersonReport>;
  keys(subject: Subject): Promise<readonly KeyReport[]>;
  rotateKey(subject: Subject, kind: string): Promise<readonly KeyReport[]>;
}

/** Options for `navigator.credentials`, and the page of the broker that asks for a command (`#` takes what it is to ask). */
export interface PasskeyQuestion {
  readonly options: PasskeyOptions;
  readonly page: string;
}

export interface WhoAmI {
  readonly human: string;
  readonly tenant: string;
  readonly roles: readonly string[];
  readonly session: string;
  readonly secondFactor: 'none' | 'enrolled' | 'fresh';
  readonly steppedUpAt?: string;
  /** Tenants that one may act in; more than one for people of the provider. */
  readonly tenants: readonly string[];
  /** The tenant that one is of, wherever one acts. */
  readonly home: string;
}

/** Suspend or restore a person, or give them exactly these roles. */
export interface PersonChange {
  readonly disabled?: boolean;
  readonly roles?: readonly string[];
}
