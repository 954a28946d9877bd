/** Where a diagnosis looks: the suspect device and the devices that play a role around it. */
import type { Inventory, KnownCircuit } from '../inventory.ts';
import { findService } from '../inventory.ts';

export interface Scope {
  readonly suspect: string;
  readonly site: string;
  readonly hubs: readonly string[];
  /** Other edges of the suspect's site. */
  readonly peers: readonly string[];
  /** An edge of another branch, to see whether a service fails from there too. */
  readonly other: string | undefined;
  /** Circuits of the suspect, last-resort LTE left out (idle by design). */
  readonly circuits: readonly KnownCircuit[];
  readonly hasLte: boolean;
  /** The application that people miss. */
  readonly app: Application | undefined;
  /** A WAN address at the far end of the underlay, where the inventory tells one. */
  readonly underlay: string | undefined;
}

export interface Application {
  readonly host: string;
  readonly address: string;
  readonly port: number;
}

/** VRF in which branch users live (refnet: corp). */
export const CORP_VRF = 10;

/** The application that a question is about when it names none. */
const DEFAULT_SERVICE = 'erp';

/** Sets the roles for a suspect; throws when the device is not in the inventory. */
export function createScope(inventory: Inventory, suspect: string, service: string = DEFAULT_SERVICE): Scope {
  const device = inventory.devices.find(({ name }) => name === suspect);
  if (!device) throw new RangeError(`${suspect} is not in the inventory`);
  const others = inventory.devices.filter(({ name }) => name !== suspect);
  const hubs = others.filter(({ role }) => role === 'hub').map(({ name }) => name);
  const circuits = inventory.circuits.filter((circuit) => circuit.device === suspect);
  const app = findService(inventory, service);
  return {
    suspect,
    site: device.site,
    hubs,
    peers: others.filter(({ role, site }) => role === 'edge' && site === device.site).map(({ name }) => name),
    other: others.find(({ role, site }) => role === 'edge' && site !== device.site)?.name,
    circuits: circuits.filter(({ color }) => color !== 'lte'),
    hasLte: circuits.some(({ color }) => color === 'lte'),
    app: app && { host: app.host.name, address: app.host.address, port: app.port },
    underlay: inventory.circuits.find(({ device: end, address }) => hubs.includes(end) && address !== undefined)
      ?.address,
  };
}
