/** What people do with the webhooks that their tenant takes in: make one, look, give it another secret, revoke it. */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Role, Subject } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import type { Schedules } from '../identity/schedules.ts';
import type { AuditLog, Clock, Ids } from '../ports.ts';
import { type Hook, type Hooks, type HookView, hookName, viewHook } from './hook.ts';

export const wantedHook = z.strictObject({
  name: hookName,
  /** `sch_…` of the same tenant: run once when an alert opens an incident. */
  schedule: z
    .string()
    .regex(/^sch_[a-z0-9]{1,60}$/)
    .optional(),
});
export type WantedHook = Readonly<z.infer<typeof wantedHook>>;
export const rotation = z.strictObject({
  /** Hours for which the secret before is still taken. */
  overlapHours: z.int().min(0).max(168).default(24),
});

/** The only time at which the secret is told. */
export type NewSecret = HookView & { readonly secret: string };

export interface HookDesk {
  list(subject: Subject): Promise<readonly HookView[]>;
  /** The last three throw `DENIED` without a role for it, and what the second factor demands; a hook of others is `NOT_FOUND`. */
  add(subject: Subject, wanted: WantedHook): Promise<NewSecret>;
  rotate(subject: Subject, id: string, overlapHours: number): Promise<NewSecret>;
  revoke(subject: Subject, id: string): Promise<HookView>;
}

export interface HookDeskDeps {
  readonly hooks: Hooks;
  readonly schedules: Pick<Schedules, 'get'>;
  readonly sealSecret: (hook: string, secret: string) => string;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly demandSecondFactor: (subject: Subject) => Promise<void>;
  readonly clock: Clock;
  readonly ids: Ids;
}

const KEEPERS: readonly Role[] = ['provider-admin', 'tenant-admin'];
const MOST_HOOKS = 50;
const HOUR_MS = 3_600_000;

export function createHookDesk(deps: HookDeskDeps): HookDesk {
  const { hooks, clock } = deps;
  const now = (): string => new Date(clock.now()).toISOString();

  async function demandRight(subject: Subject): Promise<void> {
    if (!subject.roles.some((role) => KEEPERS.includes(role)))
      throw new WayleaveError('DENIED', 'Webhooks need the role tenant-admin or provider-admin.');
    await deps.demandSecondFactor(subject);
  }
  const ofTenant = async ({ tenant }: Subject): Promise<readonly Hook[]> =>
    (await hooks.list()).filter((one) => one.tenant === tenant);
  async function find(subject: Subject, id: string): Promise<Hook> {
    const found = await hooks.get(id);
    if (found?.tenant !== subject.tenant) throw new WayleaveError('NOT_FOUND');
    if (found.revokedAt !== undefined) throw new WayleaveError('USAGE', `${id} was revoked.`);
    return found;
  }
  const record = ({ tenant, human, session }: Subject, kind: string, content: { readonly [key: string]: string }) =>
    deps.audit.append({ at: now(), tenant, kind, human, session, content });
  const change = (hook: Hook, to: (before: Hook) => Partial<Hook>): Promise<Hook> =>
    hooks.update(hook.id, (before) => ({ ...(before ?? hook), ...to(before ?? hook) }));

  return {
    list: async (subject) => (await ofTenant(subject)).map(viewHook),
    async add(subject, { name, schedule }) {
      await demandRight(subject);
      const live = (await ofTenant(subject)).filter(({ revokedAt }) => revokedAt === undefined);
      if (live.some((one) => one.name === name))
        throw new WayleaveError('CONFLICT', `There is a webhook ${name} already.`);
      if (live.length >= MOST_HOOKS) throw new WayleaveError('LIMITED', `A tenant has at most ${MOST_HOOKS} webhooks.`);
      if (schedule !== undefined && (await deps.schedules.get(schedule))?.tenant !== subject.tenant)
        throw new WayleaveError('NOT_FOUND', `There is no job ${schedule} here.`);
      const id = deps.ids.id('whk');
      const secret = makeSecret();
      await record(subject, 'webhook.added', { hook: id, name, schedule: schedule ?? '' });
      const added = await hooks.update(id, () => ({
        ...{ id, tenant: subject.tenant, name, owner: subject.human, createdAt: now(), seen: [] },
        secrets: [{ sealed: deps.sealSecret(id, secret), madeAt: now() }],
        ...(schedule === undefined ? {} : { schedule }),
      }));
      return { ...viewHook(added), secret };
    },
    async rotate(subject, id, overlapHours) {
      await demandRight(subject);
      const found = await find(subject, id);
      const secret = makeSecret();
      const until = new Date(clock.now() + overlapHours * HOUR_MS).toISOString();
      await record(subject, 'webhook.rotated', { hook: id, formerUntil: until });
      const changed = await change(found, ({ secrets: [former] }) => ({
        secrets: [
          { sealed: deps.sealSecret(id, secret), madeAt: now() },
          ...(former === undefined || overlapHours === 0 ? [] : [{ ...former, until }]),
        ],
      }));
      return { ...viewHook(changed), secret };
    },
    async revoke(subject, id) {
      await demandRight(subject);
      const found = await find(subject, id);
      await record(subject, 'webhook.revoked', { hook: id });
      return viewHook(await change(found, () => ({ revokedAt: now(), secrets: [], seen: [] })));
    },
  };
}

/** Standard Webhooks 1.0: 24 to 64 random bytes in base64 after `whsec_`. */
const makeSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;
