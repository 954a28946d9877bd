/** Every setting of an installation: what it means, how it is checked, and what it is without anybody's wish. */
import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65_535);

export const SETTINGS = {
  home: {
    schema: z.string().min(1),
    preset: path.join(os.homedir(), '.wayleave'),
    says: 'Folder of the installation: data, keys, logs',
  },
  tenants: {
    schema: z
      .string()
      .regex(
        /^[a-z][a-z0-9-]{0,30}:(s|m|l|\d{1,5})(,[a-z][a-z0-9-]{0,30}:(s|m|l|\d{1,5}))*$/,
        'give NAME:SIZE[,NAME:SIZE…] with size s, m, l or a number of branches',
      ),
    preset: 'acme:m,globex:s',
    says: 'Tenants of the simulated network and their sizes (s 2, m 4, l 8 branches)',
  },
  network: {
    schema: z.string().max(4096),
    preset: '',
    says: 'Network of every tenant: refnet:SIZE, an example or a YAML file; empty = the size of each tenant',
  },
  inventory: {
    schema: z.string().max(4096),
    preset: '',
    says: 'File with the real devices of every tenant and how to reach them (docs/real-devices.md); empty = a simulated network',
  },
  collectors: {
    schema: z
      .string()
      .regex(/^[0-9a-f.:]+(,\d{1,5}){3}$/i, 'give ADDRESS,PORT,PORT,PORT: of traps, syslog and flow records'),
    preset: '127.0.0.1,0,0,0',
    says: 'Address on which devices reach the broker, and its ports for traps, syslog and flow records (0 = any free one)',
  },
  seed: {
    schema: z.coerce
      .number('give a whole number')
      .int()
      .min(0)
      .max(2 ** 31),
    preset: 1,
    says: 'Seed of the simulated network',
  },
  speed: {
    schema: z.coerce.number().min(1).max(1000),
    preset: 1,
    says: 'How much faster than real time the simulated network runs',
  },
  informs: {
    schema: z.enum(['no', 'yes'], 'give yes or no'),
    preset: 'no',
    says: 'Whether simulated devices tell by informs, which are repeated until they are acknowledged, instead of traps',
  },
  imperfections: {
    schema: z.string().regex(/^([a-z]+=[\d.]+(,[a-z]+=[\d.]+)*)?$/, 'give KNOB=NUMBER[,KNOB=NUMBER…]'),
    preset: '',
    says: 'What is imperfect about what the simulated network tells, where it is not as usual (docs/simulator.md)',
  },
  brokerPort: { schema: port, preset: 7420, says: 'Port of the broker on 127.0.0.1 (0 = any free one)' },
  brokers: {
    schema: z.coerce.number('give a whole number').int().min(1).max(16),
    preset: 1,
    says: 'Broker processes that share one PostgreSQL (databaseUrl); the second listens on brokerPort + 2 (docs/several-brokers.md)',
  },
  agentsPort: { schema: port, preset: 7421, says: 'Port of the agents on 127.0.0.1 (0 = any free one)' },
  databaseUrl: {
    schema: z.string(),
    preset: '',
    says: 'PostgreSQL of the broker; empty = embedded PGlite',
    env: 'DATABASE_URL',
    secret: true,
  },
  agentsDatabaseUrl: {
    schema: z.string(),
    preset: '',
    says: 'PostgreSQL of the agents (another database and user); empty = embedded PGlite',
    secret: true,
  },
  redisUrl: {
    schema: z.string(),
    preset: '',
    says: 'Redis for the queue of scheduled work; empty = PostgreSQL of the agents, or embedded (docs/jobs.md)',
    env: 'REDIS_URL',
    secret: true,
  },
  databaseSchema: {
    schema: z.string().regex(/^[a-z][a-z0-9_]{0,47}$/, 'give lower case letters, digits and _'),
    preset: 'wayleave',
    says: 'Separates installations on one PostgreSQL database: its schemas are NAME_broker and NAME_agents',
  },
  telemetryDays: {
    schema: z.coerce.string().regex(/^[1-9]\d{0,3}(,[a-z][a-z0-9-]{0,30}=[1-9]\d{0,3})*$/, 'give DAYS[,TENANT=DAYS…]'),
    preset: '7',
    says: 'Days for which readings and events are kept, for all and by tenant (docs/storage.md)',
  },
  model: {
    schema: z
      .string()
      .max(200)
      .regex(/^(|(openai|anthropic|ollama):[^\s:].*)$/, 'give openai:NAME, anthropic:NAME or ollama:NAME'),
    preset: '',
    says: 'Language model as provider:name; empty = none, the agents work without (docs/models.md)',
  },
  modelBaseUrl: {
    schema: z.union([z.literal(''), z.url({ protocol: /^https?$/, error: 'give an http or https URL' })]),
    preset: '',
    says: 'Server of the model, when it is not the provider’s own: any that speaks the protocol of the provider',
  },
  tenantModels: {
    schema: z
      .string()
      .regex(
        /^(|[a-z][a-z0-9-]{0,30}=(none|local|any)(,[a-z][a-z0-9-]{0,30}=(none|local|any))*)$/,
        'give TENANT=none|local|any[,TENANT=…]',
      ),
    preset: '',
    says: 'Which language models may read what a tenant’s network says; a tenant that is not named: none',
  },
  modelCalls: {
    schema: z.coerce.number('give a whole number').int().min(0).max(50),
    preset: 4,
    says: 'How often the model is asked for one question at most',
  },
  modelTokens: {
    schema: z.coerce.number('give a whole number').int().min(0).max(1_000_000),
    preset: 12_000,
    says: 'Tokens that one question may cost, prompts and answers together',
  },
  modelSeconds: {
    schema: z.coerce.number('give a whole number').int().min(1).max(600),
    preset: 30,
    says: 'How long the model may take for one question, all calls together',
  },
  containSeconds: {
    schema: z.coerce.number('give a number').int().min(5).max(86_400),
    preset: 14_400,
    says: 'Seconds for which the threat watcher proposes to contain a threat (docs/containment.md)',
  },
  approvalSeconds: {
    schema: z.coerce.number('give a whole number').int().min(5).max(1500),
    preset: 600,
    says: 'Seconds for which a change waits for people; what was asked for lives half an hour',
  },
  allowSnmp2c: {
    schema: z.enum(['no', 'yes'], 'give yes or no'),
    preset: 'no',
    says: 'Whether devices with endpoint.snmp2c are read by SNMP version 2c, which protects nothing (docs/security.md)',
  },
  identityIssuer: {
    schema: z.union([z.literal(''), z.url()]),
    preset: '',
    says: 'OpenID Connect issuer at which people may log in; empty = only the user file',
  },
  identityClientId: { schema: z.string(), preset: 'wayleave', says: 'Name of the broker as a client of that issuer' },
  identityClientSecret: { schema: z.string(), preset: '', says: 'Its secret there', secret: true },
  identityNameClaim: {
    schema: z.string().min(1),
    preset: 'preferred_username',
    says: 'Claim of the ID token with the name of the person',
  },
  identityTenantClaim: { schema: z.string().min(1), preset: 'tenant', says: 'Claim with the tenant' },
  identityRolesClaim: {
    schema: z.string().min(1),
    preset: 'roles',
    says: 'Claim with the list of roles; a dot leads into an object (realm_access.roles)',
  },
  identityRoleMap: {
    schema: z.string().regex(/^([^=,]+=[a-z-]+(,[^=,]+=[a-z-]+)*)?$/, 'give NAME=ROLE[,NAME=ROLE…]'),
    preset: '',
    says: 'Which role a name in that list stands for; names that are not here give none',
  },
  secondFactor: {
    schema: z.enum(['enrolled', 'always']),
    preset: 'enrolled',
    says: 'Of whom a fresh second factor is demanded for what lets others do more: of people who have one, or of everybody',
  },
  agentCertificates: {
    schema: z.enum(['no', 'yes']),
    preset: 'no',
    says: 'Whether agents and broker speak TLS and show each other certificates (mutual TLS), made anew at each start',
  },
  invariants: {
    schema: z.string(),
    preset: '',
    says: 'Files of invariants of your own that every change must leave true, separated by commas (docs/rehearsal.md)',
  },
  upstream: {
    schema: z.string(),
    preset: '',
    says: 'File that names the MCP servers of others which stand behind the broker (docs/mcp.md)',
  },
  auditAnchorUrl: {
    schema: z
      .string()
      .regex(/^(|https:\/\/.+|http:\/\/(127\.0\.0\.1|localhost)[:/].*)$/, 'give an https URL, or http on this machine'),
    preset: '',
    says: 'Where checkpoints of the audit log are sent by signed webhook, out of reach of this machine (docs/audit.md)',
  },
  notifications: {
    schema: z.string(),
    preset: '',
    says: 'File of the channels that are told of approvals, risk, stops and pages by signed webhook (docs/notifications.md)',
  },
  part: {
    schema: z.enum(['all', 'broker', 'agents'], 'give all, broker or agents'),
    preset: 'all',
    says: 'What `wayleave up` starts here: everything, or one part of an installation that `wayleave split` divided (docs/deployment.md)',
  },
  partFolder: {
    schema: z.string().max(4096),
    preset: '',
    says: 'Folder with the keys and certificates of this part, as `wayleave split` wrote it',
  },
  logLevel: {
    schema: z.enum(['debug', 'info', 'warn', 'error']),
    preset: 'info',
    says: 'What the processes write to their logs',
  },
} as const satisfies Record<
  string,
  {
    readonly schema: z.ZodType;
    readonly preset: string | number;
    readonly says: string;
    readonly env?: string;
    readonly secret?: boolean;
  }
>;
