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

/** An application of a site, as the platform scores what its packets meet, and the transport that they take. */
export interface ApplicationScore {
  /** `application/br3/erp` */
  readonly resource: string;
  readonly site: string;
  readonly application: string;
  readonly value: number;
  readonly color?: string;
  readonly evidence: readonly string[];
}

export function readApplications(evidence: readonly Evidence[]): readonly ApplicationScore[] {
  const takes = new Map(evidence.filter(({ signal }) => signal === 'app.path').map((one) => [one.resource, one]));
  return evidence.flatMap(({ id, resource, signal, value }): readonly ApplicationScore[] => {
    const [, site, application] = /^application\/([^/]+)\/(.+)$/.exec(resource) ?? [];
    if (signal !== 'app.score' || !site || !application || !Number.isFinite(Number(value))) return [];
    const path = takes.get(resource);
    return [
      {
        ...{ resource, site, application, value: Number(value) },
        ...(path ? { color: String(path.value) } : {}),
        evidence: [id, ...(path ? [path.id] : [])],
      },
    ];
  });
}

/** Milliseconds of the answers that probes from a place got; a failed one is undefined and cited all the same. */
function readProbes(
  evidence: readonly Evidence[],
  signal: string,
  place: string,
): { readonly worst?: Measured; readonly failed: readonly Evidence[] } {
  const own = evidence.filter((one) => one.signal === signal && one.resource === place);
  const timed = own.flatMap((one) => {
    const ms = / ([\d.]+) ms$/.exec(String(one.value))?.[1];
    return ms === undefined ? [] : [{ value: Number(ms), evidence: [one.id] }];
  });
  const [worst] = [...timed].sort((a, b) => b.value - a.value);
  return { ...(worst ? { worst } : {}), failed: own.filter((one) => !/ [\d.]+ ms$/.test(String(one.value))) };
}

/** A figure and the records that tell of it. */
interface Measured {
  readonly value: number;
  readonly evidence: readonly string[];
}

/** What was measured from one place, a site or one person's machine: 0 to 100. */
export interface Felt {
  readonly page?: Measured & { readonly ms: number };
  readonly name?: Measured & { readonly ms: number };
  readonly failed: readonly Evidence[];
}

/** What people at one site feel; undefined where nothing was measured. */
export interface SiteScore extends Felt {
  readonly site: string;
  readonly call?: Measured & { readonly mos: number };
  readonly applications: readonly ApplicationScore[];
}

/** `place` is `node/br1_edge` or `host/br1_corp_pc1`. */
export function readFelt(evidence: readonly Evidence[], place: string): Felt {
  const page = readProbes(evidence, 'probe.http', place);
  const name = readProbes(evidence, 'probe.dns', place);
  return {
    ...(page.worst
      ? { page: { value: gradePage(page.worst.value), ms: page.worst.value, evidence: page.worst.evidence } }
      : {}),
    ...(name.worst
      ? { name: { value: gradeName(name.worst.value), ms: name.worst.value, evidence: name.worst.evidence } }
      : {}),
    failed: [...page.failed, ...name.failed],
  };
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
  return {
    site,
    ...readFelt(evidence, `node/${devices[0] ?? ''}`),
    ...(call ? { call: { value: gradeCall(call.mos), mos: call.mos, evidence: call.path.evidence } } : {}),
    applications: readApplications(evidence).filter((one) => one.site === site),
  };
}

/** The least of what was measured; a probe that failed is nothing at all. */
const least = ({ page, name, failed }: Felt, others: readonly number[]): number | undefined => {
  const values = [...others, ...[page, name].flatMap((one) => (one === undefined ? [] : [one.value]))];
  return failed.length > 0 ? 0 : values.length === 0 ? undefined : Math.min(...values);
};

export const overall = (score: SiteScore): number | undefined =>
  least(score, [...(score.call ? [score.call.value] : []), ...score.applications.map(({ value }) => value)]);

/** One person's machine, where it does worse than its site. */
export interface UserScore extends Felt {
  readonly host: string;
  readonly site: string;
  readonly value: number;
}

/** Every machine that was asked itself. */
export const scoreUsers = (
  hosts: readonly { readonly name: string; readonly site: string }[],
  evidence: readonly Evidence[],
): readonly UserScore[] =>
  hosts.flatMap(({ name: host, site }): readonly UserScore[] => {
    const felt = readFelt(evidence, `host/${host}`);
    const value = least(felt, []);
    return value === undefined ? [] : [{ host, site, value, ...felt }];
  });
