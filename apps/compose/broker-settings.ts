/** What the broker's process is told by its supervisor, on stdin: folders, port, registry of agents, and the devices of the installation. */
import { z } from 'zod';
import { ROLES } from '../../broker/contract.ts';
import { tenantModels } from '../../broker/models/tenant-models.ts';
import { upstreamServers } from '../../broker/upstream/server-list.ts';

const port = z.int().min(0).max(65_535);
const launched = z.strictObject({ statement: z.string(), key: z.unknown() });
const workerKeys = z.array(z.unknown()).max(4);

/** Where a part of a divided installation listens for others than this machine: TLS, under one name. */
export const networkDoor = z.strictObject({
  host: z.string(),
  publicHost: z.string(),
  tls: z.strictObject({ cert: z.string(), key: z.string() }),
});

const external = z.strictObject({
  issuer: z.url(),
  clientId: z.string(),
  clientSecret: z.string(),
  nameClaim: z.string(),
  tenantClaim: z.string(),
  rolesClaim: z.string(),
  roleMap: z.array(z.strictObject({ name: z.string(), role: z.enum(ROLES) })),
});

export const brokerSettings = z.strictObject({
  /** Data: database, log, users. */
  folder: z.string(),
  /** Keys, in another folder than the data. */
  keys: z.string(),
  port: z.number(),
  door: networkDoor.optional(),
  /** PostgreSQL, and the schema there; an empty URL = PGlite in `folder`. */
  databaseUrl: z.string(),
  /** What is written to the broker's own log (the audit log has everything). */
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  /** Files of invariants beside the shipped ones. */
  invariants: z.array(z.string()).default([]),
  /** How much faster than real time the network's clock runs: 1, but for a simulated one. */
  networkSpeed: z.number().positive().default(1),
  /** How long a change waits for people; absent: ten minutes. */
  approvalSeconds: z.number().positive().optional(),
  /** Whether devices may be read by SNMP version 2c. */
  allowSnmp2c: z.boolean().default(false),
  /** Whether devices tell this broker what happens; of several on one database one hears it. */
  listens: z.boolean().default(true),
  /** Where it hears them: an address of this machine, and UDP ports (0 = any free one). */
  collectors: z
    .strictObject({
      host: z.union([z.ipv4(), z.ipv6()]),
      ports: z.strictObject({ traps: port, syslog: port, flows: port }),
    })
    .default({ host: '127.0.0.1', ports: { traps: 0, syslog: 0, flows: 0 } }),
  databaseSchema: z.string(),
  /** Days for which readings and events are kept, e.g. `7,acme=3`. */
  telemetryDays: z.string().default('7'),
  /** What the supervisor launched, signed, and the public key that signed it. */
  agents: launched,
  /** Public keys of the workers that run schedules. */
  workerKeys,
  /** Agents connect by mutual TLS: PEM of the authority and of the broker, and the port of that door. */
  mutual: z.strictObject({ ca: z.string(), cert: z.string(), key: z.string(), port: z.number() }).optional(),
  /** Of whom a fresh second factor is demanded for what lets others do more. */
  secondFactor: z.enum(['enrolled', 'always']).default('enrolled'),
  /** Issuer at which people may log in, and how its claims are read. */
  external: external.optional(),
  /** MCP servers of others, with their credentials. */
  upstream: upstreamServers.default([]),
  /** Which language models may read what a tenant's network says; `none` for a tenant that is not named. */
  tenantModels: tenantModels.default({}),
  /** Where checkpoints are sent; empty = nowhere. */
  auditAnchorUrl: z.string().default(''),
  /** Who asks for `/metrics` must show it; empty = nobody gets them. */
  metricsToken: z.string().default(''),
  /** File of the channels that notices go to; empty = none. */
  notifications: z.string().default(''),
  witness: z.strictObject({ url: z.url(), verifier: z.string() }).optional(),
  /** Where the agents answer people, which the console has to know; absent until they run. */
  agentsUrl: z.url().optional(),
  /** Inventory document to import at start; absent when the broker already has one. */
  inventory: z.unknown().optional(),
});

export type BrokerSettings = z.infer<typeof brokerSettings>;

/** What the supervisor says later: the same agents with other keys; `done` when the old ones are gone. */
const keysUpdate = z.strictObject({ agents: launched, workerKeys, done: z.boolean() });
export type KeysUpdate = z.infer<typeof keysUpdate>;
/** Or where the agents answer, once they run. */
export const brokerUpdate = z.union([keysUpdate, z.strictObject({ agentsUrl: z.url() })]);
