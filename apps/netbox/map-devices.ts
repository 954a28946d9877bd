/** What a NetBox says of one tenant, as devices of the inventory, and what would change by it. Pure. */
import type { NewDevice } from '../../broker/inventory/import-devices.ts';
import type { InventoryDevice } from '../../broker/ports.ts';
import type { Netbox, NetboxDevice } from './read-netbox.ts';

type Role = NewDevice['role'];
/** Slug of a role in NetBox → role here. */
export type RoleMap = ReadonlyMap<string, Role>;

const CRITICALITIES = ['low', 'normal', 'critical'] as const;
const NAME = /^[a-z0-9][a-z0-9_.-]{0,62}$/i;
const IPV4 = /^(\d{1,3}\.){3}\d{1,3}$/;

export interface Mapped {
  readonly devices: readonly NewDevice[];
  /** Devices of the tenant that are not taken over, each with its reason. */
  readonly skipped: readonly { readonly device: string; readonly why: string }[];
}

/**
 * The devices of the tenant with this slug. Custom fields, where they are there: `system_ip` (else the primary IPv4
 * address), `asn` (else the only one of the site), and `criticality` of the site.
 */
export function mapDevices({ devices, sites }: Netbox, tenant: string, roles: RoleMap): Mapped {
  const siteOf = new Map(sites.map((site) => [site.slug, site]));
  const mapped: NewDevice[] = [];
  const skipped: { device: string; why: string }[] = [];
  const names = new Set<string>();
  for (const one of devices) {
    const site = siteOf.get(one.site.slug);
    if ((one.tenant?.slug ?? site?.tenant?.slug) !== tenant) continue;
    const device = one.name ?? `device ${one.id}`;
    const skip = (why: string): void => void skipped.push({ device, why });
    const slug = (one.role ?? one.device_role)?.slug ?? '';
    const role = roles.get(slug);
    const systemIp = textOf(one, 'system_ip') ?? one.primary_ip4?.address.split('/')[0] ?? '';
    if (one.name === null || !NAME.test(one.name)) skip('it has no name that can be used here');
    else if (names.has(one.name)) skip('another device has the same name');
    else if (!NAME.test(one.site.slug)) skip(`the slug of its site, ${one.site.slug}, cannot be used here`);
    else if (one.status.value !== 'active') skip(`it is ${one.status.value}`);
    else if (role === undefined) skip(`no role here stands for ${slug || 'none'}: --role ${slug || 'SLUG'}=edge`);
    else if (!IPV4.test(systemIp)) skip('it has neither a system_ip nor a primary IPv4 address');
    else {
      names.add(one.name);
      const [only, ...others] = site?.asns ?? [];
      const asn = numberOf(one, 'asn') ?? (others.length === 0 ? only?.asn : undefined);
      const criticality = CRITICALITIES.find((word) => word === site?.custom_fields['criticality']);
      mapped.push({
        ...{ name: one.name, role, site: one.site.slug, systemIp },
        ...(asn === undefined ? {} : { asn }),
        ...(criticality === undefined ? {} : { criticality }),
      });
    }
  }
  return { devices: mapped.sort((a, b) => (a.name < b.name ? -1 : 1)), skipped };
}

const textOf = ({ custom_fields: fields }: NetboxDevice, name: string): string | undefined => {
  const value = fields[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};
const numberOf = ({ custom_fields: fields }: NetboxDevice, name: string): number | undefined => {
  const value = fields[name];
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : undefined;
};

export type Difference =
  | { readonly kind: 'add'; readonly device: NewDevice }
  | { readonly kind: 'change'; readonly device: NewDevice; readonly fields: readonly string[] }
  | { readonly kind: 'missing'; readonly name: string };

const FACTS = ['role', 'site', 'systemIp', 'asn', 'criticality'] as const;

/** What is new, what is another way (`role edge → hub`), and what is here and not there. By name. */
export function compareDevices(here: readonly InventoryDevice[], there: readonly NewDevice[]): readonly Difference[] {
  const known = new Map(here.map((device) => [device.name, device]));
  const named = new Set(there.map(({ name }) => name));
  return [
    ...there.flatMap((device): readonly Difference[] => {
      const before = known.get(device.name);
      if (before === undefined) return [{ kind: 'add', device }];
      const fields = FACTS.flatMap((fact) => {
        // What NetBox does not say is no difference: the rehearsal may know it from elsewhere.
        const after = device[fact];
        return after === undefined || after === before[fact] ? [] : [`${fact} ${before[fact] ?? 'none'} → ${after}`];
      });
      if (fields.length === 0) return [];
      const kept = { ...pick(before), ...device };
      return [{ kind: 'change', device: kept, fields }];
    }),
    ...here.filter(({ name }) => !named.has(name)).map(({ name }): Difference => ({ kind: 'missing', name })),
  ];
}

/** What is known here and stays so when NetBox does not say it. */
const pick = ({ asn, criticality }: InventoryDevice): Partial<NewDevice> => ({
  ...(asn === undefined ? {} : { asn }),
  ...(criticality === undefined ? {} : { criticality }),
});
