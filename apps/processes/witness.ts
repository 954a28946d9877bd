/** The witness's process: countersigns the checkpoints of the log with a key and a memory of its own. */
import './harden.ts';
import path from 'node:path';
import { z } from 'zod';
import { createFilePort } from '../../broker/audit/file-port.ts';
import { openKeyFile } from '../../broker/audit/keys.ts';
import { parseVerifier, printVerifier } from '../../broker/audit/note.ts';
import { startWitness } from '../../broker/audit/witness/server.ts';
import { runChild } from './child.ts';

const settings = z.strictObject({ folder: z.string(), log: z.string() });

await runChild(
  (value) => settings.parse(value),
  async ({ folder, log }) => {
    const signer = { name: 'wayleave-witness', key: openKeyFile(path.join(folder, 'witness.key')) };
    const clock = { now: () => Date.now() };
    const server = await startWitness({ files: createFilePort(folder), signer, log: parseVerifier(log), clock });
    return {
      ready: { url: server.url, verifier: printVerifier(signer, 'witness') },
      stop: () => server.close(),
    };
  },
);
