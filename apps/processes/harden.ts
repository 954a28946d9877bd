/**
 * First import of every process, and alone in it until it ran: closes the doors that Node leaves open to a neighbour
 * under the same user.
 *
 * `SIGUSR1` opens the debugger of a Node process unless something listens to it, also when sent from a sandbox that may
 * not read a file; `--inspect*` and `NODE_OPTIONS` open it at start. Entries import everything else after this, since
 * all that is imported beside it is loaded before it runs.
 */
import inspector from 'node:inspector';

process.on('SIGUSR1', () => {
  process.stderr.write(`${JSON.stringify({ level: 40, msg: 'SIGUSR1 ignored: the debugger stays closed' })}\n`);
});

const inspected = process.execArgv.some((flag) => flag.startsWith('--inspect') || flag.startsWith('--debug'));
if (inspected || (process.env['NODE_OPTIONS'] ?? '') !== '') {
  process.stderr.write('Refusing to start with --inspect or NODE_OPTIONS: a debugger could read every secret here.\n');
  process.exit(1);
}
refuseDebugger();
setImmediate(refuseDebugger); // a signal that came in the last moment is carried out by another thread

/** Ends the process when a signal was faster than the listener; to be called again before the first secret is taken. */
export function refuseDebugger(): void {
  if (inspector.url() === undefined) return;
  process.stderr.write('Refusing to run: a debugger was opened from outside.\n');
  process.exit(1);
}
