/** Observations of devices: reachable, answering, processes, memory, load, clock, certificate, sessions, logins. */
import type { Observation, Sighting } from '../observation.ts';
import { NORMAL, told } from '../observation.ts';
import type { Context } from './context.ts';
import { median, nameOf } from './context.ts';

/** A firewall refuses new sessions when its table is full (percent). */
const FULL_PCT = 95;
/** Packets wait for the processor from here on (percent). */
const BUSY_PCT = 85;
/** TLS checks fail beyond some minutes of offset; NTP keeps a device within milliseconds (seconds). */
const SKEW_SECONDS = 60;
/** Half-open sessions that no crowd of people makes: at one site, and more for each site whose sessions a hub carries. */
const MANY_HALF_OPEN = 150;
const MORE_A_SITE = 10;
/** A process this many times as large as its like, and by so much (kilobytes), grows. */
const GROWN = 2;
const GROWN_KB = 45_000;
/** A device that started within the last two hours (seconds). */
const FRESH_SECONDS = 7_200;
/** How far back logins count (milliseconds). */
const LOGINS_MS = 2 * 3_600_000;

const deviceEntity = ({ resource }: Sighting) => ({ kind: 'device' as const, device: nameOf(resource) });

function readFigures({ of, map }: Context): Observation[] {
  const carried = map.routers.length - map.hubs.length;
  const mostHalfOpen = ({ resource }: Sighting): number =>
    MANY_HALF_OPEN + (map.device(nameOf(resource))?.role === 'hub' ? MORE_A_SITE * carried : 0);
  const figure = (signal: string, feature: string, value: (read: number, one: Sighting) => string): Observation[] =>
    of(signal)
      .filter(({ resource }) => resource.startsWith('node/'))
      .map((one) => told(one, feature, value(Number(one.value), one), deviceEntity(one)));
  return [
    ...of('dev.reach').map((one) => told(one, 'reach', one.value === 'reachable' ? NORMAL : 'lost', deviceEntity(one))),
    ...figure('dev.cpu_pct', 'cpu', (read) => (read > BUSY_PCT ? 'busy' : NORMAL)),
    ...figure('dev.clock_offset', 'clock', (read) => (Math.abs(read) > SKEW_SECONDS ? 'skewed' : NORMAL)),
    ...figure('dev.cert_days', 'certificate', (read) => (read <= 0 ? 'expired' : NORMAL)),
    ...figure('fw.session_use_pct', 'sessions', (read) => (read >= FULL_PCT ? 'full' : NORMAL)),
    ...figure('dev.uptime', 'uptime', (read) => (read < FRESH_SECONDS ? 'fresh' : NORMAL)),
    ...figure('flow.halfopen', 'half-open', (read, one) => (read >= mostHalfOpen(one) ? 'many' : NORMAL)),
    ...of('dev.env').map((one) => told(one, 'hardware', one.value === 'ok' ? NORMAL : 'bad', deviceEntity(one))),
    ...of('dev.ntp').map((one) =>
      told(one, 'time-server', String(one.value).endsWith(' reachable') ? NORMAL : 'lost', deviceEntity(one)),
    ),
  ];
}

/** Devices that were asked and did not say anything themselves; controllers speak through the director alone. */
function readSilence({ of, asked, map }: Context): Observation[] {
  const heard = new Map(of('dev.uptime').map((one) => [nameOf(one.resource), one]));
  const told_ = new Map(of('dev.reach').map((one) => [nameOf(one.resource), one]));
  return asked('system.read').flatMap((device) => {
    const sighting = heard.get(device) ?? told_.get(device);
    const role = map.device(device)?.role;
    if (sighting === undefined || role === undefined || role === 'controller') return [];
    return [told(sighting, 'answers', heard.has(device) ? NORMAL : 'silent', { kind: 'device', device })];
  });
}

