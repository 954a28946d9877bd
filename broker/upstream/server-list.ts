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

const absolute = z
  .string()
  .max(1024)
  .regex(/^\/[^\0]*$/, 'give an absolute path');

/** A program that speaks MCP on stdin and stdout. */
export const upstreamProgram = z.strictObject({
  /** The executable, by its absolute path, and its arguments. No shell reads them. */
  run: z.tuple(
    [absolute],
    z
      .string()
      .max(4096)
      .regex(/^[^\0]*$/),
  ),
  /** What else it is made of: scripts and libraries, each by its absolute path. */
  files: z.array(absolute).max(100).default([]),
  /** Over all of that, as it is on disk; the program is not started while it is another. */
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/, 'give sha256: and 64 hexadecimal digits'),
  /** All of its environment, but for PATH, HOME and LANG. */
  env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/), z.string().max(4096)).default({}),
});
export type UpstreamProgram = Readonly<z.infer<typeof upstreamProgram>>;

/** What a server may cost. The presets are for servers that answer a person. */
const budget = z.strictObject({
  callsPerMinute: z.int().min(1).max(6000).default(60),
  /** For a whole call: connection, listing and answer. */
  seconds: z.int().min(1).max(50).default(15),
  /** Of everything that a server says in one call. */
  kilobytes: z.int().min(1).max(4096).default(512),
});

/** Fields of a server; one of `url` and `program` says where it is. */
export const upstreamFields = z.strictObject({
  tenant: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/),
  /** Part of each tool's name; no dot, so that where it ends is never in doubt. */
  name: z.string().regex(/^[a-z][a-z0-9-]{0,20}$/, 'give lower case letters, digits and -, at most 21'),
  url: address.optional(),
  program: upstreamProgram.optional(),
  /** The MCP server of the broker at which its tools appear. */
  domain: z.enum(DOMAINS),
  /** Sent as a bearer token to this server and to nobody else. */
  credential: z
    .string()
    .regex(/^[\x21-\x7e]{1,4096}$/)
    .optional(),
  budget: budget.default(() => budget.parse({})),
});
export type UpstreamServer = Readonly<z.infer<typeof upstreamFields>>;

const upstreamServer = upstreamFields.refine(
  ({ url, program: started, credential }) =>
    started === undefined ? url !== undefined : url === undefined && credential === undefined,
  'give either a url, perhaps with a credential, or a program, whose secrets go into its env',
);

/** Where it is, for people. */
export const placeOf = ({ url, program: started }: UpstreamServer): string =>
  url ?? `program ${started?.run.join(' ')}`;

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
