/** Connects BullMQ to where a queue is kept: PGlite, PostgreSQL or Redis. */
import {
  type BackendClasses,
  createPostgresBackend,
  createRedisBackend,
  type IQueueBackend,
  type PostgresConnection,
  runMigrations,
  withBackend,
} from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';
import { openDatabase } from '../../storage/open-database.ts';
import type { QueueLocation } from './queue-location.ts';

/** BullMQ's classes and a connection that belong together. */
export interface Store<B extends IQueueBackend, C> {
  readonly kind: 'embedded' | 'postgres' | 'redis';
  /** Of the queue. */
  readonly name: string;
  readonly classes: BackendClasses<B, C>;
  readonly connection: C;
}

/** Schema of BullMQ's tables; queues in it have names. */
const SCHEMA = 'bullmq';

/**
 * What `use` makes on the store, and how to give the connection up after it. Throws as `openDatabase` does, and whatever the
 * client of Redis says when it cannot be reached.
 */
export async function withStore<T>(
  location: QueueLocation,
  alarm: (error: Error) => void,
  use: <B extends IQueueBackend, C>(store: Store<B, C>) => T,
): Promise<{ readonly made: T; readonly release: () => Promise<void> }> {
  if ('redisUrl' in location) {
    const connection = new Redis(location.redisUrl, { maxRetriesPerRequest: null, lazyConnect: true });
    connection.on('error', alarm);
    await connection.connect();
    const classes = withBackend(createRedisBackend);
    const made = use({ kind: 'redis', name: location.name, classes, connection });
    return { made, release: async () => connection.disconnect() };
  }
  const embedded = 'folder' in location;
  const database = await openDatabase(
    embedded ? { folder: location.folder } : { url: location.databaseUrl, schema: SCHEMA },
  );
  const client = await database.pool.connect();
  await runMigrations(client, SCHEMA).finally(() => client.release());
  // PGlite is one session: what is set here holds for every client of the pool.
  if (embedded) await database.pool.query(`SET search_path TO ${SCHEMA}`);
  const pool: unknown = database.pool;
  if (!isQueuePool(pool)) throw new TypeError('no pool of node-postgres');
  const made = use({
    kind: embedded ? 'embedded' : 'postgres',
    name: embedded ? 'wayleave' : location.name,
    classes: withBackend(createPostgresBackend),
    connection: pool,
  });
  return { made, release: () => database.close() };
}

/** BullMQ declares of node-postgres what it uses, in types of its own. */
const isQueuePool = (value: unknown): value is PostgresConnection['pool'] => value instanceof pg.Pool;
