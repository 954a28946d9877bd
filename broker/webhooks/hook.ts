/** Webhooks that a tenant takes in: who made each, its sealed secrets, what it may ask for, and which messages it has taken. */
import { z } from 'zod';
import type { KeyedRecords } from '../identity/keyed-records.ts';

export const hookId = z.string().regex(/^whk_[a-z0-9]{1,60}$/);

/** Letters, digits, dots and dashes: it stands in incidents as who opened them. */
export const hookName = z.string().regex(/^[\w.-]{1,40}$/, 'letters, digits, dots and dashes, at most 40');

export const hook = z.strictObject({
  id: hookId,
  tenant: z.string(),
  name: hookName,
  /** The person who made it. */
  owner: z.string(),
  createdAt: z.string(),
  /** Sealed; the newest first. The one before counts until `until`, so that a sender can be changed without a gap. */
  secrets: z.array(z.strictObject({ sealed: z.string(), madeAt: z.string(), until: z.string().optional() })).max(4),
  /** A schedule of the tenant that a firing alert asks to run: the diagnosis acts for its owner, and for it as the purpose. */
  schedule: z.string().optional(),
  revokedAt: z.string().optional(),
  lastAt: z.string().optional(),
  /** Ids of messages of the last minutes: each is taken once. */
  seen: z.array(z.strictObject({ id: z.string(), at: z.string() })),
});
export type Hook = Readonly<z.infer<typeof hook>>;

export type Hooks = KeyedRecords<Hook>;

/** What people see: no secret, sealed or not. */
export interface HookView {
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  readonly createdAt: string;
  readonly schedule?: string;
  readonly lastAt?: string;
  readonly revokedAt?: string;
  /** Until when the secret before the present one is taken, too. */
  readonly formerSecretUntil?: string;
}

export function viewHook({ id, name, owner, createdAt, schedule, lastAt, revokedAt, secrets }: Hook): HookView {
  const until = secrets[1]?.until;
  return {
    ...{ id, name, owner, createdAt },
    ...(schedule === undefined ? {} : { schedule }),
    ...(lastAt === undefined ? {} : { lastAt }),
    ...(revokedAt === undefined ? {} : { revokedAt }),
    ...(until === undefined ? {} : { formerSecretUntil: until }),
  };
}
