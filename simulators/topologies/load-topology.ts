/** Finds the network that somebody names: `refnet:m`, `refnet:250`, an example, or a YAML file. */
import { readFileSync } from 'node:fs';
import { ModelError, type Topology } from '../model/network.ts';
import { MAX_BRANCHES } from './addressing.ts';
import { buildTopology } from './blueprint.ts';
import { type FileOptions, fileBlueprint } from './file-blueprint.ts';
import { REFNET_SIZES, refnet } from './refnet.ts';
import { parseTopologyFile } from './topology-file.ts';

/** Networks that ship beside the reference network. */
export const EXAMPLES = ['two-regions', 'full-mesh', 'shops'] as const;

const SIZES: Readonly<Record<string, number>> = REFNET_SIZES;

/** How many branches a name like `refnet:l` or `refnet:250` asks for; undefined for any other name. */
export function readSize(name: string): number | undefined {
  const size = /^refnet:(\w+)$/.exec(name)?.[1];
  if (size === undefined) return undefined;
  const branches = SIZES[size] ?? (/^\d{1,6}$/.test(size) ? Number(size) : Number.NaN);
  if (branches >= 1 && branches <= MAX_BRANCHES) return branches;
  throw new ModelError(
    'TOPOLOGY_INVALID',
    `${name}: give a size out of ${Object.keys(SIZES).join(', ')} or 1 to ${MAX_BRANCHES} branches`,
  );
}

/** Throws `ModelError` `TOPOLOGY_INVALID` with the file, the place and the reason. */
export function loadTopology(name: string, options: FileOptions): Topology {
  const branches = readSize(name);
  if (branches !== undefined) return refnet({ ...options, branches });
  const example = EXAMPLES.find((one) => one === name);
  let text: string;
  try {
    text = readFileSync(example === undefined ? name : new URL(`./examples/${example}.yaml`, import.meta.url), 'utf8');
  } catch {
    throw new ModelError(
      'TOPOLOGY_INVALID',
      `there is no network ${name}: give refnet:s|m|l|xl, refnet:<branches>, ${EXAMPLES.join(', ')} or a YAML file`,
    );
  }
  try {
    return buildTopology(fileBlueprint(parseTopologyFile(text), options));
  } catch (error) {
    if (error instanceof ModelError) throw new ModelError(error.code, `${name}: ${error.message}`);
    throw error;
  }
}
