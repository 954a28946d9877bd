/**
 * Measured quality of tunnels and the SLA classes they meet: polls aligned to the clock, each the mean over its interval,
 * judged on the mean of the last few, as the director says (600 s and 6 in the reference network).
 *
 * Only tunnels that met something unusual within that time are looked at; all others are known to be as always. What an
 * end measures holds until something below it changes or the hour turns, so means are exact without ticks.
 */
import type { AppRoute, SlaClass, SlaThreshold } from '../../../protocols/device/config.ts';
import { policyName, tunnelName } from '../../../protocols/device/names.ts';
import type { Condition } from '../condition.ts';
import { remember } from '../history.ts';
import { countMeter, foldMeters, readMeter } from '../meters.ts';
import { deviceDelayMs, isSaturated } from '../traffic/processor.ts';
import { type TunnelQuality, tunnelQuality } from '../traffic/quality.ts';
import { hostsOfSite } from '../traffic/site-hosts.ts';
import { liveEnds, policiesOf, steer } from '../traffic/steering.ts';
import {
  announce,
  type DeviceNode,
  type EndCell,
  farEnd,
  type Measure,
  portOfColor,
  type Tenant,
  tenantOf,
  type World,
} from '../world.ts';
import { circuitQuality } from './circuit.ts';
import { circuitDelay, portPlace } from './port.ts';
import { tunnelPasses } from './tunnel.ts';

/** What a healthy path adds to what its circuits do, on average: percent and milliseconds. */
export const USUAL: Measure = { lossPct: 0.05, latencyMs: 1, jitterMs: 1.5 };

const HOUR_MS = 3_600_000;
const NO_CLASSES: ReadonlySet<SlaClass> = new Set();

/** What an end of a tunnel measures at this instant, without the small noise of single readings. */
function measureTunnel(world: World, end: EndCell): Measure {
  const { revLoss, onewayMs, backMs, jitterMs } = isLoaded(world, end)
    ? tunnelQuality(world, end, 'control')
    : idleQuality(world, end);
  return {
    lossPct: USUAL.lossPct + 100 * revLoss,
    latencyMs: USUAL.latencyMs + onewayMs + backMs,
    jitterMs: Math.hypot(USUAL.jitterMs, jitterMs),
  };
}

/** Probes are served before everything else: without a bottleneck outside our devices no load can touch them. */
function idleQuality(world: World, end: EndCell): Pick<TunnelQuality, 'revLoss' | 'onewayMs' | 'backMs' | 'jitterMs'> {
  const far = farEnd(end);
  if (far === undefined) return { revLoss: 1, onewayMs: 0, backMs: 0, jitterMs: 0 };
  const [here, there] = [end, far].map(({ node, tunnel }) => circuitQuality(world, node, tunnel.color));
  if (here === undefined || there === undefined) return { revLoss: 1, onewayMs: 0, backMs: 0, jitterMs: 0 };
  const onewayMs = here.delayMs + there.delayMs + deviceDelayMs(world, end.node) + deviceDelayMs(world, far.node);
  const revLoss = 1 - (1 - there.lossOut) * (1 - here.lossIn);
  return { revLoss, onewayMs, backMs: onewayMs, jitterMs: Math.hypot(here.jitterMs, there.jitterMs) };
}

/** What it measures while nothing disturbs it. */
export function usualMeasure(end: EndCell): Measure {
  const far = farEnd(end);
  const oneway = circuitDelay(end.node, end.tunnel.color) + (far ? circuitDelay(far.node, far.tunnel.color) : 0);
  return { ...USUAL, latencyMs: USUAL.latencyMs + 2 * oneway };
}

/** Conditions with which quality depends on load, and all that may make a tunnel lose, wait or vary more than usual. */
const LOADING: ReadonlySet<Condition['kind']> = new Set(['circuit-shaped', 'lte-quota-used', 'host-sends']);
const DISTURBING: ReadonlySet<Condition['kind']> = new Set([
  ...LOADING,
  ...(['corruption', 'silent-loss', 'circuit-loss', 'circuit-delay', 'circuit-jitter'] as const),
  ...(['provider-brownout', 'slow-device'] as const),
]);

/** True when a condition of these kinds holds at a device, circuit, provider or host of either end. */
const suffers = (world: World, { link }: EndCell, kinds: ReadonlySet<Condition['kind']>): boolean =>
  link.ends.some(({ node, tunnel }) => {
    const port = portOfColor(node, tunnel.color);
    const places = port === undefined ? [] : [portPlace(port), node.circuits.get(port.name)?.provider ?? ''];
    const tenant = tenantOf(world, node.ref.tenant);
    const hosts = hostsOfSite(tenant, node.config.site).map((host) => `${tenant.name}/${host.name}`);
    return [node.key, ...places, ...hosts].some((place) =>
      world.conditionsAt.get(place)?.some((one) => kinds.has(one.kind)),
    );
  });

