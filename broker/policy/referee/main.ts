/**
 * The policy referee, a process of its own: reads requests on stdin, writes replies on stdout, ends when stdin ends.
 * It holds cedar-wasm and nothing else: no network, no files, no keys. Started with `--no-turbo-inline-js-wasm-calls`,
 * without which Node 20 can abort in long runs of wasm.
 */
import { createInterface } from 'node:readline';
import type { RefereeReply } from './messages.ts';

// A signal must not open this process to a debugger (Node starts its inspector on SIGUSR1): listen before loading wasm.
process.on('SIGUSR1', () => undefined);
const { activate, decide } = await import('./cedar.ts');
const { RefereeLine } = await import('./messages.ts');

function answer(line: string): RefereeReply {
  const request = RefereeLine.parse(JSON.parse(line));
  if (request.op === 'decide') return { id: request.id, op: 'decided', answers: request.questions.map(decide) };
  const activation = activate(request.bundle);
  return activation.ok
    ? { id: request.id, op: 'activated', policies: [...activation.policies] }
    : { id: request.id, op: 'refused', errors: [...activation.errors] };
}

// A line that cannot be answered ends the process: the client denies what waits, starts another one and activates again.
createInterface({ input: process.stdin }).on('line', (line) => {
  process.stdout.write(`${JSON.stringify(answer(line))}\n`);
});
