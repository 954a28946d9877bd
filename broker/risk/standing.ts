/** Everything that is remembered of people and agents, as folds over the audit log: risk, baselines, and what changes touched. */
import { z } from 'zod';
import { type BlastState, type Blasts, charge, giveBack, reserve, startBlast } from '../limits/blast.ts';
import type { StoredAuditEntry } from '../ports.ts';
import { applyCall, noveltyOf, type Profile, type PurposeKind, startProfile } from './profile.ts';
import { type EndedCall, readBlast, readEnd } from './read-entry.ts';
import {
  applyRiskEvent,
  assessRisk,
  type Risk,
  type RiskBand,
  type RiskEvent,
  type RiskState,
  startRisk,
} from './risk.ts';

/** Whose risk it is; a person who acts through two agents has three risks. */
export interface RiskKey {
  readonly human: string;
  readonly agent?: string | undefined;
  readonly tenant: string;
}

/** Whose baseline. */
export interface ProfileKey {
  readonly tenant: string;
  readonly agent?: string | undefined;
  readonly purpose: PurposeKind;
}

/** A band that was entered or left. */
export interface Transition {
  readonly key: RiskKey;
  readonly from: RiskBand;
  readonly to: RiskBand;
  readonly risk: Risk;
  readonly at: number;
  /** Who cleared it, if somebody did. */
  readonly by?: string;
}

/** A part of the standing under its name, for storing. */
export type StandingRecord =
  | { readonly kind: 'risk'; readonly name: string; readonly record: RiskState }
  | { readonly kind: 'profile'; readonly name: string; readonly record: Profile }
  | { readonly kind: 'blast'; readonly name: string; readonly record: BlastState };

export interface Standing extends Blasts {
  /** Takes the next entry of the log; answers with the bands that it changed. */
  apply(entry: StoredAuditEntry): readonly Transition[];
  risk(key: RiskKey): RiskState;
  profile(key: ProfileKey): Profile;
  risks(tenant: string): readonly { readonly key: RiskKey; readonly state: RiskState }[];
  profiles(tenant: string): readonly { readonly key: ProfileKey; readonly profile: Profile }[];
  /** What changed since the last time it was asked. */
  takeChanged(): readonly StandingRecord[];
}

const riskName = ({ tenant, human, agent }: RiskKey): string => JSON.stringify([tenant, human, agent ?? null]);
const profileName = ({ tenant, agent, purpose }: ProfileKey): string =>
  JSON.stringify([tenant, agent ?? null, purpose]);
const riskNameForm = z.tuple([z.string(), z.string(), z.string().nullable()]);
const profileNameForm = z.tuple([z.string(), z.string().nullable(), z.enum(['incident', 'schedule', 'chat', 'none'])]);

export function createStanding(records: readonly StandingRecord[] = []): Standing {
  const risks = new Map<string, RiskState>();
  const profiles = new Map<string, Profile>();
  const blasts = new Map<string, BlastState>();
  const changed = new Map<string, StandingRecord>();
  for (const { kind, name, record } of records) {
    if (kind === 'risk') risks.set(name, record);
    else if (kind === 'profile') profiles.set(name, record);
    else blasts.set(name, record);
  }
  const put = (one: StandingRecord): void => {
    if (one.kind === 'risk') risks.set(one.name, one.record);
    else if (one.kind === 'profile') profiles.set(one.name, one.record);
    else blasts.set(one.name, one.record);
    changed.set(`${one.kind} ${one.name}`, one);
  };
  const riskOf = (key: RiskKey): RiskState => risks.get(riskName(key)) ?? startRisk(key.human);
  const profileOf = (key: ProfileKey): Profile => profiles.get(profileName(key)) ?? startProfile();

  function move(key: RiskKey, events: readonly RiskEvent[], at: number, by?: string): readonly Transition[] {
    const before = riskOf(key);
    const after = events.reduce(applyRiskEvent, before);
    put({ kind: 'risk', name: riskName(key), record: after });
    if (after.band === before.band) return [];
    return [
      { key, from: before.band, to: after.band, risk: assessRisk(after, at), at, ...(by === undefined ? {} : { by }) },
    ];
  }

  function applyEnd(end: EndedCall, index: number): readonly Transition[] {
    const { tenant, human, agent, at, purpose, call, signs } = end;
    const events: RiskEvent[] = [...signs];
    let matches = false;
    if (call !== undefined) {
      const key = { tenant, agent, purpose };
      const profile = profileOf(key);
      const novel = noveltyOf(profile, call);
      for (const what of novel) events.push({ kind: 'novel', at, of: what, entry: index, why: `${what} is new to it` });
      matches = call.clean && novel.length === 0 && profile.learned.sessions > 0;
      put({ kind: 'profile', name: profileName(key), record: applyCall(profile, call) });
    }
    return move({ tenant, human, agent }, [...events, { kind: 'call', at, matches, entry: index }], at);
  }

  function applyBlast(entry: StoredAuditEntry): void {
    const event = readBlast(entry);
    if (event === undefined) return;
    const at = Date.parse(entry.at);
    const before = blasts.get(entry.tenant) ?? startBlast();
    const after =
      event.kind === 'give-back'
        ? giveBack(before, event.intent, at)
        : (event.kind === 'charge' ? charge : reserve)(before, event.change, at);
    put({ kind: 'blast', name: entry.tenant, record: after });
  }

  const keysOf = (tenant: string): readonly RiskKey[] =>
    [...risks.keys()]
      .map((name) => riskNameForm.parse(JSON.parse(name)))
      .flatMap(([of, human, agent]) =>
        of === tenant ? [{ tenant, human, ...(agent === null ? {} : { agent }) }] : [],
      );

  return {
    apply(entry) {
      applyBlast(entry);
      const { content, human: by, tenant } = entry;
      if (entry.kind === 'risk.cleared' && by !== undefined) {
        const at = Date.parse(entry.at);
        return keysOf(tenant)
          .filter((key) => key.human === content['of'])
          .flatMap((key) => move(key, [{ kind: 'cleared', at, by }], at, by));
      }
      const end = readEnd(entry);
      return end === undefined ? [] : applyEnd(end, entry.index);
    },
    risk: riskOf,
    profile: profileOf,
    blast: (tenant) => blasts.get(tenant) ?? startBlast(),
    setBlast: (tenant, record) => put({ kind: 'blast', name: tenant, record }),
    risks: (tenant) => keysOf(tenant).map((key) => ({ key, state: riskOf(key) })),
    profiles: (tenant) =>
      [...profiles.keys()]
        .map((name) => profileNameForm.parse(JSON.parse(name)))
        .flatMap(([of, agent, purpose]) => {
          const key = { tenant, purpose, ...(agent === null ? {} : { agent }) };
          return of === tenant ? [{ key, profile: profileOf(key) }] : [];
        }),
    takeChanged() {
      const taken = [...changed.values()];
      changed.clear();
      return taken;
    },
  };
}
