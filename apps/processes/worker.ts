/** The process of a worker, started in Node's sandbox: no device credential, no file but its own. */
import './harden.ts';

const { runChild } = await import('./child.ts');
const { composeWorker, workerSettings } = await import('../compose/worker.ts');
await runChild((value) => workerSettings.parse(value), composeWorker);
