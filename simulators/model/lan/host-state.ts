/** How a host is on its LAN: whether it is there, with which address, gateway and resolvers, and over which radio. */
import type { Host } from '../network.ts';
import { noise } from '../seeded-noise.ts';
import { hostsOfSite } from '../traffic/site-hosts.ts';
import { conditionsOf, holds, tenantOf, type World } from '../world.ts';
import { fixedOffer, gatewayOf, leaseOf } from './lease.ts';

export interface HostState {
  readonly online: boolean;
  readonly address: string;
  /** Where it sends what is for other subnets; empty when it has none. */
  readonly gateway: string;
  readonly resolvers: readonly string[];
  /** What its LAN loses, 0–1, and adds one way: the radio of its access point, a neighbour that takes its frames. */
  readonly radioLoss: number;
  readonly radioDelayMs: number;
}

/** Two hosts with one address take turns in the tables of the switches. */
const TWIN_LOSS = 0.5;
/** What a host adds that reads the frames of others before it passes them on. */
const DETOUR_LOSS = 0.02;
const DETOUR_MS = 4;

const hostPlace = (host: Host): string => `${host.tenant}/${host.name}`;

/** Address that a host gives itself (RFC 3927 §2.1). */
export const linkLocal = (world: World, host: Host): string =>
  `169.254.${1 + Math.floor(254 * noise(world.seed, 'link-local', host.name))}.${Math.floor(256 * noise(world.seed, 'own', host.name))}`;

/** The address that a host uses now. */
export function addressOfHost(world: World, host: Host): string {
  const stolen = conditionsOf(world, 'stolen-address', hostPlace(host))[0]?.address;
  if (stolen !== undefined) return stolen;
  return !host.fixed && leaseOf(world, host) === undefined ? linkLocal(world, host) : host.address;
}

export function hostState(world: World, host: Host): HostState {
  const place = hostPlace(host);
  const has = host.fixed ? fixedOffer(world, host) : leaseOf(world, host);
  const radio =
    host.accessPoint === undefined ? [] : conditionsOf(world, 'bad-radio', `${host.tenant}/${host.accessPoint}`);
  const lan = lanTrouble(world, host);
  return {
    online: !isDown(world, host),
    address: addressOfHost(world, host),
    gateway: conditionsOf(world, 'host-gateway', place)[0]?.gateway ?? has?.router ?? '',
    resolvers: has?.resolvers ?? [],
    radioLoss: 1 - radio.reduce((through, one) => through * (1 - one.share), 1 - lan.loss),
    radioDelayMs: radio.reduce((sum, one) => sum + one.delayMs, lan.delayMs),
  };
}

/** Without power, or behind an access point without power. */
const isDown = (world: World, { tenant, name, accessPoint }: Host): boolean =>
  [name, accessPoint].some((one) => one !== undefined && holds(world, 'host-down', `${tenant}/${one}`));

/** What other hosts of the same LAN do to this one. */
function lanTrouble(world: World, host: Host): { readonly loss: number; readonly delayMs: number } {
  // Nearly always nothing is the matter with any host.
  if (world.conditions.size === 0) return { loss: 0, delayMs: 0 };
  let loss = 0;
  let delayMs = 0;
  const own = conditionsOf(world, 'stolen-address', hostPlace(host)).length > 0;
  for (const other of hostsOfSite(tenantOf(world, host.tenant), host.site)) {
    if (other === host || other.vrf !== host.vrf) continue;
    const taken = conditionsOf(world, 'stolen-address', hostPlace(other)).some((one) => one.address === host.address);
    if (taken) loss = Math.max(loss, TWIN_LOSS);
    const forged = conditionsOf(world, 'forged-arp', hostPlace(other)).some(
      (one) => one.addresses.includes(host.address) || one.addresses.includes(gatewayOf(world, host)),
    );
    if (!forged) continue;
    loss = Math.max(loss, DETOUR_LOSS);
    delayMs += DETOUR_MS;
  }
  return { loss: own ? Math.max(loss, TWIN_LOSS) : loss, delayMs };
}
