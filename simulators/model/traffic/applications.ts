/** What people and things use the network for: a literal list of applications, and how much of it they want when. */
import type { TrafficClass } from '../../../protocols/device/config.ts';
import type { HostKind } from '../network.ts';

export interface Application {
  readonly name: string;
  /** Kinds of hosts that use it. */
  readonly users: readonly HostKind[];
  /** Code point that its packets carry (RFC 4594 §2.3). */
  readonly dscp: number;
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
  /** A service of a host of the tenant, by name, or a service on the internet, by name. */
  readonly destination: { readonly service: string } | { readonly external: string };
  /** TCP transfers take what there is and yield when there is little; calls and video do not. */
  readonly elastic: boolean;
  /** Mean packet, bytes on the wire. */
  readonly packetBytes: number;
  /** Demand in the busiest hour towards the service and back, a share of one contract of the site. */
  readonly of: 'smallest' | 'largest';
  readonly up: number;
  readonly down: number;
  readonly profile: Profile;
}

/** When: with the people of the site, mostly at night, or always alike. */
export type Profile = 'people' | 'night' | 'flat';

/**
 * Shares are chosen so that every class stays within its part of the port in the busiest hour and a circuit below 60 %,
 * as planning rules for WAN circuits ask for.
 */
export const APPLICATIONS: readonly Application[] = [
  {
    name: 'erp',
    users: ['pc'],
    dscp: 26,
    protocol: 'tcp',
    port: 443,
    destination: { service: 'erp' },
    elastic: true,
    packetBytes: 700,
    of: 'smallest',
    up: 0.05,
    down: 0.17,
    profile: 'people',
  },
  {
    name: 'voice',
    users: ['pc'],
    dscp: 46,
    protocol: 'udp',
    port: 5060,
    destination: { service: 'sip' },
    elastic: false,
    packetBytes: 214,
    of: 'smallest',
    up: 0.06,
    down: 0.06,
    profile: 'people',
  },
  {
    name: 'video',
    users: ['pc'],
    dscp: 34,
    protocol: 'udp',
    port: 5004,
    destination: { service: 'sip' },
    elastic: false,
    packetBytes: 900,
    of: 'smallest',
    up: 0.1,
    down: 0.12,
    profile: 'people',
  },
  {
    name: 'backup',
    users: ['pc'],
    dscp: 10,
    protocol: 'tcp',
    port: 873,
    destination: { service: 'backup' },
    elastic: true,
    packetBytes: 1_300,
    of: 'smallest',
    up: 0.08,
    down: 0.005,
    profile: 'night',
  },
  {
    name: 'dns',
    users: ['pc', 'camera', 'guest'],
    dscp: 0,
    protocol: 'udp',
    port: 53,
    destination: { service: 'dns' },
    elastic: false,
    packetBytes: 120,
    of: 'smallest',
    up: 0.0005,
    down: 0.0008,
    profile: 'people',
  },
  {
    name: 'saas',
    users: ['pc'],
    dscp: 0,
    protocol: 'tcp',
    port: 443,
    destination: { external: 'saas.example' },
    elastic: true,
    packetBytes: 900,
    of: 'smallest',
    up: 0.015,
    down: 0.08,
    profile: 'people',
  },
  {
    name: 'm365',
    users: ['pc'],
    dscp: 0,
    protocol: 'tcp',
    port: 443,
    destination: { external: 'm365.example' },
    elastic: true,
    packetBytes: 900,
    of: 'largest',
    up: 0.015,
    down: 0.07,
    profile: 'people',
  },
  {
    name: 'web',
    users: ['guest'],
    dscp: 0,
    protocol: 'tcp',
    port: 443,
    destination: { external: 'web.example' },
    elastic: true,
    packetBytes: 900,
    of: 'largest',
    up: 0.015,
    down: 0.07,
    profile: 'people',
  },
  {
    name: 'camera',
    users: ['camera'],
    dscp: 0,
    protocol: 'tcp',
    port: 443,
    destination: { external: 'telemetry.camera-vendor.example' },
    elastic: false,
    packetBytes: 1_000,
    of: 'smallest',
    up: 0.02,
    down: 0.001,
    profile: 'flat',
  },
];

export const applicationByName = (name: string): Application | undefined =>
  APPLICATIONS.find((one) => one.name === name);

/** Share of the busiest hour by hour of the day (UTC) on a working day, and at any hour of a day off. */
const WORKDAY = [
  ...[0.06, 0.06, 0.06, 0.06, 0.06, 0.06, 0.2, 0.5, 0.85, 1, 1, 1],
  ...[0.92, 0.92, 1, 1, 1, 0.75, 0.35, 0.35, 0.15, 0.15, 0.15, 0.15],
] as const;
const DAY_OFF = 0.06;
/** Jobs that run at night keep a quarter of their rate by day. */
const JOBS_BY_DAY = 0.25;

const HOUR_MS = 3_600_000;
const WEEK_HOURS = 168;
const hourOfWeek = (at: number): number => Math.floor(at / HOUR_MS) % WEEK_HOURS;

function shareIn(profile: Profile, weekHour: number): number {
  if (profile === 'flat') return 1;
  const hour = weekHour % 24;
  if (profile === 'night') return hour >= 20 || hour < 5 ? 1 : JOBS_BY_DAY;
  // Hour 0 is that of the epoch, a Thursday: days 2 and 3 after it were the weekend.
  const day = Math.floor(weekHour / 24);
  return day === 2 || day === 3 ? DAY_OFF : (WORKDAY[hour] ?? 0);
}

/** Share of the busiest hour at a time, 0–1. */
export const demandAt = (profile: Profile, at: number): number => shareIn(profile, hourOfWeek(at));

/** For each hour of the week, the first one in which every profile is the same. */
const PERIODS: readonly number[] = Array.from({ length: WEEK_HOURS }, (_, hour) => {
  const same = (one: number): boolean =>
    (['people', 'night'] as const).every((profile) => shareIn(profile, one) === shareIn(profile, hour));
  let first = 0;
  while (!same(first)) first += 1;
  return first;
});

/** The period of a time: times of one period have the same demand, and a week has few periods. */
export const periodOf = (at: number): number => PERIODS[hourOfWeek(at)] ?? 0;

/** Classes in the order in which reports list them. */
export const TRAFFIC_CLASSES: readonly TrafficClass[] = [
  ...(['control', 'voice', 'video', 'critical', 'bulk', 'best-effort'] as const),
];
