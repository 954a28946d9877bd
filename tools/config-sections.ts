/** Sections of a configuration by the names that people see, and which of them tools show and put back. */
import { z } from 'zod';
import type { CONFIG } from '../protocols/yang/config-schema.ts';

/**
 * What may be restored, under the names that `config.diff` shows. Not what a device is (`system`) and not who may log in
 * (`accounts`): a slip there is a matter for people.
 */
export const RESTORABLE = {
  interfaces: 'interfaces',
  'access-lists': 'accessLists',
  tunnels: 'tunnels',
  ipsec: 'ipsec',
  bfd: 'bfd',
  bgp: 'bgp',
  'static-routes': 'staticRoutes',
  vrrp: 'vrrp',
  controllers: 'controllers',
  control: 'control',
  'vrf-leaks': 'vrfLeaks',
  ospf: 'ospf',
  qos: 'qos',
  nat: 'nat',
  breakouts: 'breakouts',
  firewall: 'firewall',
  dhcp: 'dhcp',
  ntp: 'ntpServers',
  'app-routes': 'appRoutes',
  'sla-classes': 'slaClasses',
} as const satisfies Record<string, keyof typeof CONFIG>;
export type RestorableSection = keyof typeof RESTORABLE;

/** What may be read: no leaf of these is a secret. */
export const READABLE = {
  system: 'system',
  ...RESTORABLE,
  accounts: 'accounts',
} as const satisfies Record<string, keyof typeof CONFIG>;
type ReadableSection = keyof typeof READABLE;

const namesOf = <Name extends string>(sections: Readonly<Record<Name, unknown>>) =>
  z.enum(Object.keys(sections) as [Name, ...Name[]]);

export const restorableSection = namesOf<RestorableSection>(RESTORABLE);
export const readableSection = namesOf<ReadableSection>(READABLE);

/** True for the name of a section that may be put back. */
export const isRestorable = (name: string): name is RestorableSection => Object.hasOwn(RESTORABLE, name);
