/** Tenant-relative resource names: how they are written, read and made canonical (branch first in tunnels, hub first in sessions). */

export type ResourceKind =
  | 'node'
  | 'interface'
  | 'link'
  | 'circuit'
  | 'tunnel'
  | 'session'
  | 'policy'
  | 'controller'
  | 'host';

/** True for a device that names a hub; hubs come last in tunnel names and first in BGP session names. */
const isHub = (device: string): boolean => device.startsWith('hub');

export const nodeName = (device: string): string => `node/${device}`;
export const interfaceName = (device: string, port: string): string => `interface/${device}/${port}`;
export const circuitName = (site: string, color: string): string => `circuit/${site}/${color}`;
export const policyName = (device: string, policy: string): string => `policy/${device}/${policy}`;

/** Name of a tunnel without its kind, the same from both ends: `br2_edge:mpls--hub1_edge:mpls`. */
export function tunnelId(a: string, aColor: string, b: string, bColor: string): string {
  const [one, other] = [`${a}:${aColor}`, `${b}:${bColor}`];
  const inOrder = isHub(a) === isHub(b) ? one < other : isHub(b);
  return inOrder ? `${one}--${other}` : `${other}--${one}`;
}

export const tunnelName = (a: string, aColor: string, b: string, bColor: string): string =>
  `tunnel/${tunnelId(a, aColor, b, bColor)}`;

/** `session/bgp/hub1_edge--br2_edge`: all BGP sessions between the two devices. */
export function bgpSessionName(a: string, b: string): string {
  const [first, second] = [a, b].sort((x, y) => Number(isHub(y)) - Number(isHub(x)) || (x < y ? -1 : 1));
  return `session/bgp/${first}--${second}`;
}

/** Splits `kind/rest`; undefined for anything else. */
export function parseResource(name: string): { readonly kind: ResourceKind; readonly rest: string } | undefined {
  const match = /^(node|interface|link|circuit|tunnel|session|policy|controller|host)\/(.+)$/.exec(name);
  return match ? { kind: match[1] as ResourceKind, rest: match[2] as string } : undefined;
}

/** Ports that stand for tunnels: `tun-<colour>-<peer>`. */
export const isTunnelPort = (port: string): boolean => port.startsWith('tun-');
