/** The health monitor: sweeps all devices and says what is not normal. */
import type { Evidence } from '../broker/contract.ts';
import { readTunnelEnds } from './diagnosis/tunnel-ends.ts';
import type { Statement } from './events.ts';
import { parseInventory } from './inventory.ts';
import type { Conversation, ConversationUpdate } from './state.ts';
import { currentTask } from './state.ts';
import { devicesOf, reportOn, stateRecord } from './statement.ts';
import type { Call, RunDeps } from './talk.ts';

const AGENT = 'health-monitor';

/** What is not normal about one record, in words; undefined when it is. Idle LTE tunnels are so by design. */
function complain({ resource, signal, value }: Evidence): string | undefined {
  const isLte = readTunnelEnds(resource)?.some(({ color }) => color === 'lte') === true;
  switch (signal) {
    case 'dev.reach':
      return value === 'reachable' ? undefined : 'reachability is';
    case 'dev.process':
      return String(value).endsWith('running') ? undefined : 'has a process that does not run:';
    case 'dev.cert_days':
      return Number(value) > 7 ? undefined : 'certificate days left:';
    case 'dev.clock_offset':
      return Math.abs(Number(value)) <= 60 ? undefined : 'clock offset in seconds:';
    case 'fw.session_use_pct':
      return Number(value) < 90 ? undefined : 'session table use in percent:';
    case 'bfd.state':
      return value === 'up' || isLte ? undefined : 'BFD is';
    case 'bgp.state':
      return value === 'established' ? undefined : 'BGP is';
    default:
      return undefined;
  }
}

/** Sweeps the devices of the task, or all of the tenant; what the hubs say of other places is left out then. */
export function sweepHealth(deps: RunDeps, state: Conversation): Promise<ConversationUpdate> {
  const { devices } = parseInventory(state.inventory);
  const forwarding = devices.filter(({ role }) => role !== 'controller');
  const task = currentTask(state);
  const isAbout = ({ resource }: Evidence): boolean =>
    task.devices.length === 0 || task.devices.some((device) => resource.includes(device));
  const chosen = devicesOf(
    task,
    forwarding.map(({ name }) => name),
  );
  // The hubs see every tunnel and session, those of dead branches included.
  const hubs = forwarding.filter(({ role }) => role === 'hub').map(({ name }) => name);
  const far = hubs.length > 0 ? hubs : chosen;
  const call = (tool: string, targets: readonly string[]): Call => ({
    agent: AGENT,
    domain: 'diagnostics',
    tool,
    devices: targets,
  });
  const calls = [call('system.read', chosen), call('tunnels.read', far), call('bgp.read', far)];
  return reportOn(deps, state, calls, ({ evidence }) => {
    const seen = new Set<string>();
    const statements: Statement[] = [];
    for (const one of evidence) {
      const words = complain(one);
      const key = `${one.resource} ${one.signal}`;
      if (words === undefined || seen.has(key) || !isAbout(one)) continue;
      seen.add(key);
      statements.push(stateRecord(one, words));
    }
    return {
      statements,
      good: `All ${chosen.length} devices are healthy: tunnels, sessions and systems are normal.`,
      bad: 'Not everything is normal. Ask "why" about a place and the troubleshooter looks for the cause.',
    };
  });
}
