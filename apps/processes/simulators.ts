/** The simulators' process: a whole SD-WAN that speaks the real protocols on loopback. */
import './harden.ts';
import { composeSimulators, simulatorsSettings } from '../compose/simulators.ts';
import { runChild } from './child.ts';

await runChild((value) => simulatorsSettings.parse(value), composeSimulators);
