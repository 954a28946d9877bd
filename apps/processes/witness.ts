/** The witness's process: countersigns the checkpoints of the log with a key and a memory of its own. */
import './harden.ts';

const { runChild } = await import('./child.ts');
const { composeWitness, witnessSettings } = await import('../compose/witness.ts');
await runChild((value) => witnessSettings.parse(value), composeWitness);
