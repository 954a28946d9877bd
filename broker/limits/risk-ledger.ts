/** Keeps the risk of everybody who acts: one state per human, agent and tenant, over an injected clock. */
import type { Clock } from '../ports.ts';
import { applyRiskEvent, assessRisk, type Risk, type RiskEvent, type RiskState, startRisk } from './risk.ts';

/** Whose risk it is; a person who acts through two agents has three risks. */
export interface RiskKey {
  readonly human: string;
  readonly agent?: string | undefined;
  readonly tenant: string;
}

export interface RiskLedger {
  record(key: RiskKey, kind: Exclude<RiskEvent['kind'], 'cleared'>): Risk;
  /** `by` must be another human, else nothing is cleared. */
  clear(key: RiskKey, by: string): Risk;
  /** The same for all of a human's risks in a tenant, direct and through agents; how many there were. */
  clearHuman(tenant: string, human: string, by: string): number;
  assess(key: RiskKey): Risk;
}

const MAX_KEYS = 10_000;

export function createRiskLedger(clock: Clock): RiskLedger {
  const states = new Map<string, RiskState>();
  const nameOf = ({ human, agent, tenant }: RiskKey): string => JSON.stringify([tenant, human, agent ?? null]);
  const stateOf = (key: RiskKey): RiskState => states.get(nameOf(key)) ?? startRisk(key.human);

  function apply(key: RiskKey, event: RiskEvent): Risk {
    const next = applyRiskEvent(stateOf(key), event);
    if (states.size >= MAX_KEYS && !states.has(nameOf(key))) forgetCalm(event.at);
    states.set(nameOf(key), next);
    return assessRisk(next, event.at);
  }

  /** Keys come from the user directory, so they are few; those without risk are forgotten first, those with risk never. */
  function forgetCalm(now: number): void {
    for (const [name, state] of states) if (assessRisk(state, now).score === 0) states.delete(name);
  }

  return {
    record: (key, kind) => apply(key, { kind, at: clock.now() }),
    clear: (key, by) => apply(key, { kind: 'cleared', at: clock.now(), by }),
    clearHuman: (tenant, human, by) => {
      const keys = [...states.keys()].filter((name) =>
        name.startsWith(`${JSON.stringify([tenant, human]).slice(0, -1)},`),
      );
      for (const name of keys) {
        const state = states.get(name);
        if (state !== undefined) states.set(name, applyRiskEvent(state, { kind: 'cleared', at: clock.now(), by }));
      }
      return keys.length;
    },
    assess: (key) => assessRisk(stateOf(key), clock.now()),
  };
}
