/** A healthy network over a week: circuits, queues, processors and scores stay well inside what people are promised. */
import { describe, expect, it } from 'vitest';
import { acme, acmeTopology, routers, START, startNetwork } from '../reference.ts';

const HOUR = 3_600_000;

describe('a healthy week', () => {
  const network = startNetwork(acmeTopology(4));
  const peaks = new Map<string, number>();
  const note = (what: string, value: number) => peaks.set(what, Math.max(peaks.get(what) ?? 0, value));
  const loads: number[] = [];
  for (let hour = 0; hour < 168; hour += 3) {
    network.advanceTo(START + hour * HOUR);
    for (const device of routers(network)) {
      const state = network.state(acme(device));
      for (const port of state.interfaces) {
        note('utilisation', Math.max(port.inBps, port.outBps) / port.speedBps);
        note('drops', port.outDiscards + port.inErrors);
      }
      for (const tunnel of state.tunnels) {
        note('loss', tunnel.lossPct);
        note('jitter', tunnel.jitterMs);
      }
      note('cpu', state.system.cpuPct);
      for (const { score } of state.applications) note('lacking score', 100 - score);
      if (device === 'br1_edge') loads.push(state.interfaces[0]?.inBps ?? 0);
    }
  }

  it('leaves every line, queue, processor and application room', () => {
    expect(peaks.get('utilisation')).toBeGreaterThan(0.3);
    expect(peaks.get('utilisation')).toBeLessThan(0.6);
    expect(peaks.get('drops')).toBe(0);
    expect(peaks.get('loss')).toBeLessThan(0.1);
    expect(peaks.get('jitter')).toBeLessThan(2.6);
    expect(peaks.get('cpu')).toBeLessThan(60);
    expect(peaks.get('lacking score')).toBeLessThan(15);
  });

  it('follows the hour of the week', () => {
    // 2 March 2026 was a Monday: three hours apart from 08:00; two o'clock at night, eleven, and eleven on Sunday.
    const [night = 0, noon = 0, sunday = 0] = [loads[6], loads[1], loads[6 * 8 + 1]];
    expect(noon).toBeGreaterThan(5 * night);
    expect(noon).toBeGreaterThan(5 * sunday);
  });
});
