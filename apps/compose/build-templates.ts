/** Build step: makes the templates of a fresh database beside the compiled sources, an empty one and the broker's. */
import { migrate } from '../../storage/migrate.ts';
import { openDatabase } from '../../storage/open-database.ts';
import { makeTemplates } from '../../storage/template.ts';
import { BROKER_MIGRATIONS } from './broker-migrations.ts';

await makeTemplates([[], BROKER_MIGRATIONS], async (folder, migrations) => {
  const { pool, close } = await openDatabase({ folder });
  if (migrations.length > 0) await migrate(pool, migrations);
  await pool.query('CHECKPOINT');
  await close();
});
