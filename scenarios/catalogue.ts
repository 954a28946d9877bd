/** The catalogue of incidents and fault types: facts about what goes wrong in an SD-WAN, one file in JSON. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { WayleaveError } from '../broker/errors.ts';

const pair = z.looseObject({ resource: z.string().min(1).max(200), fault_type: z.string().min(1).max(100) });

const incident = z.looseObject({
  id: z.string(),
  title: z.string(),
  domain: z.string().default('unknown'),
  severity: z.string().default('unknown'),
  fault_type: z.string(),
  root_causes: z.array(pair),
  /** Resources that are as good an answer as those of the root causes. */
  accept_equivalent: z.array(z.string()).default([]),
  /** Part of the situation; to name one neither helps nor hurts. */
  neutral_pairs: z.array(pair).default([]),
  min_size: z.string().default('s'),
});

const catalogue = z.looseObject({
  fault_types: z.array(z.string()).default([]),
  incidents: z.array(incident).min(1),
});

export type Catalogue = z.infer<typeof catalogue>;

/** The one that ships with Wayleave. */
export const BUNDLED = fileURLToPath(new URL('./catalogue/incidents.json', import.meta.url));

/** Largest file that is read. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Throws `CATALOGUE_MISSING` when it cannot be read, `SCENARIO_INVALID` when it has another form. */
export function loadCatalogue(file: string = BUNDLED): Catalogue {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new WayleaveError('CATALOGUE_MISSING', `The incident catalogue ${file} cannot be read.`);
  }
  if (text.length > MAX_BYTES) throw new WayleaveError('SCENARIO_INVALID', `${file}: larger than 16 MiB.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new WayleaveError('SCENARIO_INVALID', `${file}: not JSON.`);
  }
  const parsed = catalogue.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new WayleaveError(
      'SCENARIO_INVALID',
      `${file}: ${issue?.path.join('.') || 'document'}: ${issue?.message ?? 'invalid'}`,
    );
  }
  return parsed.data;
}
