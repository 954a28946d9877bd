/** The identity desk: puts the parts of identity behind the interface that the HTTP API calls. */
import type { Subject } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import type { IdentityDesk } from '../http/identity-desk.ts';
import type { AgentDesk } from './agent-registry.ts';
import { type KeyDeskDeps, listKeys, rotateKeys } from './key-desk.ts';
import { changePerson, listPeople, type PeopleDeskDeps } from './people-desk.ts';
import type { SecondFactors } from './second-factors.ts';
import { demandSecondFactor, isSteppedUp, STEP_UP_SECONDS } from './step-up.ts';

export interface IdentityDeskDeps extends PeopleDeskDeps, KeyDeskDeps {
  readonly agents: AgentDesk;
  readonly factors: SecondFactors;
  /** Demands a second factor also of people who have none, so that they enrol one first. */
  readonly alwaysSecondFactor?: boolean;
}

/** Wrong codes of a person before they wait, and for how long: 10^6 codes, and three are right at a time. */
const ATTEMPTS = 5;
const WAIT_MS = 60_000;

export function createIdentityDesk(deps: IdentityDeskDeps): IdentityDesk {
  const tries = new Map<string, { readonly count: number; readonly until: number }>();

  const record = (
    subject: Subject,
    kind: string,
    content: { readonly [key: string]: string } = {},
  ): Promise<number> => {
    const { tenant, human, session } = subject;
    return deps.audit.append({ at: new Date(deps.clock.now()).toISOString(), tenant, kind, human, session, content });
  };

  const demanded = deps.alwaysSecondFactor === true ? { isEnrolled: async (): Promise<boolean> => true } : deps.factors;
  const demandFactor = (subject: Subject): Promise<void> => demandSecondFactor(demanded, subject, deps.clock.now());

  async function demandCode(subject: Subject, check: () => Promise<boolean>): Promise<void> {
    const now = deps.clock.now();
    for (const [human, { until }] of tries) if (until <= now) tries.delete(human);
    const count = tries.get(subject.human)?.count ?? 0;
    if (count >= ATTEMPTS) throw new WayleaveError('LIMITED', 'Too many wrong codes. Wait a minute.');
    tries.set(subject.human, { count: count + 1, until: now + WAIT_MS });
    if (!(await check())) {
      await record(subject, 'second-factor.refused');
      throw new WayleaveError('DENIED', 'The one-time code is wrong, or was used before. Wait for the next one.');
    }
    tries.delete(subject.human);
  }

  async function elevate(subject: Subject): Promise<void> {
    const session = await deps.sessions.get(subject.session);
    if (session === undefined) throw new WayleaveError('UNAUTHENTICATED');
    await record(subject, 'second-factor.shown');
    await deps.sessions.put({ ...session, steppedUpAt: new Date(deps.clock.now()).toISOString() });
  }

  return {
    async whoami(subject) {
      const { human, tenant, roles, session, steppedUpAt } = subject;
      const fresh = isSteppedUp(subject, deps.clock.now());
      const secondFactor = fresh ? 'fresh' : (await deps.factors.isEnrolled(human)) ? 'enrolled' : 'none';
      return { human, tenant, roles, session, secondFactor, ...(steppedUpAt === undefined ? {} : { steppedUpAt }) };
    },
    async beginFactor(subject) {
      const begun = await deps.factors.begin(subject.human);
      await record(subject, 'second-factor.begun');
      return begun;
    },
    async confirmFactor(subject, code) {
      await demandCode(subject, () => deps.factors.confirm(subject.human, code));
      await record(subject, 'second-factor.enrolled');
      await elevate(subject);
    },
    async stepUp(subject, code) {
      if (!(await deps.factors.isEnrolled(subject.human)))
        throw new WayleaveError('DENIED', 'You have no second factor. Enrol one with `wayleave users second-factor`.');
      await demandCode(subject, () => deps.factors.verify(subject.human, code));
      await elevate(subject);
      return { seconds: STEP_UP_SECONDS };
    },
    agents: () => deps.agents.list(),
    async approveAgent(subject, agent, digest, reason) {
      await demandFactor(subject);
      return deps.agents.approve(subject, agent, digest, reason);
    },
    stopAgent: (subject, agent, reason) => deps.agents.stop(subject, agent, reason),
    people: (subject) => listPeople(deps, subject),
    async setPerson(subject, human, change) {
      await demandFactor(subject);
      return changePerson(deps, subject, human, change);
    },
    keys: (subject) => listKeys(deps, subject),
    async rotateKey(subject, kind) {
      await demandFactor(subject);
      return rotateKeys(deps, subject, kind);
    },
  };
}
