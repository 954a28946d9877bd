/** Asks again for what only looks, when the broker or its database was away for a moment, or when it was too much at once; a change is never sent a second time. */
import { findTool } from '../../tools/registry.ts';
import { type BrokerClient, BrokerRefusal, type Delegation } from './broker-client.ts';

/** Pauses in milliseconds before each further attempt, where the broker names none: a server that restarts needs seconds. */
const PAUSES_MS = [500, 2_000, 4_000];
/** A broker cannot make an agent wait longer than this. */
const LONGEST_MS = 5_000;

/** A tool that the registry does not know, one of an upstream server, is not sent again either. */
export function repeatReads(
  call: BrokerClient['callTool'],
  pause: (ms: number) => Promise<void>,
): BrokerClient['callTool'] {
  return async (delegation, domain, tool, args) => {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await call(delegation, domain, tool, args);
      } catch (error) {
        const pauseMs = PAUSES_MS[attempt];
        if (pauseMs === undefined || !(error instanceof BrokerRefusal) || !passes(error, delegation, tool)) throw error;
        const named = error.retryAfterSeconds === undefined ? pauseMs : error.retryAfterSeconds * 1_000;
        await pause(Math.min(named, LONGEST_MS));
      }
    }
  };
}

/** What was too much at once was not begun, so a probe may be sent again too. A scheduled run waits for its limits itself. */
function passes({ code, retryAfterSeconds }: BrokerRefusal, delegation: Delegation, tool: string): boolean {
  const effect = findTool(tool)?.effect;
  if (code === 'UNAVAILABLE') return effect === 'read';
  const isNamed = code === 'LIMITED' && retryAfterSeconds !== undefined && 'humanToken' in delegation;
  return isNamed && (effect === 'read' || effect === 'probe');
}
