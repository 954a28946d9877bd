/** Who may tell the broker something: the devices of the inventory, by address, by engine and by user. */
import { localizeUser, type UsmKeys, type UsmUser } from '../../protocols/snmp/usm.ts';

/** What the vault knows of a device's way of telling. */
export interface SourceDevice {
  readonly tenant: string;
  readonly device: string;
  /** Address it sends from; `port` when it always sends from the same. */
  readonly host: string;
  readonly port?: number | undefined;
  /** snmpEngineID, hexadecimal: without it no trap of the device is believed. */
  readonly engineId?: string | undefined;
  readonly user?: UsmUser | undefined;
}

export interface Sources {
  readonly count: number;
  /** Whether any device sends from the address. */
  knows(host: string): boolean;
  at(host: string, port: number): SourceDevice | undefined;
  /** The device with this engine at this host. */
  ofEngine(engineId: Buffer, host: string): SourceDevice | undefined;
  /** The device at this host whose user has the name: informs name no engine of the sender that could be trusted. */
  ofUser(user: string, host: string): SourceDevice | undefined;
  /** Keys of the device's user at an engine; made once, because it costs milliseconds. */
  keys(source: SourceDevice, engineId: Buffer): UsmKeys | undefined;
}

export function createSources(devices: readonly SourceDevice[]): Sources {
  const hosts = new Set(devices.map(({ host }) => host));
  const byAddress = new Map<string, SourceDevice>();
  const byEngine = new Map<string, SourceDevice>();
  const byUser = new Map<string, SourceDevice>();
  const made = new Map<string, UsmKeys>();
  for (const one of devices) {
    byAddress.set(`${one.host} ${one.port ?? '*'}`, one);
    if (one.engineId !== undefined) byEngine.set(`${one.host} ${one.engineId.toLowerCase()}`, one);
    if (one.user !== undefined) byUser.set(`${one.host} ${one.user.name}`, one);
  }
  return {
    count: devices.length,
    knows: (host) => hosts.has(host),
    at: (host, port) => byAddress.get(`${host} ${port}`) ?? byAddress.get(`${host} *`),
    ofEngine: (engineId, host) => byEngine.get(`${host} ${engineId.toString('hex')}`),
    ofUser: (user, host) => byUser.get(`${host} ${user}`),
    keys({ tenant, device, user }, engineId) {
      if (user === undefined) return undefined;
      const key = JSON.stringify([tenant, device, engineId.toString('hex')]);
      const keys = made.get(key) ?? localizeUser(user, engineId);
      made.set(key, keys);
      return keys;
    },
  };
}
