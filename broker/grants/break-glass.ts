/** Break-glass: in an emergency a person who holds the role makes changes that nobody approves first; somebody else reviews every use afterwards. */
import { z } from 'zod';
import type { Role, Subject } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import type { KeyedRecords } from '../identity/keyed-records.ts';
import type { AuditLog, Clock, Ids, Incidents, Inventory } from '../ports.ts';

/** Longest time that a glass stays broken. */
const LONGEST_MS = 3_600_000;
const REVIEWERS: readonly Role[] = ['provider-admin', 'tenant-admin', 'security-analyst', 'auditor'];

export const breakGlassForm = z.strictObject({
  id: z.string().regex(/^bgl_[a-z0-9]{1,64}$/),
  tenant: z.string(),
  human: z.string(),
  incident: z.string(),
  devices: z.array(z.string()).min(1).max(20),
  reason: z.string().min(1).max(500),
  from: z.string(),
  until: z.string(),
  /** Changes that were executed under it. */
  uses: z.array(z.string()).max(1000),
  review: z
    .strictObject({ by: z.string(), at: z.string(), verdict: z.enum(['justified', 'unjustified']), reason: z.string() })
    .optional(),
});
export type BreakGlass = Readonly<z.infer<typeof breakGlassForm>>;

export interface EmergencyUse {
  readonly subject: Subject;
  /** What the change is for; only the incident of the emergency counts. */
  readonly purpose: string;
  readonly devices: readonly string[];
  readonly intent: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

export interface BreakGlasses {
  list(tenant: string): Promise<readonly BreakGlass[]>;
  /** The one that covers this change now, if any: never for an agent. */
  find(use: EmergencyUse): Promise<BreakGlass | undefined>;
  /** Remembers that a change is executed under it; durable before the change. */
  use(id: string, intent: string): Promise<void>;
  update(id: string, change: (before: BreakGlass | undefined) => BreakGlass): Promise<BreakGlass>;
}

export function createBreakGlasses(records: KeyedRecords<BreakGlass>): BreakGlasses {
  const list = async (tenant: string): Promise<readonly BreakGlass[]> =>
    (await records.list()).filter((one) => one.tenant === tenant);
  return {
    list,
    async find({ subject, purpose, devices, now }) {
      if (subject.agent !== undefined || subject.lookOnly !== undefined) return undefined;
      if (!subject.roles.includes('break-glass') || devices.length === 0) return undefined;
      const mine = (await list(subject.tenant)).filter(({ human }) => human === subject.human);
      // Emergencies declared one into the other do not put off the review.
      if (mine.some((one) => isDue(one, now))) return undefined;
      return mine.find(
        (one) =>
          one.incident === purpose &&
          one.review === undefined &&
          Date.parse(one.from) <= now &&
          now < Date.parse(one.until) &&
          devices.every((device) => one.devices.includes(device)),
      );
    },
    use: async (id, intent) =>
      void (await records.update(id, (before) => {
        if (before === undefined) throw new Error('the break-glass is gone');
        return before.uses.includes(intent) ? before : { ...before, uses: [...before.uses, intent] };
      })),
    update: (id, change) => records.update(id, change),
  };
}

/** Used, over, and reviewed by nobody. */
const isDue = ({ uses, review, until }: BreakGlass, now: number): boolean =>
  uses.length > 0 && review === undefined && Date.parse(until) <= now;

export interface BreakGlassDeps {
  readonly breakGlasses: BreakGlasses;
  readonly incidents: Incidents;
  readonly inventory: Inventory;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: { error(fields: { readonly [key: string]: unknown }, message: string): void };
}

export interface WantedBreakGlass {
  readonly incident: string;
  readonly devices: readonly string[];
  readonly reason: string;
  readonly seconds: number;
}

/** Throws `DENIED` without the role or with a use that nobody reviewed, `NOT_FOUND`, `INPUT_INVALID`. In the log, and told loudly, before it counts. */
export async function breakTheGlass(
  deps: BreakGlassDeps,
  subject: Subject,
  wanted: WantedBreakGlass,
): Promise<BreakGlass> {
  const { tenant, human } = subject;
  if (subject.agent !== undefined || !subject.roles.includes('break-glass'))
    throw new WayleaveError('DENIED', 'Breaking the glass needs the role break-glass, and is for people only.');
  const now = deps.clock.now();
  const mine = (await deps.breakGlasses.list(tenant)).filter((one) => one.human === human);
  if (mine.some((one) => isDue(one, now)))
    throw new WayleaveError('DENIED', 'Your last use is not reviewed yet: somebody else must look at it first.');
  if (!(wanted.seconds >= 60 && wanted.seconds * 1000 <= LONGEST_MS))
    throw new WayleaveError(
      'INPUT_INVALID',
      'An emergency lasts a minute at least and an hour at most; it can be declared again.',
    );
  const incident = await deps.incidents.get(tenant, wanted.incident);
  if (incident === undefined || (incident.state !== 'open' && incident.state !== 'acknowledged'))
    throw new WayleaveError('NOT_FOUND', 'There is no open incident of that id: an emergency has one.');
  const known = new Set((await deps.inventory.devices(tenant)).map(({ name }) => name));
  const stranger = wanted.devices.find((device) => !known.has(device));
  if (stranger !== undefined || wanted.devices.length === 0)
    throw new WayleaveError(
      'NOT_FOUND',
      stranger === undefined ? 'Name the devices.' : `There is no device ${stranger} here.`,
    );
  const broken: BreakGlass = {
    id: deps.ids.id('bgl'),
    ...{ tenant, human, incident: wanted.incident, devices: [...new Set(wanted.devices)], reason: wanted.reason },
    from: new Date(now).toISOString(),
    until: new Date(now + wanted.seconds * 1000).toISOString(),
    uses: [],
  };
  const { id, devices, reason, until } = broken;
  await record(deps, subject, 'break-glass.opened', { id, incident: broken.incident, devices, reason, until });
  deps.log.error(
    { breakGlass: id, tenant, human, incident: broken.incident, devices, until },
    'somebody broke the glass',
  );
  await deps.breakGlasses.update(id, (before) => before ?? broken);
  return broken;
}

export interface Review {
  readonly verdict: 'justified' | 'unjustified';
  readonly reason: string;
}

/** Somebody else says what he thinks of it; it ends with that. Throws `DENIED` for one's own, `NOT_FOUND`. */
export async function reviewBreakGlass(
  deps: BreakGlassDeps,
  subject: Subject,
  id: string,
  { verdict, reason }: Review,
): Promise<BreakGlass> {
  const found = (await deps.breakGlasses.list(subject.tenant)).find((one) => one.id === id);
  if (found === undefined || !maySee(subject, found)) throw new WayleaveError('NOT_FOUND');
  if (found.human === subject.human) throw new WayleaveError('DENIED', 'Somebody else must review your use.');
  if (found.review !== undefined) return found;
  const at = new Date(deps.clock.now()).toISOString();
  await record(deps, subject, 'break-glass.reviewed', { id, of: found.human, verdict, reason, uses: found.uses });
  return deps.breakGlasses.update(id, (before) => ({
    ...(before ?? found),
    review: { by: subject.human, at, verdict, reason },
  }));
}

/** The subject's own; for reviewers all of the tenant, the latest first. */
export const seeBreakGlasses = async (
  { breakGlasses }: Pick<BreakGlassDeps, 'breakGlasses'>,
  subject: Subject,
): Promise<readonly BreakGlass[]> =>
  (await breakGlasses.list(subject.tenant))
    .filter((one) => maySee(subject, one))
    .toSorted((a, b) => (a.from < b.from ? 1 : -1));

const maySee = ({ human, roles }: Subject, one: BreakGlass): boolean =>
  one.human === human || REVIEWERS.some((role) => roles.includes(role));

const record = (
  deps: BreakGlassDeps,
  subject: Subject,
  kind: string,
  content: Parameters<AuditLog['append']>[0]['content'],
) =>
  deps.audit.append({
    at: new Date(deps.clock.now()).toISOString(),
    ...{ tenant: subject.tenant, kind, human: subject.human, session: subject.session, content },
  });
