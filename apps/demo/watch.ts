/** Watches telemetry through the broker until an assertion of a story holds, or its time is over. */
import { setTimeout as pause } from 'node:timers/promises';
import { WayleaveError } from '../../broker/errors.ts';
import { type Assertion, holds, type Reading, relevant } from '../../scenarios/assert.ts';
import { toolRead, toReadings } from '../../scenarios/tool-reads.ts';
import type { Person } from './tour.ts';

const POLL_MS = 250;

/** `speed`: how much faster than ours the network's time runs. Resolves with whether it held and what was last seen. */
export async function watch(
  person: Person,
  assertion: Assertion,
  speed: number,
): Promise<{ readonly ok: boolean; readonly seen: string }> {
  // One more look than the time allows, so that a slow machine judges the network and not itself.
  const looks = Math.max(2, Math.ceil((assertion.within * 1000) / speed / POLL_MS) + 1);
  let seen = 'nothing';
  for (let look = 0; look < looks; look += 1) {
    if (look > 0) await pause(POLL_MS);
    const readings = await read(person, assertion);
    const about = relevant(assertion, readings);
    seen = [...new Set(about.map((one) => String(one.value)))].slice(0, 3).join(', ') || 'nothing';
    if (holds(assertion, readings)) return { ok: true, seen };
  }
  return { ok: false, seen };
}

/** Readings of one read; a device that does not answer shows nothing. */
async function read(person: Person, assertion: Assertion): Promise<readonly Reading[]> {
  const call = toolRead(assertion);
  if (call === undefined) throw new WayleaveError('SCENARIO_INVALID', `No tool shows the signal ${assertion.signal}.`);
  try {
    const answer = await person.use(call.tool, call.devices, call.input);
    return answer.status === 'done' ? toReadings(assertion, answer.evidence) : [];
  } catch (error) {
    if (error instanceof WayleaveError && error.code === 'DEVICE_UNREACHABLE') return [];
    throw error;
  }
}
