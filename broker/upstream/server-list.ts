/** Which MCP servers of others stand behind the broker: one list a broker, each server for one tenant and one domain. */
import { z } from 'zod';
import { DOMAINS } from '../contract.ts';

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

/** `https`, or `http` on this machine; without credentials in the URL, which would end in logs. */
const address = z
  .url()
  .max(500)
  .refine((text) => {
    const url = URL.parse(text);
    if (url === null || url.username !== '' || url.password !== '' || url.hash !== '') return false;
    return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.includes(url.hostname));
  }, 'give an https URL, or http on this machine, without a name or password in it');

/** What a server may cost. The presets are for servers that answer a person. */
const budget = z.strictObject({
  callsPerMinute: z.int().min(1).max(6000).default(60),
  /** For a whole call: connection, listing and answer. */
  seconds: z.int().min(1).max(50).default(15),
  /** Of everything that a server says in one call. */
  kilobytes: z.int().min(1).max(4096).default(512),
});

export const upstreamServer = z.strictObject({
  tenant: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/),
  /** Part of each tool's name; no dot, so that where it ends is never in doubt. */
  name: z.string().regex(/^[a-z][a-z0-9-]{0,20}$/, 'give lower case letters, digits and -, at most 21'),
  url: address,
  /** The MCP server of the broker at which its tools appear. */
  domain: z.enum(DOMAINS),
  /** Sent as a bearer token to this server and to nobody else. */
  credential: z
    .string()
    .regex(/^[\x21-\x7e]{1,4096}$/)
    .optional(),
  budget: budget.default(() => budget.parse({})),
});
export type UpstreamServer = Readonly<z.infer<typeof upstreamServer>>;

/** No name twice in a tenant: a later server would answer for an earlier one. */
export const upstreamServers = z
  .array(upstreamServer)
  .max(50)
  .superRefine((servers, context) => {
    const keys = servers.map(serverKey);
    const twice = keys.find((key, at) => keys.indexOf(key) !== at);
    if (twice !== undefined) context.addIssue({ code: 'custom', message: `two servers are called ${twice}` });
  });

export const serverKey = ({ tenant, name }: Pick<UpstreamServer, 'tenant' | 'name'>): string => `${tenant}/${name}`;