const isLoaded = (world: World, end: EndCell): boolean => suffers(world, end, LOADING);
const isDisturbed = (world: World, end: EndCell): boolean =>
  end.link.ends.some(({ node }) => isSaturated(node.config)) || suffers(world, end, DISTURBING);

/** Takes note of what a tunnel end meets now; call it whenever something below it may have changed. */
export function watchTunnel(world: World, end: EndCell): void {
  const tenant = tenantOf(world, end.node.ref.tenant);
  if (end.value !== 'up') {
    forget(world, tenant, end);
    return;
  }
  if (end.measured === undefined && !isDisturbed(world, end)) return;
  startWatching(world, tenant, end);
}

function startWatching(world: World, tenant: Tenant, end: EndCell): void {
  // A path that carries nothing is BFD's business.
  if (!tunnelPasses(world, end) || policiesOf(tenant).slaClasses.length === 0) return;
  takeSample(world, end);
  tenant.watched.add(end);
  planPoll(world, tenant);
}

/** What is asked of tunnels changed: every one is judged anew at the next poll. */
export function measureAll(world: World, { ref, config }: DeviceNode): void {
  if (config.role !== 'controller') return;
  const tenant = tenantOf(world, ref.tenant);
  // The next poll may come sooner than the one that was planned.
  tenant.nextPoll?.cancel();
  delete tenant.nextPoll;
  for (const node of tenant.nodes) {
    for (const end of node.ends.values()) if (end.value === 'up') startWatching(world, tenant, end);
  }
}

/** A tunnel that went down begins anew: what was measured before says nothing about the path it comes back on. */
function forget(world: World, tenant: Tenant, end: EndCell): void {
  if (end.measured === undefined) return;
  remember(world, end);
  delete end.measured;
  tenant.watched.delete(end);
  if (end.slaMissed.size > 0) setMissed(world, end, NO_CLASSES);
}

function setMissed(world: World, end: EndCell, missed: ReadonlySet<SlaClass>): void {
  const far = farEnd(end);
  foldMeters(world, end.node, end.node.config.role === 'edge' || far === undefined ? undefined : [far.node]);
  remember(world, end);
  end.slaMissed = missed;
}

function takeSample(world: World, end: EndCell): void {
  const value = measureTunnel(world, end);
  const { samples, polls } = end.measured ?? { samples: [], polls: [] };
  const last = samples.at(-1);
  if (last !== undefined && isSame(last.value, value)) return;
  remember(world, end, false);
  const before = last?.at === world.now ? samples.slice(0, -1) : samples;
  end.measured = { samples: [...before, { at: world.now, value }], polls };
}

const isSame = (a: Measure, b: Measure): boolean =>
  Math.abs(a.lossPct - b.lossPct) < 1e-6 &&
  Math.abs(a.latencyMs - b.latencyMs) < 1e-6 &&
  Math.abs(a.jitterMs - b.jitterMs) < 1e-6;

/** Length of a poll in milliseconds, and how many an SLA is judged on. */
function pollOf(tenant: Tenant): { readonly intervalMs: number; readonly multiplier: number } {
  const { appRoutePoll } = policiesOf(tenant);
  return {
    intervalMs: 1000 * Math.max(1, appRoutePoll?.intervalSeconds ?? 600),
    multiplier: Math.max(1, appRoutePoll?.multiplier ?? 6),
  };
}

/** The next end of a poll, or the next hour, in which demand and hours of the day change. */
function planPoll(world: World, tenant: Tenant): void {
  if (tenant.nextPoll !== undefined || tenant.watched.size === 0) return;
  const { intervalMs } = pollOf(tenant);
  const next = (step: number): number => (Math.floor(world.now / step) + 1) * step;
  const at = Math.min(next(intervalMs), next(HOUR_MS));
  const cancel = world.queue.schedule(at, () => {
    delete tenant.nextPoll;
    pollAll(world, tenant);
    planPoll(world, tenant);
  });
  tenant.nextPoll = { at, cancel };
}

function pollAll(world: World, tenant: Tenant): void {
  const { intervalMs } = pollOf(tenant);
  for (const end of tenant.watched) if (tunnelPasses(world, end)) takeSample(world, end);
  if (world.now % intervalMs !== 0) return;
  for (const end of [...tenant.watched]) closePoll(world, tenant, end);
}

/** Ends a poll of one tunnel end: its mean, the judgement, and whether there is anything left to look at. */
function closePoll(world: World, tenant: Tenant, end: EndCell): void {
  const { measured } = end;
  if (measured === undefined) return;
  const { intervalMs, multiplier } = pollOf(tenant);
  const usual = usualMeasure(end);
  const poll = { at: world.now, ...meanOver(measured.samples, usual, world.now - intervalMs, world.now) };
  const polls = [...measured.polls, poll].slice(-multiplier);
  const samples = measured.samples.filter((_, at, all) => (all[at + 1]?.at ?? world.now + 1) > world.now);
  remember(world, end, false);
  end.measured = { samples, polls };
  judge(world, tenant, end, meanOfPolls(polls, usual, multiplier));
  const calm = end.slaMissed.size === 0 && polls.length === multiplier && polls.every((one) => isSame(one, usual));
  if (calm && samples.every((one) => isSame(one.value, usual)) && !isDisturbed(world, end)) forget(world, tenant, end);
}

