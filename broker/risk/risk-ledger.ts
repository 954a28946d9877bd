/** What the standing says now of who acts: the score for policy, what is off the profile, and both explained for people. */
import type { Domain, Subject } from '../contract.ts';
import type { Clock } from '../ports.ts';
import { isMature, type Profile, purposeKind, unusualOf } from './profile.ts';
import { assessRisk, type Risk } from './risk.ts';
import type { ProfileKey, RiskKey, Standing } from './standing.ts';

export interface ActingCall {
  readonly tool: string;
  readonly domain: Domain;
  readonly devices: readonly string[];
  readonly purpose: string;
}

/** One person's risk, direct or through an agent. */
export interface RiskView extends Risk {
  readonly human: string;
  readonly agent?: string;
}

/** One baseline, shortened for people. */
export interface ProfileView {
  readonly agent?: string;
  readonly purpose: string;
  /** Whether it is held against anybody yet. */
  readonly mature: boolean;
  readonly sessions: number;
  readonly calls: number;
  /** Most calls within a minute, and most devices within an hour, of one session. */
  readonly rate: number;
  readonly spread: number;
  readonly devices: number;
  readonly tools: { readonly [tool: string]: number };
}

export interface RiskLedger {
  assess(key: RiskKey): Risk;
  /** Whether the person is suspended, directly or through any agent: whoever acts in their name, they decide nothing. */
  isSuspended(tenant: string, human: string): boolean;
  /** What of this call does not fit the agent and its purpose. */
  unusual(subject: Subject, call: ActingCall): readonly string[];
  /** Of the tenant; people without risk are left out. */
  people(tenant: string): readonly RiskView[];
  /** Whether anything is known of this person, with or without an agent. */
  knows(tenant: string, human: string): boolean;
  profiles(tenant: string): readonly ProfileView[];
}

export function createRiskLedger(standing: Standing, clock: Clock): RiskLedger {
  return {
    assess: (key) => assessRisk(standing.risk(key), clock.now()),
    isSuspended: (tenant, human) =>
      standing
        .risks(tenant)
        .some(({ key, state }) => key.human === human && assessRisk(state, clock.now()).band === 'suspended'),
    unusual: ({ tenant, agent, session }, { tool, domain, devices, purpose: id }) => {
      const purpose = purposeKind(id);
      const call = { session, tool, domain, devices, purpose, at: clock.now() };
      return unusualOf(standing.profile({ tenant, agent, purpose }), agent, call);
    },
    people: (tenant) =>
      standing
        .risks(tenant)
        .map(({ key: { human, agent }, state }) => ({
          ...{ human, ...assessRisk(state, clock.now()) },
          ...(agent === undefined ? {} : { agent }),
        }))
        .filter(({ score }) => score > 0)
        .toSorted((a, b) => b.score - a.score || (a.human < b.human ? -1 : 1)),
    knows: (tenant, human) => standing.risks(tenant).some(({ key }) => key.human === human),
    profiles: (tenant) => standing.profiles(tenant).map(({ key, profile }) => viewProfile(key, profile)),
  };
}

function viewProfile({ agent, purpose }: ProfileKey, profile: Profile): ProfileView {
  const { devices, ...learned } = profile.learned;
  return {
    ...(agent === undefined ? {} : { agent }),
    ...{ purpose, mature: isMature(profile), ...learned, devices: Object.keys(devices).length },
  };
}
