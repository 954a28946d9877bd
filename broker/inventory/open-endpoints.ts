/** Reads and decrypts the ways to devices: all that are asked for in one turn with one query, and each sealed text once. */
import type { Pool } from 'pg';
import type { DeviceEndpoint } from '../drivers/driver.ts';
import { WayleaveError } from '../errors.ts';
import { EndpointDocument } from './document.ts';
import type { MasterKeys } from './master-key.ts';
import { openSecret, openWithOne } from './vault.ts';

/** Opened texts that are remembered; sessions to these devices hold the same credentials. */
const MOST_OPENED = 4096;

interface Waiting {
  readonly tenant: string;
  readonly device: string;
  readonly resolve: (endpoint: DeviceEndpoint) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * `NOT_FOUND` when there is no such device, `INTERNAL` when its text does not open. The row is read anew each time, so that
 * what another broker stored counts at once; only its decryption is remembered, and no longer than these keys are in use.
 */
export function createEndpointOpener(
  pool: Pool,
  masterKeys: () => MasterKeys,
): (tenant: string, device: string) => Promise<DeviceEndpoint> {
  let waiting: Waiting[] = [];
  let opened = new Map<string, DeviceEndpoint>();
  let openedWith: MasterKeys | undefined;

  function open(tenant: string, device: string, sealed: string): DeviceEndpoint {
    const keys = masterKeys();
    if (keys !== openedWith || opened.size >= MOST_OPENED) opened = new Map();
    openedWith = keys;
    const name = JSON.stringify([tenant, device, sealed]);
    const known = opened.get(name);
    if (known !== undefined) return known;
    try {
      const plain = openWithOne([keys.current, ...keys.earlier], (key) => openSecret(key, tenant, device, sealed));
      const endpoint = { tenant, device, ...EndpointDocument.parse(JSON.parse(plain)) };
      opened.set(name, endpoint);
      return endpoint;
    } catch {
      // Neither the reason nor the content: both come near the secret.
      throw new WayleaveError('INTERNAL', 'The credentials of a device cannot be decrypted with this master key.');
    }
  }

  async function answer(asked: readonly Waiting[]): Promise<void> {
    const { rows } = await pool.query<{ tenant: string; device: string; sealed: string }>(
      `SELECT DISTINCT e.tenant, e.device, e.sealed FROM unnest($1::text[], $2::text[]) AS asked (tenant, device)
       JOIN inventory_endpoints e ON e.tenant = asked.tenant AND e.device = asked.device`,
      [asked.map(({ tenant }) => tenant), asked.map(({ device }) => device)],
    );
    const found = new Map(rows.map((row) => [JSON.stringify([row.tenant, row.device]), row.sealed]));
    for (const { tenant, device, resolve, reject } of asked) {
      const sealed = found.get(JSON.stringify([tenant, device]));
      try {
        if (sealed === undefined) throw new WayleaveError('NOT_FOUND');
        resolve(open(tenant, device, sealed));
      } catch (error) {
        reject(error);
      }
    }
  }

  return (tenant, device) =>
    new Promise((resolve, reject) => {
      waiting.push({ tenant, device, resolve, reject });
      if (waiting.length > 1) return;
      queueMicrotask(() => {
        const asked = waiting;
        waiting = [];
        answer(asked).catch((error: unknown) => {
          for (const one of asked) one.reject(error);
        });
      });
    });
}
