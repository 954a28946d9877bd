/** Writes the warnings of devices to the log, the same one once in a while: a device may warn with every answer. */
import type { AuditEntry, Clock } from '../ports.ts';

export interface WarningDeps {
  readonly clock: Clock;
  readonly record: (entry: AuditEntry) => Promise<unknown>;
  readonly log: { error(fields: { readonly [key: string]: unknown }, message: string): void };
}

/** An rpc-error of severity warning (RFC 6241 §4.3); bounded and printable. */
export interface WarningOfDevice {
  readonly tenant: string;
  readonly device: string;
  readonly tag: string;
  readonly message: string;
}

/** The same warning of a device is written again after this time. */
const QUIET_MS = 3_600_000;
/** Warnings remembered; and different ones of one device, after which it is only said that there are more. */
const MOST = 10_000;
const MOST_OF_DEVICE = 20;

export function createWarningRecord({ clock, record, log }: WarningDeps): (warning: WarningOfDevice) => void {
  const written = new Map<string, number>();
  const ofDevice = new Map<string, number>();

  const isQuiet = (key: string): boolean => {
    const at = written.get(key);
    if (at !== undefined && clock.now() - at < QUIET_MS) return true;
    written.delete(key);
    written.set(key, clock.now());
    const [oldest] = written.keys();
    if (written.size > MOST && oldest !== undefined) written.delete(oldest);
    return false;
  };

  return ({ tenant, device, tag, message }) => {
    const name = JSON.stringify([tenant, device]);
    const key = JSON.stringify([tenant, device, tag, message]);
    // One that numbers its warnings must not fill the log with them.
    const isOneTooMany = !written.has(key) && (ofDevice.get(name) ?? 0) >= MOST_OF_DEVICE;
    const said = isOneTooMany ? { tag: 'more', message: 'the device gives many different warnings' } : { tag, message };
    const isNew = !isOneTooMany && !written.has(key);
    if (isQuiet(isOneTooMany ? JSON.stringify([tenant, device, 'more']) : key)) return;
    if (isNew) ofDevice.set(name, (ofDevice.get(name) ?? 0) + 1);
    const at = new Date(clock.now()).toISOString();
    record({ at, tenant, kind: 'device.warning', content: { device, ...said } }).catch((error: unknown) =>
      log.error({ err: error, device }, 'a warning of a device could not be written'),
    );
  };
}
