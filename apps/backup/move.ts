/** Moves an embedded installation to servers: a backup, restored there, and the old folders put aside so that nobody goes on in them. */
import { existsSync, renameSync } from 'node:fs';
import path from 'node:path';
import { WayleaveError } from '../../broker/errors.ts';
import { backUp } from './back-up.ts';
import { describePlace, type Places } from './places.ts';
import { type Restored, type RestoreOptions, restore } from './restore.ts';

export interface Moved extends Restored {
  /** The backup that it went through, which stays. */
  readonly backup: string;
  /** What is no longer used, under its new name. */
  readonly aside: readonly string[];
}

export interface MoveOptions extends Pick<RestoreOptions, 'prepareAgents' | 'now' | 'progress'> {
  readonly from: Places;
  readonly to: Places;
  /** Folder of the backup, which does not exist yet. */
  readonly backup: string;
}

/** Throws as backup and restoration do; until everything is there, the embedded installation is as it was. */
export async function moveToServers({ from, to, backup, ...rest }: MoveOptions): Promise<Moved> {
  if (!('folder' in from.broker) || !existsSync(path.join(from.broker.folder, 'pg')))
    throw new WayleaveError('NOT_FOUND', `There is no embedded installation in ${from.home.root}.`);
  rest.progress(`backing up ${describePlace(from.broker)}`);
  await backUp({ places: from, target: backup, now: rest.now, progress: rest.progress });
  rest.progress(`restoring to ${describePlace(to.broker)}`);
  const restored = await restore({ ...rest, source: backup, places: to, anchors: [], moves: true });
  const stamp = new Date(rest.now()).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const aside = [
    from.broker.folder,
    from.audit,
    'url' in to.agents && 'folder' in from.agents ? from.agents.folder : undefined,
  ]
    .filter((folder) => folder !== undefined && existsSync(folder))
    .map((folder) => {
      const name = `${folder}.moved-${stamp}`;
      renameSync(String(folder), name);
      return name;
    });
  return { ...restored, backup, aside };
}
