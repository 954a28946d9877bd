/** Where the queue of an installation is, as its settings say. */
import path from 'node:path';
import { z } from 'zod';

export type QueueLocation =
  /** Folder of this process alone. */
  | { readonly folder: string }
  /** `name` separates installations on one server. */
  | { readonly databaseUrl: string; readonly name: string }
  | { readonly redisUrl: string; readonly name: string };

/** The first that is not empty counts. */
export const queueSettings = z.strictObject({
  redisUrl: z.string(),
  databaseUrl: z.string(),
  /** Separates installations on one server. */
  name: z.string(),
  /** Folder for a queue of this process alone. */
  folder: z.string(),
});

export const locateQueue = ({ redisUrl, databaseUrl, name, folder }: z.infer<typeof queueSettings>): QueueLocation => {
  if (redisUrl !== '') return { redisUrl, name };
  return databaseUrl === '' ? { folder: path.join(folder, 'jobs') } : { databaseUrl, name };
};
