/** The agents' process, started in Node's sandbox: no device credential, no file but its own. */
import './harden.ts';
import { agentsSettings, composeAgents } from '../compose/agents.ts';
import { runChild } from './child.ts';

await runChild((value) => agentsSettings.parse(value), composeAgents);
