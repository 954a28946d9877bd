/** The form of a topology file: YAML that describes a network of somebody's own. `docs/topologies.md` explains it. */
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { ModelError } from '../model/network.ts';

const MAX_BYTES = 1024 * 1024;

const name = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,30}$/, 'a name: lower-case letters, digits and dashes, beginning with a letter');
const color = z.enum(['mpls', 'biz-internet', 'lte']);
const prefix = z.string().regex(/^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/, 'a prefix like 172.30.0.0/16');

const transport = z.strictObject({
  provider: z.string().regex(/^[a-z][a-z0-9_]{0,30}$/, 'the name of a provider core, like isp1_core'),
  port: z.string().regex(/^[a-z]+[0-9/]+$/, 'the name of a port, like ge0/0'),
  oneway_ms: z.number().min(0.1).max(1000),
  branch_mbps: z.number().min(0.1).max(100_000),
  hub_mbps: z.number().min(0.1).max(400_000),
});

const site = {
  name,
  /** Site number; also `{site}` in the address plan. */
  id: z.int().min(1).max(254),
  asn: z.int().min(1).max(4_294_967_294).optional(),
  region: name.optional(),
  transports: z.array(color).min(1),
};

const hub = z.strictObject({ ...site, device: z.string().optional() });

const branch = z.strictObject({
  ...site,
  /** One name an edge; two edges share the LAN by VRRP. */
  devices: z
    .array(z.string().regex(/^[a-z][a-z0-9_-]{0,40}$/))
    .min(1)
    .max(2)
    .optional(),
  edges: z.int().min(1).max(2).default(1),
  /** Hubs it is connected to, preferred first; those of its region, or all, when absent. */
  hubs: z.array(name).min(1).optional(),
  /** A router in the LAN that speaks OSPF with the edges. */
  core_router: z.boolean().default(false),
});

const file = z.strictObject({
  name: z.string().min(1).max(80),
  transports: z.partialRecord(color, transport),
  addressing: z
    .strictObject({
      /** `{site}` and `{vrf}` are put in. */
      lan: z.string().default('10.{site}.{vrf}.0/24'),
      summary: prefix.default('10.0.0.0/8'),
      wan: prefix.default('100.64.0.0/16'),
      overlay: prefix.default('172.30.0.0/16'),
      system: prefix.default('10.255.0.0/16'),
    })
    .prefault({}),
  hubs: z.array(hub).min(1),
  branches: z.array(branch).min(1).max(2000),
  /** `hubs`: branches to hubs only; `full`: every two branches too; `links`: hubs, and the pairs listed. */
  mesh: z.enum(['hubs', 'full', 'links']).default('hubs'),
  links: z.array(z.tuple([name, name])).default([]),
});

export type TopologyFile = z.infer<typeof file>;
export type BranchEntry = TopologyFile['branches'][number];

/** A refusal with the place in the file. */
export const refuse = (place: string, reason: string): ModelError =>
  new ModelError('TOPOLOGY_INVALID', `${place}: ${reason}`);

/** Reads the text of a file. Throws `ModelError` `TOPOLOGY_INVALID` with the first place that is wrong. */
export function parseTopologyFile(text: string): TopologyFile {
  if (text.length > MAX_BYTES) throw refuse('document', 'larger than 1 MiB');
  let raw: unknown;
  try {
    raw = parseYaml(text, { maxAliasCount: 0 });
  } catch (error) {
    throw refuse('document', error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'not YAML');
  }
  const parsed = file.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw refuse(issue?.path.join('.') || 'document', issue?.message ?? 'invalid');
  }
  return parsed.data;
}
