/** Wires the drivers and what the rehearsal observes through them. */
import { randomBytes } from 'node:crypto';
import { createWarningRecord } from '../../broker/audit/record-warnings.ts';
import { createNetconfDriver } from '../../broker/drivers/netconf/driver.ts';
import { type ProtectOptions, protectDriver } from '../../broker/drivers/protect-driver.ts';
import { createRestDriver } from '../../broker/drivers/rest/driver.ts';
import { chooseSnmpDriver } from '../../broker/drivers/snmp/choose-driver.ts';
import { createCommunityDriver } from '../../broker/drivers/snmp/community-driver.ts';
import { createSnmpDriver } from '../../broker/drivers/snmp/driver.ts';
import { createDevices, type Devices, type Listening } from '../../broker/execution/devices.ts';
import type { VaultInventory } from '../../broker/inventory/sql-inventory.ts';
import type { AuditLog, Clock } from '../../broker/ports.ts';
import type { Quarantine } from '../../broker/standing.ts';
import { systemTimers } from '../../protocols/netconf/timers.ts';

export interface OpenDevices extends Devices, Listening {
  close(): Promise<void>;
}

export interface DevicesSurroundings {
  readonly inventory: Pick<VaultInventory, 'endpoint'>;
  readonly clock: Clock;
  readonly quarantine: Quarantine;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly log: ProtectOptions['log'];
  readonly allowSnmp2c: boolean;
  /** Milliseconds by which a device that failed is left alone; those of this process when absent. */
  readonly aging?: () => number;
}

export function openDevices({
  inventory,
  clock,
  quarantine,
  audit,
  log,
  allowSnmp2c,
  aging = () => performance.now(),
}: DevicesSurroundings): OpenDevices {
  const protection = { timers: systemTimers, now: aging, quarantine, log };
  const onWarning = createWarningRecord({ clock, record: (entry) => audit.append(entry), log });
  const netconf = protectDriver(createNetconfDriver({ onWarning }), protection);
  const community = allowSnmp2c ? createCommunityDriver({ timers: systemTimers, random: randomBytes }) : undefined;
  const usm = createSnmpDriver({ ...protection, random: randomBytes });
  const snmp = protectDriver(chooseSnmpDriver(usm, community), protection);
  // The broker itself listens on loopback, beside simulated controllers.
  const rest = protectDriver(createRestDriver({ timers: systemTimers, loopback: true }), protection);
  const devices = createDevices({
    endpoint: (tenant, device) => inventory.endpoint(tenant, device),
    netconf,
    snmp,
    rest,
    clock,
  });
  return {
    ...devices,
    close: async () => {
      await Promise.all([netconf.close(), snmp.close(), rest.close()]);
    },
  };
}