/** Mean of the samples over an interval; before the first one all was as usual. */
function meanOver(
  samples: readonly { readonly at: number; readonly value: Measure }[],
  usual: Measure,
  from: number,
  until: number,
): Measure {
  const sum = { lossPct: 0, latencyMs: 0, jitterMs: 0 };
  const add = (value: Measure, start: number, end: number): void => {
    const weight = Math.max(0, Math.min(end, until) - Math.max(start, from)) / (until - from);
    sum.lossPct += weight * value.lossPct;
    sum.latencyMs += weight * value.latencyMs;
    sum.jitterMs += weight * value.jitterMs;
  };
  add(usual, from, samples[0]?.at ?? until);
  for (const [place, { value, at }] of samples.entries()) add(value, at, samples[place + 1]?.at ?? until);
  return sum;
}

function meanOfPolls(polls: readonly Measure[], usual: Measure, count: number): Measure {
  const mean = (part: keyof Measure): number =>
    (polls.reduce((sum, one) => sum + one[part], 0) + Math.max(0, count - polls.length) * usual[part]) / count;
  return { lossPct: mean('lossPct'), latencyMs: mean('latencyMs'), jitterMs: mean('jitterMs') };
}

const meets = (mean: Measure, { lossPct, latencyMs, jitterMs }: SlaThreshold): boolean =>
  mean.lossPct <= lossPct && mean.latencyMs <= latencyMs && (jitterMs === undefined || mean.jitterMs <= jitterMs);

function judge(world: World, tenant: Tenant, end: EndCell, mean: Measure): void {
  const { slaClasses, appRoutes } = policiesOf(tenant);
  const missed = new Set(slaClasses.filter((one) => !meets(mean, one)).map((one) => one.name));
  const before = end.slaMissed;
  const lost = [...missed].filter((one) => !before.has(one));
  const regained = [...before].filter((one) => !missed.has(one));
  const concerned = appRoutes.filter((rule) => rule.colors.includes(end.tunnel.color) && missed.has(rule.slaClass));
  for (const rule of concerned) countMeter(world, end.node, failureKey(rule.application, end.tunnel.color), 1);
  if (lost.length === 0 && regained.length === 0) return;
  const violated = concerned.filter((rule) => lost.includes(rule.slaClass) && takes(world, end, rule));
  setMissed(world, end, missed);
  announceChange(world, end, `lost ${lost.join(' ')}`, lost.length > 0 ? 'minor' : undefined);
  announceChange(world, end, `regained ${regained.join(' ')}`, regained.length > 0 ? 'cleared' : undefined);
  for (const { name, slaClass } of violated) {
    announce(world, end.node, {
      name: 'trap.sla_violation',
      resource: policyName(end.node.ref.device, `approute-${name}`),
      severity: 'minor',
      detail: `${name} on ${end.name} misses class ${slaClass}`,
    });
  }
}

/** True while the rule's application leaves this device by this end. */
const takes = (world: World, end: EndCell, rule: AppRoute): boolean =>
  steer(world, liveEnds(end.node, end.tunnel.peer), rule.application) === end;

function announceChange(world: World, end: EndCell, what: string, severity: 'minor' | 'cleared' | undefined): void {
  if (severity === undefined) return;
  const { color, peer, peerColor } = end.tunnel;
  announce(world, end.node, {
    name: 'trap.approute_sla_change',
    resource: tunnelName(end.node.ref.device, color, peer, peerColor),
    severity,
    detail: `${end.name} ${what}`,
  });
}

const failureKey = (application: string, color: string): string => `sla|${application}|${color}`;

/** Polls since boot in which tunnels of a colour missed the class of an application that may take them. */
export const readFailures = (world: World, node: DeviceNode, application: string, color: string): number =>
  readMeter(world, node, failureKey(application, color));

/** SLA classes that an end meets now; none while it is down. */
export const classesMet = (world: World, end: EndCell): readonly SlaClass[] =>
  end.value === 'up'
    ? policiesOf(tenantOf(world, end.node.ref.tenant))
        .slaClasses.map((one) => one.name)
        .filter((name) => !end.slaMissed.has(name))
    : [];

/** The last whole poll of an end, with the mean it gave; `at` is its end. */
export function lastPoll(world: World, end: EndCell): Measure & { readonly at: number } {
  const { intervalMs } = pollOf(tenantOf(world, end.node.ref.tenant));
  return end.measured?.polls.at(-1) ?? { at: Math.floor(world.now / intervalMs) * intervalMs, ...usualMeasure(end) };
}
