/** `npm run openapi`: writes the OpenAPI document and the console's types, or with `--check` says whether they are as they should be. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeAnswerSchemas } from './answer-schemas.ts';
import { buildOpenApi } from './build-openapi.ts';
import { emitTypes } from './emit-types.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Both files by their path, as they should be. */
function makeFiles(): { readonly [file: string]: string } {
  const document = buildOpenApi(makeAnswerSchemas(root));
  return {
    'broker/http/openapi.json': `${JSON.stringify(document, null, 1)}\n`,
    'console/api/schema.ts': emitTypes(document),
  };
}

let stale = 0;
for (const [file, text] of Object.entries(makeFiles())) {
  const place = path.join(root, file);
  if (process.argv.includes('--check')) {
    if (readFileSync(place, 'utf8') === text) continue;
    console.error(`${file} is not what the API is: run npm run openapi`);
    stale += 1;
  } else writeFileSync(place, text);
}
process.exitCode = stale > 0 ? 1 : 0;
