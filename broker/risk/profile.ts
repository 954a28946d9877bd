/**
 * What an agent usually does for one kind of purpose in one tenant: its baseline, a fold over the audit log.
 *
 * A session is learned from as a whole, an hour after it began, and only if nothing in it was denied, tainted or off the
 * profile; one that was is forgotten, and nothing of its next day is learned either.
 */
import type { AgentName, Domain } from '../contract.ts';

export type PurposeKind = 'incident' | 'schedule' | 'chat' | 'none';

/** By the form of a purpose; whether it exists is not asked here. */
export function purposeKind(purpose: string): PurposeKind {
  if (purpose.startsWith('inc_')) return 'incident';
  if (purpose.startsWith('sch_')) return 'schedule';
  return purpose.startsWith('chat:') ? 'chat' : 'none';
}

interface Baseline {
  /** Clean sessions, and calls in them. */
  readonly sessions: number;
  readonly calls: number;
  /** Tool → calls. */
  readonly tools: { readonly [tool: string]: number };
  /** Device → when it was used last, epoch milliseconds. */
  readonly devices: { readonly [device: string]: number };
  /** Most calls within a minute, and most devices within an hour, of one session. */
  readonly rate: number;
  readonly spread: number;
}

interface Watched {
  readonly since: number;
  /** When it was spoilt; absent: clean until now. */
  readonly spoilt?: number;
  readonly calls: number;
  readonly tools: { readonly [tool: string]: number };
  readonly devices: { readonly [device: string]: number };
  readonly minute: number;
  readonly inMinute: number;
  readonly rate: number;
}

export interface Profile {
  readonly learned: Baseline;
  /** Sessions of the last hour (and spoilt ones of the last day), the oldest first. */
  readonly watched: { readonly [session: string]: Watched };
}

/** One call as the log has it. */
export interface ProfiledCall {
  readonly session: string;
  readonly tool: string;
  readonly devices: readonly string[];
  readonly at: number;
  /** Nothing in it was denied, tainted or unusual. */
  readonly clean: boolean;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A baseline is held against anybody only after so much. */
export const MATURE = { sessions: 5, calls: 100 } as const;
/** Where an unusual rate (calls a minute) and spread (devices an hour) begin at the earliest; above it at twice what was learned. */
export const LEAST_UNUSUAL = { rate: 240, spread: 20 } as const;
const MAX_WATCHED = 64;
const MAX_DEVICES = 2000;
const MAX_TOOLS = 200;

/** Domains that belong to an agent's work, by purpose: what is outside is unusual from the first day. */
const WORK: Readonly<Record<AgentName, Readonly<Partial<Record<PurposeKind, readonly Domain[]>>>>> = {
  router: { chat: ['inventory'] },
  troubleshooter: {
    incident: ['inventory', 'diagnostics', 'wan'],
    // A change without an incident is for policies and grants to decide.
    chat: ['inventory', 'diagnostics', 'wan'],
    schedule: ['inventory', 'diagnostics'],
  },
  'health-monitor': {
    incident: ['inventory', 'diagnostics'],
    chat: ['inventory', 'diagnostics'],
    schedule: ['inventory', 'diagnostics'],
  },
  'threat-watcher': {
    incident: ['inventory', 'diagnostics', 'security'],
    chat: ['inventory', 'diagnostics', 'security'],
    schedule: ['inventory', 'diagnostics', 'security'],
  },
  'experience-optimizer': {
    incident: ['inventory', 'diagnostics', 'experience'],
    chat: ['inventory', 'diagnostics', 'experience'],
    schedule: ['inventory', 'diagnostics', 'experience'],
  },
  'compliance-auditor': {
    incident: ['inventory', 'diagnostics', 'compliance'],
    chat: ['inventory', 'diagnostics', 'compliance'],
    schedule: ['inventory', 'diagnostics', 'compliance'],
  },
};

export const startProfile = (): Profile => ({
  learned: { sessions: 0, calls: 0, tools: {}, devices: {}, rate: 0, spread: 0 },
  watched: {},
});

export const isMature = ({ learned }: Profile): boolean =>
  learned.sessions >= MATURE.sessions && learned.calls >= MATURE.calls;

/** Counts the call; sessions whose hour is over are learned from first. */
export function applyCall(profile: Profile, call: ProfiledCall): Profile {
  const { learned, watched } = learnFinished(profile, call.at);
  const before = Object.hasOwn(watched, call.session) ? watched[call.session] : undefined;
  const session = countCall(before ?? startWatched(call.at), call);
  const rest = Object.entries(watched).filter(([name]) => name !== call.session);
  const kept = rest.slice(Math.max(0, rest.length + 1 - MAX_WATCHED));
  return { learned, watched: Object.fromEntries([...kept, [call.session, session]]) };
}

const startWatched = (at: number): Watched => ({
  ...{ since: at, calls: 0, tools: {}, devices: {}, minute: 0, inMinute: 0, rate: 0 },
});

function countCall(session: Watched, { tool, devices, at, clean }: ProfiledCall): Watched {
  const minute = Math.floor(at / MINUTE);
  const inMinute = (minute === session.minute ? session.inMinute : 0) + 1;
  const tools = { ...session.tools, [tool]: (session.tools[tool] ?? 0) + 1 };
  const touched = { ...session.devices, ...Object.fromEntries(devices.map((device) => [device, at])) };
  return {
    ...session,
    ...(clean ? {} : { spoilt: at }),
    ...{ calls: session.calls + 1, minute, inMinute, rate: Math.max(session.rate, inMinute) },
    tools: latest(tools, MAX_TOOLS),
    devices: latest(touched, MAX_DEVICES),
  };
}

/** The entries with the highest numbers, sorted by name, so that equal contents are equal texts. */
function latest(record: { readonly [name: string]: number }, most: number): { readonly [name: string]: number } {
  const entries = Object.entries(record);
  if (entries.length <= most) return record;
  return Object.fromEntries(entries.toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, most));
}

