/**
 * First import of every process: closes the doors that Node leaves open to a neighbour under the same user.
 *
 * `SIGUSR1` opens the debugger of a Node process unless something listens to it, also when sent from a sandbox that may
 * not read a file; `--inspect*` and `NODE_OPTIONS` open it at start.
 */
process.on('SIGUSR1', () => {
  process.stderr.write(`${JSON.stringify({ level: 40, msg: 'SIGUSR1 ignored: the debugger stays closed' })}\n`);
});

const inspected = process.execArgv.some((flag) => flag.startsWith('--inspect') || flag.startsWith('--debug'));
if (inspected || (process.env['NODE_OPTIONS'] ?? '') !== '') {
  process.stderr.write('Refusing to start with --inspect or NODE_OPTIONS: a debugger could read every secret here.\n');
  process.exit(1);
}

export {};
