/** The witness as an HTTP server on loopback: `POST /add-checkpoint` (C2SP tlog-witness), memory durable before it signs. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../ports.ts';
import type { FilePort } from '../file-port.ts';
import { cosignNote, type NoteSigner, type NoteVerifier } from '../note.ts';
import { judgeCheckpoint, MEMORY_FILE, printMemory, readMemory } from './state.ts';

export interface WitnessDeps {
  /** The folder of this witness alone; `seen.json` is its memory. */
  readonly files: FilePort;
  readonly signer: NoteSigner;
  readonly log: NoteVerifier;
  readonly clock: Clock;
}

export interface WitnessServer {
  readonly url: string;
  close(): Promise<void>;
}

const MAX_BODY = 64 * 1024;

/** Listens on 127.0.0.1; a memory that cannot be read stops it here (forgetting would let an old log pass). */
export async function startWitness(deps: WitnessDeps, port = 0): Promise<WitnessServer> {
  await deps.files.list();
  let memory = readMemory(await deps.files.read(MEMORY_FILE));
  // One after the other: two requests must not both extend the same memory.
  let turn: Promise<unknown> = Promise.resolve();

  const add = async (body: string): Promise<readonly [status: number, type: string, text: string]> => {
    const verdict = judgeCheckpoint(memory, deps.log, body);
    if (verdict.kind === 'conflict') return [409, 'text/x.tlog.size', `${verdict.size}\n`];
    if (verdict.kind === 'refuse') return [verdict.status, 'text/plain', `${verdict.reason}\n`];
    if (verdict.memory.size !== memory.size || verdict.memory.key !== memory.key) {
      await deps.files.replace(MEMORY_FILE, printMemory(verdict.memory));
      memory = verdict.memory;
    }
    return [200, 'text/plain', cosignNote(verdict.text, deps.signer, Math.floor(deps.clock.now() / 1000))];
  };

  const server = createServer((request, response) => {
    const answer = (status: number, type: string, text: string): void => {
      response.writeHead(status, { 'content-type': type }).end(text);
    };
    if (request.method !== 'POST' || request.url !== '/add-checkpoint') {
      answer(404, 'text/plain', 'not found\n');
      return;
    }
    readBody(request).then(
      (body) => {
        const mine = turn.then(() => add(body));
        turn = mine.catch(() => undefined);
        mine.then(
          (result) => answer(...result),
          () => answer(500, 'text/plain', 'the witness cannot write\n'),
        );
      },
      () => answer(413, 'text/plain', 'too large\n'),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > MAX_BODY) throw new RangeError('too large');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString();
}
