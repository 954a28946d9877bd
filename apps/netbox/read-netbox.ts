/** Reads devices, sites and tenants of a NetBox by its REST API, page by page, and nothing else. */
import { z } from 'zod';
import { WayleaveError } from '../../broker/errors.ts';

/** A related object, as lists nest it. */
const nested = z.object({ name: z.string(), slug: z.string() });
const address = z.object({ address: z.string() });
const customFields = z.record(z.string(), z.unknown()).default({});

/** Of `/api/dcim/devices/`. `role` was called `device_role` before NetBox 4. */
const device = z.object({
  id: z.int(),
  name: z.string().nullable(),
  role: nested.optional(),
  device_role: nested.optional(),
  tenant: nested.nullable().default(null),
  site: nested,
  status: z.object({ value: z.string() }),
  primary_ip4: address.nullable().default(null),
  custom_fields: customFields,
});
const site = z.object({
  name: z.string(),
  slug: z.string(),
  tenant: nested.nullable().default(null),
  asns: z.array(z.object({ asn: z.int() })).default([]),
  custom_fields: customFields,
});
export type NetboxDevice = z.infer<typeof device>;
export type NetboxSite = z.infer<typeof site>;
export type NetboxTenant = z.infer<typeof nested>;

export interface Netbox {
  readonly devices: readonly NetboxDevice[];
  readonly sites: readonly NetboxSite[];
  readonly tenants: readonly NetboxTenant[];
}

export interface NetboxDeps {
  readonly fetch: typeof fetch;
  /** Told after each page. */
  readonly progress: (what: string, read: number, of: number) => void;
  readonly signal: AbortSignal;
}

const PAGE = 200;
/** Objects of one kind; pages of a server that never ends. */
const MOST = 100_000;
const MAX_PAGE_BYTES = 32 * 1024 * 1024;

/** Errors: `UNAVAILABLE` (no answer, or of another form), `UNAUTHENTICATED` (the token), `TOO_LARGE`. */
export async function readNetbox(deps: NetboxDeps, url: string, token: string): Promise<Netbox> {
  const root = url.replace(/\/+$/, '');
  // Tokens of version 2 have a prefix and another scheme (NetBox 4.5).
  const authorization = token.startsWith('nbt_') ? `Bearer ${token}` : `Token ${token}`;

  async function list<T>(path: string, form: z.ZodType<T>): Promise<readonly T[]> {
    const page = z.object({ count: z.int(), next: z.string().nullable(), results: z.array(form) });
    const found: T[] = [];
    // The server's `next` is not followed: it names whatever host the server thinks it is, and the token goes with it.
    for (let offset = 0; ; ) {
      const answer = await get(`${root}/api/${path}/?limit=${PAGE}&offset=${offset}`);
      const parsed = page.safeParse(answer);
      if (!parsed.success) {
        const where = parsed.error.issues[0]?.path.join('.') ?? '';
        throw new WayleaveError('UNAVAILABLE', `NetBox answered /api/${path}/ in an unknown form, at ${where}.`);
      }
      const { count, next, results } = parsed.data;
      found.push(...results);
      if (found.length > MOST) throw new WayleaveError('TOO_LARGE', `NetBox has more than ${MOST} ${path}.`);
      deps.progress(path, found.length, count);
      if (next === null || results.length === 0) return found;
      offset += results.length; // a server may give less than was asked for
    }
  }

  async function get(address_: string): Promise<unknown> {
    let response: Response;
    try {
      const headers = { Authorization: authorization, Accept: 'application/json' };
      response = await deps.fetch(address_, { headers, redirect: 'error', signal: deps.signal });
    } catch (error) {
      if (deps.signal.aborted) throw error;
      throw new WayleaveError('UNAVAILABLE', `NetBox at ${root} cannot be reached.`);
    }
    if (response.status === 401 || response.status === 403)
      throw new WayleaveError('UNAUTHENTICATED', `NetBox refuses the token (${response.status}).`);
    if (!response.ok) throw new WayleaveError('UNAVAILABLE', `NetBox answers ${response.status}.`);
    const text = await response.text();
    if (text.length > MAX_PAGE_BYTES) throw new WayleaveError('TOO_LARGE', 'A page of NetBox is too large.');
    try {
      return JSON.parse(text);
    } catch {
      throw new WayleaveError('UNAVAILABLE', `${root} is no NetBox: its answer is no JSON.`);
    }
  }

  return {
    tenants: await list('tenancy/tenants', nested),
    sites: await list('dcim/sites', site),
    devices: await list('dcim/devices', device),
  };
}
