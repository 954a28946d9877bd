/** Wires the broker's receivers of traps, syslog, flow records and notifications: who may send is what the vault knows. */
import { randomBytes } from 'node:crypto';
import type { Listening } from '../../broker/execution/devices.ts';
import type { VaultInventory } from '../../broker/inventory/sql-inventory.ts';
import type { Clock } from '../../broker/ports.ts';
import { createEventFeed, type EventFeed } from '../../broker/telemetry/event-feed.ts';
import { followDevices } from '../../broker/telemetry/follow-devices.ts';
import type { Events } from '../../broker/telemetry/received-event.ts';
import { createSources, type SourceDevice } from '../../broker/telemetry/sources.ts';
import { startTelemetry, type TelemetryReceivers } from '../../broker/telemetry/start-telemetry.ts';
import { systemTimers } from '../../protocols/netconf/timers.ts';
import { createSalts } from '../../protocols/snmp/usm.ts';
import type { BrokerSettings } from './broker-settings.ts';

export interface OpenTelemetry extends TelemetryReceivers {
  readonly feed: EventFeed;
}

/** Boots are seconds since this moment: they grow with every start and need no file (RFC 3414 §2.2 asks for no more). */
const BOOTS_SINCE_MS = Date.UTC(2026, 0, 1);

export async function openTelemetry(
  inventory: VaultInventory,
  events: Events,
  clock: Clock,
  onStoreError: (error: unknown, lost: number) => void,
  listening: Listening | undefined,
  collectors: BrokerSettings['collectors'],
): Promise<OpenTelemetry> {
  const feed = createEventFeed(events, systemTimers);
  const started = performance.now();
  const boots = Math.max(1, Math.floor((clock.now() - BOOTS_SINCE_MS) / 1_000));
  const receivers = await startTelemetry({
    ...collectors,
    sources: createSources(await readSources(inventory)),
    ...{ events, feed, clock, timers: systemTimers, onStoreError },
    engine: {
      // RFC 3411 §5: format 5, octets; 32473 is the enterprise number of examples (RFC 5612).
      engineId: Buffer.concat([Buffer.of(0x80, 0, 0x7e, 0xd9, 5), randomBytes(12)]),
      engineBoots: () => boots,
      engineTime: () => Math.floor((performance.now() - started) / 1_000),
      salt: createSalts(randomBytes),
    },
  });
  const devices = [];
  for (const tenant of listening === undefined ? [] : await inventory.tenants())
    for (const { name } of await inventory.devices(tenant)) devices.push({ tenant, device: name });
  const following = followDevices({
    ...{ devices, clock, timers: systemTimers, random: Math.random },
    subscribe: listening?.subscribe ?? (() => Promise.reject(new Error('it follows no device'))),
    admit: receivers.admit,
  });
  return {
    ...receivers,
    feed,
    close: async () => {
      await following.close();
      await receivers.close();
    },
  };
}

/** Devices that the inventory says to tell something; one whose credentials do not open is left out, as for polls. */
async function readSources(inventory: VaultInventory): Promise<readonly SourceDevice[]> {
  const found: SourceDevice[] = [];
  for (const tenant of await inventory.tenants())
    for (const { name } of await inventory.devices(tenant)) {
      const endpoint = await inventory.endpoint(tenant, name).catch(() => undefined);
      if (endpoint?.telemetry === undefined) continue;
      const { snmp } = endpoint;
      const user = snmp && { name: snmp.user, authPassword: snmp.authPassword, privPassword: snmp.privPassword };
      found.push({ tenant, device: name, ...endpoint.telemetry, user });
    }
  return found;
}
