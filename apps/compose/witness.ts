/** Wires the witness's process: its own key, its own memory, and the key of the log that it watches. */
import path from 'node:path';
import { z } from 'zod';
import { createFilePort } from '../../broker/audit/file-port.ts';
import { openKeyFile } from '../../broker/audit/keys.ts';
import { parseVerifier, printVerifier } from '../../broker/audit/note.ts';
import { startWitness } from '../../broker/audit/witness/server.ts';

/** `log` is the verifier key under which the log signs; port 0 takes a free one. */
export const witnessSettings = z.strictObject({
  folder: z.string(),
  log: z.string(),
  port: z.int().min(0).max(65_535).default(0),
});

export async function composeWitness({ folder, log, port }: z.infer<typeof witnessSettings>): Promise<{
  readonly ready: { readonly url: string; readonly verifier: string };
  readonly stop: () => Promise<void>;
}> {
  const signer = { name: 'wayleave-witness', key: openKeyFile(path.join(folder, 'witness.key')) };
  const clock = { now: () => Date.now() };
  const server = await startWitness({ files: createFilePort(folder), signer, log: parseVerifier(log), clock }, port);
  return {
    ready: { url: server.url, verifier: printVerifier(signer, 'witness') },
    stop: () => server.close(),
  };
}
