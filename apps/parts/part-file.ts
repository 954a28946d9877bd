/** What one part of a divided installation is given by file: its door, its keys, and whom it trusts. Written by `wayleave split`. */
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { AGENTS } from '../../broker/contract.ts';
import { WayleaveError } from '../../broker/errors.ts';

/** Where it listens: all addresses of its container, under one name, by TLS. */
const door = z.strictObject({
  publicHost: z.string(),
  port: z.int().min(1).max(65_535),
  cert: z.string(),
  key: z.string(),
});

const part = {
  /** Nothing of the agents but what was launched, signed, and public keys. */
  broker: z.strictObject({
    part: z.literal('broker'),
    door,
    agents: z.strictObject({ statement: z.string(), key: z.unknown() }),
    workerKeys: z.array(z.unknown()),
    agentsUrl: z.url(),
  }),
  agents: z.strictObject({
    part: z.literal('agents'),
    door,
    brokerUrl: z.url(),
    keys: z.partialRecord(z.enum(AGENTS), z.string()),
    workerKey: z.string(),
  }),
  worker: z.strictObject({ part: z.literal('worker'), brokerUrl: z.url(), workerKey: z.string() }),
} as const;

export type PartName = keyof typeof part;
export type Part<Name extends PartName> = z.infer<(typeof part)[Name]>;

/** Of the authority that both doors are certified by. */
export const CA_FILE = 'ca.pem';
const PART_FILE = 'part.json';
export const partFile = (folder: string): string => path.join(folder, PART_FILE);
export const caFile = (folder: string): string => path.join(folder, CA_FILE);

/** For a process that has to believe the other part's certificate; read by Node itself when it starts. */
export const trust = (folder: string): { readonly NODE_EXTRA_CA_CERTS: string } => ({
  NODE_EXTRA_CA_CERTS: caFile(path.resolve(folder)),
});

/** What was asked for and is not there must not pass for being there. */
export const noCertificates = (): WayleaveError =>
  new WayleaveError(
    'CONFIG_INVALID',
    'agentCertificates: parts know each other by the certificates of their doors and by the keys in their folders; certificates of agents are for an installation in one folder. Leave it at no.',
  );

/** Throws `CONFIG_INVALID` for a folder without the file of this part, or one that everybody may read. */
export function readPart<Name extends PartName>(name: Name, folder: string): Part<Name> {
  const file = partFile(path.resolve(folder));
  const refuse = (why: string): never => {
    throw new WayleaveError('CONFIG_INVALID', `partFolder: ${file} ${why}`);
  };
  let text: string;
  try {
    // Mounted secrets belong to root and are readable by the group of the pod; others have no business here.
    if ((statSync(file).mode & 0o007) !== 0)
      refuse('can be read by everybody: chmod 600, or 640 for a group of its own.');
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof WayleaveError) throw error;
    return refuse('cannot be read. `wayleave split` writes it.');
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse('is no JSON.');
  }
  const form: z.ZodType = part[name];
  const parsed = form.safeParse(value);
  if (!parsed.success) return refuse(`is not that of the ${name}.`);
  return parsed.data as Part<Name>;
}
