/** A change window: a time in which devices may be changed that are left alone otherwise, opened by a person ahead of it. */
import { z } from 'zod';
import type { Role, Subject } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import type { KeyedRecords } from '../identity/keyed-records.ts';
import type { AuditLog, Clock, Ids, Inventory } from '../ports.ts';

export const changeWindow = z.strictObject({
  id: z.string(),
  tenant: z.string(),
  /** What policies call it: `maintenance`. */
  name: z.string(),
  /** Exact names of devices, never empty. */
  devices: z.array(z.string()).min(1),
  from: z.string(),
  until: z.string(),
  reason: z.string(),
  openedBy: z.string(),
  closedAt: z.string().optional(),
});
export type ChangeWindow = Readonly<z.infer<typeof changeWindow>>;
export type ChangeWindows = KeyedRecords<ChangeWindow>;

export interface WantedWindow {
  readonly name: string;
  readonly devices: readonly string[];
  /** ISO-8601. */
  readonly from: string;
  readonly seconds: number;
  readonly reason: string;
}

export interface WindowDeps {
  readonly windows: ChangeWindows;
  readonly inventory: Inventory;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** Longest time of one window: a weekend. */
const LONGEST_SECONDS = 3 * 86_400;
const KEEPERS: readonly Role[] = ['provider-admin', 'tenant-admin'];

/** Names of the windows that are open now for all of these devices, sorted. */
export async function findWindows(
  windows: Pick<ChangeWindows, 'list'>,
  tenant: string,
  devices: readonly string[],
  now: number,
): Promise<readonly string[]> {
  if (devices.length === 0) return [];
  const open = (await windows.list()).filter((one) => one.tenant === tenant && isOpen(one, now));
  const names = [...new Set(open.map(({ name }) => name))].sort();
  // Two windows of one name may cover them together.
  return names.filter((name) =>
    devices.every((device) => open.some((one) => one.name === name && one.devices.includes(device))),
  );
}

export const isOpen = ({ from, until, closedAt }: ChangeWindow, now: number): boolean =>
  closedAt === undefined && Date.parse(from) <= now && now < Date.parse(until);

/** In the log before it counts. Throws `DENIED`, `NOT_FOUND` for a device, `INPUT_INVALID` for a time that makes no sense. */
export async function openWindow(deps: WindowDeps, subject: Subject, wanted: WantedWindow): Promise<ChangeWindow> {
  demandKeeper(subject);
  const { tenant, human } = subject;
  const known = new Set((await deps.inventory.devices(tenant)).map(({ name }) => name));
  const unknown = wanted.devices.find((device) => !known.has(device));
  if (unknown !== undefined) throw new WayleaveError('NOT_FOUND', `There is no device ${unknown} here.`);
  const from = Date.parse(wanted.from);
  const until = from + wanted.seconds * 1000;
  if (!(wanted.seconds > 0 && wanted.seconds <= LONGEST_SECONDS && until > deps.clock.now()))
    throw new WayleaveError('INPUT_INVALID', 'A window ends in the future, three days after it begins at most.');
  const window: ChangeWindow = {
    ...{ id: deps.ids.id('win'), tenant, name: wanted.name, devices: [...new Set(wanted.devices)] },
    ...{ from: new Date(from).toISOString(), until: new Date(until).toISOString() },
    ...{ reason: wanted.reason, openedBy: human },
  };
  await record(deps, subject, 'window.opened', { ...window, closedAt: null });
  return deps.windows.update(window.id, () => window);
}

export async function closeWindow(deps: WindowDeps, subject: Subject, id: string): Promise<ChangeWindow> {
  demandKeeper(subject);
  const window = await deps.windows.get(id);
  if (window?.tenant !== subject.tenant) throw new WayleaveError('NOT_FOUND');
  await record(deps, subject, 'window.closed', { id, name: window.name });
  const closedAt = new Date(deps.clock.now()).toISOString();
  return deps.windows.update(id, (before) => ({ closedAt, ...(before ?? window) }));
}

/** Those of the tenant that are not over, the next first. */
export const seeWindows = async (deps: WindowDeps, { tenant }: Subject): Promise<readonly ChangeWindow[]> =>
  (await deps.windows.list())
    .filter((one) => one.tenant === tenant && one.closedAt === undefined && Date.parse(one.until) > deps.clock.now())
    .toSorted((a, b) => (a.from < b.from ? -1 : 1));

function demandKeeper(subject: Subject): void {
  if (subject.agent !== undefined || !subject.roles.some((role) => KEEPERS.includes(role)))
    throw new WayleaveError('DENIED', `This needs one of the roles ${KEEPERS.join(', ')}.`);
}

const record = (
  { audit, clock }: WindowDeps,
  { tenant, human, session }: Subject,
  kind: string,
  content: Parameters<AuditLog['append']>[0]['content'],
): Promise<number> => audit.append({ at: new Date(clock.now()).toISOString(), tenant, kind, human, session, content });
