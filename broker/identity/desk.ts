/** The identity desk: puts the parts of identity behind the interface that the HTTP API calls. */
import type { Subject } from '../contract.ts';
import { WayleaveError } from '../errors.ts';
import type { IdentityDesk } from '../http/identity-desk.ts';
import type { AgentDesk } from './agent-registry.ts';
import { type KeyDeskDeps, listKeys, rotateKeys } from './key-desk.ts';
import { PASSKEY_PAGE_PATH } from './passkey-page.ts';
import type { Passkeys } from './passkeys.ts';
import { changePerson, forgetFactors, listPeople, type PeopleDeskDeps } from './people-desk.ts';
import { anyFactor, type SecondFactors } from './second-factors.ts';
import { AMR_OF, demandSecondFactor, isSteppedUp, type ShownFactor, STEP_UP_SECONDS } from './step-up.ts';
import type { TenantSwitch } from './tenant-switch.ts';

export interface IdentityDeskDeps extends PeopleDeskDeps, KeyDeskDeps {
  readonly agents: AgentDesk;
  readonly factors: SecondFactors;
  readonly passkeys: Passkeys;
  readonly tenantSwitch: Pick<TenantSwitch, 'tenantsOf' | 'issue'>;
  /** Demands a second factor also of people who have none, so that they enrol one first. */
  readonly alwaysSecondFactor?: boolean;
}

/** Wrong codes of a person before they wait, and for how long: 10^6 codes, and three are right at a time. */
const ATTEMPTS = 5;
const WAIT_MS = 60_000;

const WRONG: Readonly<Record<ShownFactor, string>> = {
  code: 'The one-time code is wrong, or was used before. Wait for the next one.',
  passkey: 'That passkey is not one of yours here, or it took too long. Try again.',
};

/** Where a command sends the person's browser for a passkey. */
const pageOf = ({ origin }: Passkeys): string => `${origin ?? ''}${PASSKEY_PAGE_PATH}`;

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

  const any = anyFactor(deps.factors, deps.passkeys);
  const demanded = deps.alwaysSecondFactor === true ? { isEnrolled: async (): Promise<boolean> => true } : any;
  const demandFactor = (subject: Subject): Promise<void> => demandSecondFactor(demanded, subject, deps.clock.now());

  async function demandProof(subject: Subject, factor: ShownFactor, check: () => Promise<boolean>): Promise<void> {
    const now = deps.clock.now();
    for (const [human, { until }] of tries) if (until <= now) tries.delete(human);
    const count = tries.get(subject.human)?.count ?? 0;
    if (count >= ATTEMPTS) throw new WayleaveError('LIMITED', 'Too many wrong codes. Wait a minute.');
    tries.set(subject.human, { count: count + 1, until: now + WAIT_MS });
    if (!(await check())) {
      await record(subject, 'second-factor.refused');
      throw new WayleaveError('DENIED', WRONG[factor]);
    }
    tries.delete(subject.human);
  }

  async function elevate(subject: Subject, factor: ShownFactor): Promise<void> {
    const session = await deps.sessions.get(subject.session);
    if (session === undefined) throw new WayleaveError('UNAUTHENTICATED');
    await record(subject, 'second-factor.shown', { factor });
    const known = session.amr ?? [];
    const amr = [...known, ...AMR_OF[factor].filter((method) => !known.includes(method))];
    await deps.sessions.put({ ...session, amr, steppedUpAt: new Date(deps.clock.now()).toISOString() });
  }

  const askedOf = ({ human, session: place }: Subject) => ({ human, place });

  /** One more factor beside another is a way in: only who shows one that is there may add it. */
  const demandShown = (subject: Subject): Promise<void> => demandSecondFactor(any, subject, deps.clock.now());

  return {
    async whoami(subject) {
      const { human, tenant, roles, session, steppedUpAt } = subject;
      const fresh = isSteppedUp(subject, deps.clock.now());
      const secondFactor = fresh ? 'fresh' : (await any.isEnrolled(human)) ? 'enrolled' : 'none';
      const [user, tenants] = await Promise.all([deps.users.find(human), deps.tenantSwitch.tenantsOf(human)]);
      const home = user?.tenant ?? tenant;
      return {
        human,
        tenant,
        roles,
        session,
        secondFactor,
        tenants,
        home,
        ...(steppedUpAt === undefined ? {} : { steppedUpAt }),
      };
    },
    async switchTenant(subject, tenant, challenge) {
      await demandFactor(subject);
      return deps.tenantSwitch.issue(subject, tenant, challenge);
    },
    async beginFactor(subject) {
      await demandShown(subject);
      const begun = await deps.factors.begin(subject.human);
      await record(subject, 'second-factor.begun');
      return begun;
    },
    async confirmFactor(subject, code) {
      await demandShown(subject);
      await demandProof(subject, 'code', () => deps.factors.confirm(subject.human, code));
      await record(subject, 'second-factor.enrolled');
      await elevate(subject, 'code');
    },
    async stepUp(subject, code) {
      if (!(await deps.factors.isEnrolled(subject.human)))
        throw new WayleaveError(
          'DENIED',
          'You have no one-time codes. Enrol them with `wayleave users second-factor`.',
        );
      await demandProof(subject, 'code', () => deps.factors.verify(subject.human, code));
      await elevate(subject, 'code');
      return { seconds: STEP_UP_SECONDS };
    },
    async passkeys({ human }) {
      return { passkeys: await deps.passkeys.list(human) };
    },
    async beginPasskey(subject) {
      await demandShown(subject);
      const options = await deps.passkeys.beginRegistration(askedOf(subject));
      return { options, page: pageOf(deps.passkeys) };
    },
    async addPasskey(subject, name, response) {
      await demandShown(subject);
      const made = await deps.passkeys.register(askedOf(subject), name, response);
      await record(subject, 'passkey.added', { id: made.id, name });
      await elevate(subject, 'passkey');
      return made;
    },
    async removePasskey(subject, id) {
      await demandShown(subject);
      await deps.passkeys.remove(subject.human, id);
      await record(subject, 'passkey.removed', { id });
    },
    async beginPasskeyStepUp(subject) {
      if (!(await deps.passkeys.isEnrolled(subject.human)))
        throw new WayleaveError('DENIED', 'You have no passkey. Add one with `wayleave users passkey add`.');
      return { options: await deps.passkeys.beginAssertion(subject.session), page: pageOf(deps.passkeys) };
    },
    async stepUpByPasskey(subject, response) {
      await demandProof(subject, 'passkey', () => deps.passkeys.verify(askedOf(subject), response));
      await elevate(subject, 'passkey');
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
    async forgetFactors(subject, human) {
      await demandFactor(subject);
      return forgetFactors(deps, subject, human);
    },
    keys: (subject) => listKeys(deps, subject),
    async rotateKey(subject, kind) {
      await demandFactor(subject);
      return rotateKeys(deps, subject, kind);
    },
  };
}
