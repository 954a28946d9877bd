/** The compliance auditor: compares what devices run with what they are meant to run. */
import { parseInventory } from './inventory.ts';
import type { Conversation, ConversationUpdate } from './state.ts';
import { currentTask } from './state.ts';
import { devicesOf, reportOn, stateRecord } from './statement.ts';
import type { RunDeps } from './talk.ts';

/** Names every leaf that differs, on the devices of the task or on all. */
export function auditDrift(deps: RunDeps, state: Conversation): Promise<ConversationUpdate> {
  const { devices } = parseInventory(state.inventory);
  const forwarding = devices.filter(({ role }) => role !== 'controller').map(({ name }) => name);
  const chosen = devicesOf(currentTask(state), forwarding);
  const calls = [{ agent: 'compliance-auditor', domain: 'diagnostics', tool: 'config.diff', devices: chosen } as const];
  return reportOn(deps, state, calls, ({ evidence }) => {
    const leaves = evidence.filter(({ signal }) => signal === 'cfg.diff');
    const told = new Set(leaves.map(({ resource }) => resource));
    const bare = evidence.filter(
      ({ resource, signal, value }) => signal === 'cfg.sync' && value !== 'in-sync' && !told.has(resource),
    );
    const compared = new Set(evidence.filter(({ signal }) => signal === 'cfg.sync').map(({ resource }) => resource));
    return {
      statements: [...leaves, ...bare].map((one) => stateRecord(one, 'differs:')),
      good: `${compared.size} of ${chosen.length} devices were compared and run what is intended.`,
      bad: 'Drift found; running and intended configuration differ.',
    };
  });
}
