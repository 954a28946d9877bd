/** Makes scores of what was read: paths with their figures, and what people at a site feel. Pure. */
import type { Evidence } from '../../broker/contract.ts';
import { readTunnelEnds } from '../diagnosis/tunnel-ends.ts';
import type { MeasuredPath } from './condition.ts';
import { gradeCall, gradeName, gradePage, scoreCall } from './score.ts';

/** Colour that carries traffic only when nothing else is left. */
export const LAST_RESORT = 'lte';

/** Paths with all three figures. */
export function readPaths(evidence: readonly Evidence[]): readonly MeasuredPath[] {
  const figures = new Map<string, Map<string, Evidence>>();
  for (const one of evidence) {
    if (!one.signal.startsWith('tunnel.')) continue;
    const own = figures.get(one.resource) ?? new Map<string, Evidence>();
    own.set(one.signal, one);
    figures.set(one.resource, own);
  }
  return [...figures].flatMap(([resource, own]): readonly MeasuredPath[] => {
    const [near, far] = readTunnelEnds(resource) ?? [];
    const [loss, latency, jitter] = ['tunnel.loss_pct', 'tunnel.latency_ms', 'tunnel.jitter_ms'].map((signal) =>
      own.get(signal),
    );
    if (!near || !far || !loss || !latency || !jitter) return [];
    const numbers = { lossPct: Number(loss.value), latencyMs: Number(latency.value), jitterMs: Number(jitter.value) };
    if (Object.values(numbers).some((value) => !Number.isFinite(value))) return [];
    return [
      {
        resource,
        ...numbers,
        device: near.device,
        color: near.color,
        peer: far.device,
        evidence: [loss.id, latency.id, jitter.id],
      },
    ];
  });
}

/** A figure and the records that tell of it. */
interface Measured {
  readonly value: number;
  readonly evidence: readonly string[];
}

/** Milliseconds of the answers that probes of a device got; a failed one is undefined and cited all the same. */
function readProbes(
  evidence: readonly Evidence[],
  signal: string,
  device: string,
): { readonly worst?: Measured; readonly failed: readonly Evidence[] } {
  const own = evidence.filter((one) => one.signal === signal && one.resource === `node/${device}`);
  const timed = own.flatMap((one) => {
    const ms = / ([\d.]+) ms$/.exec(String(one.value))?.[1];
    return ms === undefined ? [] : [{ value: Number(ms), evidence: [one.id] }];
  });
  const [worst] = [...timed].sort((a, b) => b.value - a.value);
  return { ...(worst ? { worst } : {}), failed: own.filter((one) => !/ [\d.]+ ms$/.test(String(one.value))) };
}

/** What people at one site feel, 0 to 100; undefined where nothing was measured. */
export interface SiteScore {
  readonly site: string;
  readonly call?: Measured & { readonly mos: number };
  readonly page?: Measured & { readonly ms: number };
  readonly name?: Measured & { readonly ms: number };
  readonly failed: readonly Evidence[];
}

export function scoreSite(
  site: string,
  devices: readonly string[],
  paths: readonly MeasuredPath[],
  evidence: readonly Evidence[],
): SiteScore {
  const own = paths.filter(({ device, color }) => devices.includes(device) && color !== LAST_RESORT);
  // Flows are spread over the paths of equal cost: some calls get the worst.
  const [call] = own.map((path) => ({ path, mos: scoreCall(path) })).sort((a, b) => a.mos - b.mos);
  const [device = ''] = devices;
  const page = readProbes(evidence, 'probe.http', device);
  const name = readProbes(evidence, 'probe.dns', device);
  return {
    site,
    ...(call ? { call: { value: gradeCall(call.mos), mos: call.mos, evidence: call.path.evidence } } : {}),
    ...(page.worst
      ? { page: { value: gradePage(page.worst.value), ms: page.worst.value, evidence: page.worst.evidence } }
      : {}),
    ...(name.worst
      ? { name: { value: gradeName(name.worst.value), ms: name.worst.value, evidence: name.worst.evidence } }
      : {}),
    failed: [...page.failed, ...name.failed],
  };
}

/** The least of what was measured; a probe that failed is nothing at all. */
export const overall = ({ call, page, name, failed }: SiteScore): number | undefined => {
  const values = [call, page, name].flatMap((one) => (one === undefined ? [] : [one.value]));
  return failed.length > 0 ? 0 : values.length === 0 ? undefined : Math.min(...values);
};
