/** The agents' process, started in Node's sandbox: no device credential, no file but its own. */
import './harden.ts';

const { runChild } = await import('./child.ts');
const { agentsSettings, composeAgents } = await import('../compose/agents.ts');
await runChild((value) => agentsSettings.parse(value), composeAgents);
