/**
 * The witness process: `node main.js --folder <own folder> --log <verifier key> [--port n]`.
 *
 * Prints one JSON line `{"url":…,"verifier":…}` when it listens. Its key lives in its folder, where the broker need
 * not be able to read; under one OS user this finds mistakes, under a user of its own also an attacker in the broker.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createFilePort } from '../file-port.ts';
import { openKeyFile } from '../keys.ts';
import { parseVerifier, printVerifier } from '../note.ts';
import { startWitness } from './server.ts';

const { values } = parseArgs({
  options: {
    folder: { type: 'string' },
    log: { type: 'string' },
    port: { type: 'string', default: '0' },
    name: { type: 'string', default: 'wayleave-witness' },
  },
});
if (values.folder === undefined || values.log === undefined) {
  process.stderr.write('usage: witness --folder <folder> --log <verifier key> [--port <n>] [--name <name>]\n');
  process.exit(2);
}
// A signal would otherwise open the debugger, and with it this process's key.
process.on('SIGUSR1', () => undefined);

const signer = { name: values.name, key: openKeyFile(path.join(values.folder, 'witness.key')) };
const witness = await startWitness(
  {
    files: createFilePort(values.folder),
    signer,
    log: parseVerifier(values.log),
    clock: { now: () => Date.now() },
  },
  Number(values.port),
);
process.stdout.write(`${JSON.stringify({ url: witness.url, verifier: printVerifier(signer, 'witness') })}\n`);
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void witness.close().then(() => process.exit(0)));
}
