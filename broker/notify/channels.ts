/** The channels of the installation: by tenant and name, where a notice goes and which are wanted. Read once, at start. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { WayleaveError } from '../errors.ts';
import { NOTICE_TYPES, type Notice, type NoticeType } from './notice.ts';

/** Tenant of what concerns the whole installation, as in the audit log. */
export const INSTALLATION = '-';

export interface Channel {
  readonly tenant: string;
  readonly name: string;
  readonly url: string;
  readonly types: readonly NoticeType[];
}

export interface Channels {
  readonly all: readonly Channel[];
  /** Whether a policy can oblige to tell it. */
  has(tenant: string, name: string): boolean;
  /** Who is told. */
  of(notice: Notice): readonly Channel[];
}

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

/** The only places that are ever called: what a person wrote into the file, encrypted unless it stays on this machine. */
const address = z
  .url('give a URL')
  .max(2000)
  .refine(isSafe, 'give an https URL without a password, or http on this machine');

function isSafe(text: string): boolean {
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.includes(hostname));
}

const families = [...new Set(NOTICE_TYPES.map((type) => `${type.slice(0, type.indexOf('.'))}.*`))];
const wanted = z.enum([...NOTICE_TYPES, ...families], {
  error: `give one of ${[...NOTICE_TYPES, ...families].join(', ')}`,
});
/** As an obligation of a policy names it. */
const channelName = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'give a name like security');
const tenantName = z.string().regex(/^(-|[a-z][a-z0-9-]{0,62})$/, 'give a tenant, or - for the installation');
const file = z.strictObject({
  tenants: z.record(
    tenantName,
    z.record(channelName, z.strictObject({ url: address, events: z.array(wanted).max(50).default([]) })),
  ),
});

/** Largest file that is read, bytes. */
const MAX_BYTES = 256 * 1024;

/** Throws `CONFIG_INVALID` with the file and the place. An empty path is no channel. */
export function loadChannels(path: string): Channels {
  if (path === '') return createChannels([]);
  const refuse = (why: string): WayleaveError =>
    new WayleaveError('CONFIG_INVALID', `The channels of ${path} cannot be used: ${why}`);
  let value: unknown;
  try {
    const text = readFileSync(path, 'utf8');
    if (text.length > MAX_BYTES) throw new Error(`larger than ${MAX_BYTES} bytes`);
    value = parse(text, { maxAliasCount: 0 });
  } catch (error) {
    throw refuse(error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'unreadable');
  }
  const read = file.safeParse(value);
  if (!read.success) {
    const issue = read.error.issues[0];
    throw refuse(`${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim());
  }
  return createChannels(
    Object.entries(read.data.tenants).flatMap(([tenant, channels]) =>
      Object.entries(channels).map(([name, { url, events }]) => ({ tenant, name, url, types: typesOf(events) })),
    ),
  );
}

const typesOf = (events: readonly string[]): readonly NoticeType[] =>
  NOTICE_TYPES.filter((type) => events.includes(type) || events.includes(`${type.slice(0, type.indexOf('.'))}.*`));

export function createChannels(all: readonly Channel[]): Channels {
  const ofTenant = (tenant: string): readonly Channel[] => all.filter((one) => one.tenant === tenant);
  return {
    all,
    has: (tenant, name) => ofTenant(tenant).some((one) => one.name === name),
    of: ({ tenant, type, channels }) =>
      ofTenant(tenant).filter((one) => channels?.includes(one.name) ?? one.types.includes(type)),
  };
}