function readProcesses({ of }: Context): Observation[] {
  const running = of('dev.process')
    .filter(({ resource }) => resource.startsWith('node/'))
    .map((one) => {
      const [process = '', state] = String(one.value).split(' ');
      return told(one, `process.${process}`, state === 'running' ? NORMAL : 'stopped', deviceEntity(one));
    });
  const sizes = of('dev.process_memory').flatMap((one) => {
    const [, process, kb, restarts] = /^(\S+) (\d+) KB (\d+) restarts$/.exec(String(one.value)) ?? [];
    return process === undefined ? [] : [{ one, kb: Number(kb), restarts: Number(restarts) }];
  });
  const usual = median(sizes.map(({ kb }) => kb));
  const worst = new Map<string, (typeof sizes)[number]>();
  for (const size of sizes) {
    const known = worst.get(size.one.resource);
    if (known === undefined || size.kb + 1e6 * size.restarts > known.kb + 1e6 * known.restarts)
      worst.set(size.one.resource, size);
  }
  return [
    ...running,
    ...[...worst.values()].map(({ one, kb, restarts }) => {
      const grows = kb > GROWN * usual && kb - usual > GROWN_KB;
      return told(one, 'memory', restarts > 0 ? 'restarted' : grows ? 'grown' : NORMAL, deviceEntity(one));
    }),
  ];
}

/** Who logged in or failed to, of late: a run of failures, one that ends in success, and from where. */
function readLogins({ of, now, map, asked }: Context): Observation[] {
  const isKnown = (from: string): boolean => map.hostAt(from) !== undefined || from === 'console';
  const recent = of('aaa.login').filter(({ observedAt }) => Date.parse(observedAt) >= now - LOGINS_MS);
  const byDevice = new Map<string, Sighting[]>();
  for (const one of recent) byDevice.set(nameOf(one.resource), [...(byDevice.get(nameOf(one.resource)) ?? []), one]);
  const quiet = of('dev.uptime').filter(({ resource }) => !byDevice.has(nameOf(resource)));
  if (asked('system.read').length === 0) return [];
  return [
    ...quiet.map((one) => told(one, 'login', NORMAL, deviceEntity(one))),
    ...[...byDevice].flatMap(([device, logins]) => {
      const read = logins.map((one) => {
        const [, result = '', from = ''] = /^(\S+) .* from (\S+)$/.exec(String(one.value)) ?? [];
        return { one, result, from };
      });
      const last = read.at(-1);
      if (last === undefined) return [];
      const failed = read.filter(({ result }) => result === 'failed');
      const success = read.some(({ result, from }) => result === 'ok' && failed.some((each) => each.from === from));
      const who = read.every(({ from }) => isKnown(from)) ? 'known' : 'unknown';
      const what = failed.length === 0 ? 'ok' : success ? 'failed-then-ok' : 'failed';
      return [
        {
          ...told(last.one, 'login', `${what}-${who}`, { kind: 'device', device }),
          evidence: logins.map(({ id }) => id),
        },
      ];
    }),
  ];
}

/** Software that differs from what most devices of the role run. */
function readVersions({ of, map }: Context): Observation[] {
  const versions = of('dev.version');
  const counts = new Map<string, number>();
  const keyOf = (one: Sighting): string => `${map.device(nameOf(one.resource))?.role === 'controller'} ${one.value}`;
  for (const one of versions) counts.set(keyOf(one), (counts.get(keyOf(one)) ?? 0) + 1);
  return versions.map((one) => {
    const like = versions.filter((each) => keyOf(each).split(' ')[0] === keyOf(one).split(' ')[0]).length;
    return told(one, 'version', (counts.get(keyOf(one)) ?? 0) * 2 >= like ? NORMAL : 'other', deviceEntity(one));
  });
}

export const readDevices = (context: Context): readonly Observation[] => [
  ...readFigures(context),
  ...readSilence(context),
  ...readProcesses(context),
  ...readLogins(context),
  ...readVersions(context),
];
