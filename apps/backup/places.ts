/** Where an installation keeps what it remembers, as its configuration says, and how each database of it is opened. */
import path from 'node:path';
import { createFilePort, type FilePort } from '../../broker/audit/file-port.ts';
import { LOG_NAME, openKeyFile, openLaterKeys } from '../../broker/audit/keys.ts';
import { createLogKeys, type LogKeys } from '../../broker/audit/log-keys.ts';
import type { NoteSigner } from '../../broker/audit/note.ts';
import { lockFolder } from '../../storage/folder-lock.ts';
import type { DatabaseLocation } from '../../storage/open-database.ts';
import type { Config } from '../config.ts';
import type { Home } from '../home.ts';

export interface Places {
  readonly home: Home;
  readonly broker: DatabaseLocation;
  readonly agents: DatabaseLocation;
  /** Folder of the log's segments; undefined where the log is in the broker's database. */
  readonly audit: string | undefined;
  /** Files of the broker that are no database, by their names in a backup. */
  readonly files: { readonly [name: string]: string };
}

export type PlacesConfig = Pick<Config, 'databaseUrl' | 'agentsDatabaseUrl' | 'databaseSchema'>;

export function placesOf(config: PlacesConfig, home: Home): Places {
  const { databaseUrl, agentsDatabaseUrl, databaseSchema } = config;
  return {
    home,
    broker:
      databaseUrl === ''
        ? { folder: path.join(home.broker, 'database') }
        : { url: databaseUrl, schema: `${databaseSchema}_broker` },
    agents:
      agentsDatabaseUrl === ''
        ? { folder: path.join(home.agents, 'database') }
        : { url: agentsDatabaseUrl, schema: `${databaseSchema}_agents` },
    audit: databaseUrl === '' ? path.join(home.broker, 'audit') : undefined,
    files: { 'users.json': path.join(home.broker, 'users.json') },
  };
}

/** Where something lies, without a password that the URL may hold. */
export const describePlace = (place: DatabaseLocation): string =>
  'url' in place ? `PostgreSQL, schema ${place.schema}` : place.folder;

/** The log's own keys; the first is made when it is missing, as at a first start. */
export function openLog(home: Home): { readonly signer: NoteSigner; readonly keys: LogKeys } {
  const signer = { name: LOG_NAME, key: openKeyFile(path.join(home.brokerKeys, 'audit.key')) };
  return { signer, keys: createLogKeys(signer, openLaterKeys(home.brokerKeys, LOG_NAME)) };
}

/** An embedded part belongs to its process: holds the installation while `work` runs. Throws `LOCKED`. */
export async function whileStopped<T>(places: readonly Places[], work: () => Promise<T>): Promise<T> {
  const embedded = places.find(({ broker, agents }) => 'folder' in broker || 'folder' in agents);
  if (embedded === undefined) return work();
  const lock = lockFolder(embedded.home.root);
  try {
    return await work();
  } finally {
    lock.release();
  }
}

/** A port that leaves flushing to its end: for copies that count only as a whole. */
export const withoutFlushes = (folder: string): FilePort => {
  const port = createFilePort(folder);
  return { ...port, open: async (name) => ({ ...(await port.open(name)), sync: async () => undefined }) };
};
