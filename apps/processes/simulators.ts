/** The simulators' process: a whole SD-WAN that speaks the real protocols on loopback. */
import './harden.ts';

const { runChild } = await import('./child.ts');
const { composeSimulators, simulatorsSettings } = await import('../compose/simulators.ts');
await runChild((value) => simulatorsSettings.parse(value), composeSimulators);
