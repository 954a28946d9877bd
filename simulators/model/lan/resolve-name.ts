/** Names: what a resolver answers, and how long it takes. */
import { hostOfService } from '../traffic/site-hosts.ts';
import { conditionsOf, tenantOf, type World } from '../world.ts';
import { serviceAnswer } from './port-answer.ts';

export interface NameAnswer {
  readonly result: 'ok' | 'refused' | 'silent' | 'unknown-name';
  readonly answer?: string;
  readonly delayMs: number;
}

const DNS_PORT = 53;
const ZONE = '.example';

/** What clients look up for a service of the tenant. */
export const dnsNameOf = (service: string): string => `${service}${ZONE}`;

/** Asks the resolver at an address for a name; names are `<service>.example` or those of services on the internet. */
export function resolveName(world: World, tenantName: string, resolver: string, name: string): NameAnswer {
  const tenant = tenantOf(world, tenantName);
  const host = tenant.hosts.get(resolver);
  const service = host === undefined ? undefined : serviceAnswer(world, host, DNS_PORT);
  if (service === undefined && !world.externals.has(resolver)) return { result: 'silent', delayMs: 0 };
  if (service !== undefined && service.answers !== 'ok') return { result: service.answers, delayMs: 0 };
  const delayMs = service?.delayMs ?? 0;
  const forged =
    host === undefined
      ? undefined
      : conditionsOf(world, 'zone-record', `${tenantName}/${host.name}`).find((one) => one.name === name);
  const answer = forged?.answer ?? addressOfName(world, tenantName, name);
  return answer === undefined ? { result: 'unknown-name', delayMs } : { result: 'ok', answer, delayMs };
}

function addressOfName(world: World, tenantName: string, name: string): string | undefined {
  for (const external of world.externals.values()) if (external.name === name) return external.address;
  const service = name.endsWith(ZONE) ? name.slice(0, -ZONE.length) : '';
  return hostOfService(tenantOf(world, tenantName), service)?.address;
}
