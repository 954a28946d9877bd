/** A just-in-time grant: one use case that somebody with the right to it lets another person do, for a while. */
import { z } from 'zod';
import { AGENTS, type AgentName } from '../contract.ts';
import type { KeyedRecords } from '../identity/keyed-records.ts';

/** Longest life of a grant: a working day with its night. */
export const LONGEST_GRANT_MS = 24 * 3_600_000;

export const grantForm = z.strictObject({
  id: z.string().regex(/^grn_[a-z0-9]{1,64}$/),
  tenant: z.string(),
  /** Who may do it. */
  human: z.string(),
  /** Set when it is for this agent on that person's behalf, and for nobody else; absent: the person without an agent. */
  agent: z.enum(AGENTS).optional(),
  /** Exact names of tools. */
  tools: z.array(z.string()).min(1).max(20),
  /** Exact names of devices, never empty; tools without targets need none of them. */
  devices: z.array(z.string()).min(1).max(100),
  reason: z.string().min(1).max(500),
  grantedBy: z.string(),
  from: z.string(),
  until: z.string(),
  revokedAt: z.string().optional(),
  revokedBy: z.string().optional(),
});
export type Grant = Readonly<z.infer<typeof grantForm>>;

/** What a grant is asked about. */
export interface GrantedUse {
  readonly tenant: string;
  readonly human: string;
  readonly agent?: AgentName;
  readonly tool: string;
  /** Undefined: any of its devices (for listing). */
  readonly devices?: readonly string[];
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Whether the grant stands now; its end needs nobody to carry it out. */
export const stands = (grant: Grant, now: number): boolean =>
  grant.revokedAt === undefined && Date.parse(grant.from) <= now && now < Date.parse(grant.until);

/** Whether the grant is for exactly this use, now. */
export const covers = (grant: Grant, use: GrantedUse): boolean =>
  grant.tenant === use.tenant &&
  grant.human === use.human &&
  grant.agent === use.agent &&
  grant.tools.includes(use.tool) &&
  (use.devices?.every((device) => grant.devices.includes(device)) ?? true) &&
  stands(grant, use.now);

export interface Grants {
  /** All of the tenant, also those that ended, the latest first. */
  list(tenant: string): Promise<readonly Grant[]>;
  /** Those that are for this use now. */
  find(use: GrantedUse): Promise<readonly Grant[]>;
  get(tenant: string, id: string): Promise<Grant | undefined>;
  put(grant: Grant): Promise<void>;
  /** Ends it; undefined when there is none. An end is final. */
  end(tenant: string, id: string, at: string, by: string): Promise<Grant | undefined>;
}

/** Read at each decision that would deny, so that an end works at the next call on every broker. */
export function createGrants(records: KeyedRecords<Grant>): Grants {
  const of = async (tenant: string): Promise<readonly Grant[]> =>
    (await records.list()).filter((one) => one.tenant === tenant);
  const get = async (tenant: string, id: string): Promise<Grant | undefined> => {
    const found = await records.get(id);
    return found?.tenant === tenant ? found : undefined;
  };
  return {
    get,
    list: async (tenant) => (await of(tenant)).toSorted((a, b) => (a.from < b.from ? 1 : -1)),
    find: async (use) => (await of(use.tenant)).filter((grant) => covers(grant, use)),
    put: async (grant) => void (await records.update(grant.id, (before) => before ?? grant)),
    async end(tenant, id, at, by) {
      if ((await get(tenant, id)) === undefined) return undefined;
      return records.update(id, (before) => {
        if (before === undefined) throw new Error('the grant is gone');
        return before.revokedAt === undefined ? { ...before, revokedAt: at, revokedBy: by } : before;
      });
    },
  };
}
