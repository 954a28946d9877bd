/** The catalogue of incidents and fault types: facts about what goes wrong in an SD-WAN, one file in JSON. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { WayleaveError } from '../broker/errors.ts';

const incident = z.looseObject({
  id: z.string(),
  title: z.string(),
  domain: z.string(),
  severity: z.string(),
  fault_type: z.string(),
  root_causes: z.array(z.looseObject({ resource: z.string(), fault_type: z.string() })),
  min_size: z.string(),
});

const catalogue = z.looseObject({
  fault_types: z.array(z.string()).min(1),
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
