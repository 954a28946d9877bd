/** The inventory as the simulators' process tells it: what all devices of a tenant are reached with is said once, since thousands of copies of a certificate and a key are most of a large network's document. */
import type { z } from 'zod';
import type { TenantDocument } from '../broker/inventory/document.ts';

type Tenant = z.input<typeof TenantDocument>;
type Device = Tenant['devices'][number];
type Endpoint = Device['endpoint'];
type Netconf = NonNullable<Endpoint['netconf']>;
type Credentials = 'user' | 'privateKey';

/** A tenant of the inventory without what `common` says of all its devices. */
export interface ToldTenant extends Omit<Tenant, 'devices'> {
  readonly common: {
    readonly rest: NonNullable<Endpoint['rest']>;
    readonly netconf: Pick<Netconf, Credentials>;
  };
  readonly devices: readonly (Omit<Device, 'endpoint'> & {
    readonly endpoint: Omit<Endpoint, 'rest' | 'netconf'> & { readonly netconf: Omit<Netconf, Credentials> };
  })[];
}

/** The tenant as an inventory has it. */
export const completeTenant = ({ common, devices, ...tenant }: ToldTenant): Tenant => ({
  ...tenant,
  devices: devices.map(({ endpoint: { netconf, ...servers }, ...device }) => ({
    ...device,
    endpoint: { rest: common.rest, netconf: { ...netconf, ...common.netconf }, ...servers },
  })),
});
