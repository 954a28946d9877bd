/** The inventory document: a self-describing JSON file from which an installation learns its tenants, devices and how to reach them. */
import { z } from 'zod';

const name = z.string().regex(/^[a-z0-9][a-z0-9_.-]{0,62}$/i);
const port = z.int().min(1).max(65_535);
const secret = z.string().min(1).max(16_384);

/** `DeviceEndpoint` without tenant and device, which the place in the document gives. */
export const EndpointDocument = z.strictObject({
  netconf: z
    .strictObject({
      host: z.string().min(1),
      port,
      /** `SHA256:` + base64, as OpenSSH prints it. */
      hostKey: z.string().startsWith('SHA256:'),
      user: z.string().min(1),
      privateKey: secret,
    })
    .exactOptional(),
  snmp: z
    .strictObject({
      host: z.string().min(1),
      port,
      user: z.string().min(1),
      /** RFC 3414 §11.2: at least eight characters. */
      authPassword: secret.min(8),
      privPassword: secret.min(8),
    })
    .exactOptional(),
  /** For a device that has no version 3; read only where `allowSnmp2c` is on. The address is numeric: it is all there is to compare. */
  snmp2c: z.strictObject({ host: z.union([z.ipv4(), z.ipv6()]), port, community: secret }).exactOptional(),
  /** How the device tells things unasked: where it sends from, and its engine, without which no trap is believed. */
  telemetry: z
    .strictObject({
      /** Numeric address. */
      host: z.union([z.ipv4(), z.ipv6()]),
      /** Absent when it sends from any. */
      port: port.exactOptional(),
      /** snmpEngineID in hexadecimal, 5 to 32 octets (RFC 3411 §5). */
      engineId: z
        .string()
        .regex(/^([0-9a-f]{2}){5,32}$/)
        .exactOptional(),
    })
    .exactOptional(),
  rest: z
    .strictObject({ baseUrl: z.url({ protocol: /^https$/ }), ca: secret, user: z.string().min(1), password: secret })
    .exactOptional(),
});

const facts = {
  name,
  role: z.enum(['edge', 'hub', 'controller']),
  site: name,
  systemIp: z.ipv4(),
  asn: z.int().positive().max(4_294_967_295).exactOptional(),
};

/** A device as another inventory knows it: how it is reached may be known here already. */
export const ImportedDevice = z.strictObject({
  ...facts,
  criticality: z.enum(['low', 'normal', 'critical']).exactOptional(),
  endpoint: EndpointDocument.exactOptional(),
});

export const TenantDocument = z.strictObject({
  tenant: name,
  /** How much hangs on a site; one that is not named is `normal`. */
  sites: z
    .array(z.strictObject({ name, criticality: z.enum(['low', 'normal', 'critical']) }))
    .max(100_000)
    .default([]),
  devices: z.array(z.strictObject({ ...facts, endpoint: EndpointDocument })).max(100_000),
  circuits: z.array(
    z.strictObject({
      device: name,
      interface: z.string().min(1),
      color: z.string().min(1),
      provider: z.string().min(1),
      /** WAN address of the port: an underlay probe goes there. */
      address: z.ipv4().exactOptional(),
      onewayMs: z.number().nonnegative(),
      capacityBps: z.number().nonnegative(),
    }),
  ),
  hosts: z.array(
    z.strictObject({
      name: z.string().min(1),
      site: name,
      vrf: z.int().nonnegative(),
      address: z.ipv4(),
      services: z.array(
        z.strictObject({
          name: z.string().min(1),
          port,
          /** The name that clients look up (RFC 1035 section 2.3.4: at most 255 octets): test traffic asks resolvers for it. */
          dnsName: z.string().min(1).max(255).exactOptional(),
        }),
      ),
      users: z.int().nonnegative(),
    }),
  ),
  /** WAN and overlay addresses of the tenant's devices: where a probe may go besides the hosts. */
  addresses: z.array(z.ipv4()).default([]),
});

export const InventoryDocument = z.strictObject({ tenants: z.array(TenantDocument) });
/** As read: defaults are filled in. */
export type InventoryDocument = z.infer<typeof InventoryDocument>;
