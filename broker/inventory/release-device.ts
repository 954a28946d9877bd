/** A human takes a device out of quarantine: the log has who and why, and a change of unknown outcome is his to answer for. */
import type { Role, Subject } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import { deviceKey, type Serial } from '../execution/serial.ts';
import type { Inventory, Journal } from '../ports.ts';
import type { Quarantine, QuarantineEntry } from '../standing.ts';

export interface ReleaseDeps {
  readonly inventory: Inventory;
  readonly journal: Journal;
  readonly quarantine: Quarantine;
  /** A transaction that is under way has its device until it ends. */
  readonly perDevice: Serial;
}

/** Roles that may release a device. */
const RELEASERS: readonly Role[] = ['provider-admin', 'tenant-admin', 'security-analyst'];

/** Throws `NOT_FOUND` for a device that is unknown or in no quarantine, `DENIED` without a role for it. */
export async function releaseDevice(
  { inventory, journal, quarantine, perDevice }: ReleaseDeps,
  { tenant, human, session, roles }: Subject,
  device: string,
  why: string,
): Promise<readonly QuarantineEntry[]> {
  if ((await inventory.device(tenant, device)) === undefined) throw new WayleaveError('NOT_FOUND');
  if (!roles.some((role) => RELEASERS.includes(role)))
    throw new WayleaveError(
      'DENIED',
      'Releasing a device needs the role tenant-admin, security-analyst or provider-admin.',
    );
  return perDevice.run(deviceKey(tenant, device), async () => {
    const released = await quarantine.leave(tenant, device, { human, session, why });
    if (released.length === 0) throw new WayleaveError('NOT_FOUND', `${device} is not in quarantine.`);
    // Nobody found out what became of these; from here on what the device holds is what counts.
    for (const one of await journal.unfinished())
      if (one.tenant === tenant && one.device === device) await journal.closeTransaction(one);
    return released;
  });
}
