/** Build step: makes the template of a fresh database beside the compiled sources. */
import { openDurablePglite } from './pglite-durable.ts';
import { makeTemplate } from './template.ts';

await makeTemplate(async (folder) => {
  const pglite = await openDurablePglite(folder);
  await pglite.query('CHECKPOINT');
  await pglite.close();
});