function learnFinished(profile: Profile, now: number): Profile {
  let { learned } = profile;
  const watched: [string, Watched][] = [];
  for (const [name, session] of Object.entries(profile.watched)) {
    if (session.spoilt !== undefined) {
      if (now - session.spoilt < DAY) watched.push([name, session]);
    } else if (now - session.since < HOUR) watched.push([name, session]);
    else learned = learn(learned, session, isMature(profile));
  }
  return { learned, watched: Object.fromEntries(watched) };
}

function learn(before: Baseline, session: Watched, mature: boolean): Baseline {
  const tools: Record<string, number> = { ...before.tools };
  for (const [tool, calls] of Object.entries(session.tools)) tools[tool] = (tools[tool] ?? 0) + calls;
  // One session moves a grown baseline by a half at most: it is not taught by a single burst.
  const grow = (old: number, seen: number): number =>
    Math.max(old, mature ? Math.min(seen, Math.ceil(old * 1.5)) : seen);
  return {
    sessions: before.sessions + 1,
    calls: before.calls + session.calls,
    tools: latest(tools, MAX_TOOLS),
    devices: latest({ ...before.devices, ...session.devices }, MAX_DEVICES),
    rate: grow(before.rate, session.rate),
    spread: grow(before.spread, Object.keys(session.devices).length),
  };
}

/** What a grown baseline does not know: `tool bgp.read`, `device br2_edge`. */
export function noveltyOf({ learned, watched }: Profile, call: ProfiledCall): readonly string[] {
  if (!isMature({ learned, watched })) return [];
  const session = watched[call.session];
  const used = (known: 'tools' | 'devices', name: string): boolean =>
    Object.hasOwn(learned[known], name) || (session !== undefined && Object.hasOwn(session[known], name));
  return [
    ...(used('tools', call.tool) ? [] : [`tool ${call.tool}`]),
    ...call.devices.filter((device) => !used('devices', device)).map((device) => `device ${device}`),
  ];
}

/** What the next call would be that does not fit: a tool outside the agent's work, more calls or devices than ever. */
export function unusualOf(
  profile: Profile,
  agent: AgentName | undefined,
  call: Omit<ProfiledCall, 'clean'> & { readonly domain: Domain; readonly purpose: PurposeKind },
): readonly ('tool' | 'rate' | 'device')[] {
  if (agent === undefined) return [];
  const session = Object.hasOwn(profile.watched, call.session) ? profile.watched[call.session] : undefined;
  const minute = Math.floor(call.at / MINUTE);
  const inMinute = (session?.minute === minute ? session.inMinute : 0) + 1;
  const recent = Object.entries(session?.devices ?? {}).filter(([, at]) => call.at - at < HOUR);
  const spread = new Set([...recent.map(([device]) => device), ...call.devices]).size;
  const { learned } = profile;
  const mature = isMature(profile);
  const inside = (WORK[agent][call.purpose]?.includes(call.domain) ?? false) || Object.hasOwn(learned.tools, call.tool);
  return [
    ...(inside ? [] : (['tool'] as const)),
    ...(mature && inMinute > Math.max(LEAST_UNUSUAL.rate, 2 * learned.rate) ? (['rate'] as const) : []),
    ...(mature && spread > Math.max(LEAST_UNUSUAL.spread, 2 * learned.spread) ? (['device'] as const) : []),
  ];
}
