/** Who is who at a broker over a network in memory: seeded people with live sessions, agents with keys, and real tokens between them. */
import { createSecretKey, randomBytes } from 'node:crypto';
import type { BrokerPort } from '../../agents/broker-port.ts';
import {
  AGENTS,
  type AgentName,
  type Answer,
  type Broker,
  type Domain,
  ROLES,
  type Role,
  type Subject,
} from '../../broker/contract.ts';
import { WayleaveError } from '../../broker/errors.ts';
import type { AgentRegistry, RegisteredAgent } from '../../broker/identity/agent-registry.ts';
import { issueAgentToken } from '../../broker/identity/agent-token.ts';
import { createAuthenticate } from '../../broker/identity/authenticate.ts';
import { createMemoryRecords } from '../../broker/identity/keyed-records.ts';
import { agentDigest } from '../../broker/identity/launch-statement.ts';
import type { PeopleDeps } from '../../broker/identity/people.ts';
import { createMemoryRevocation } from '../../broker/identity/revocation.ts';
import { createSchedules, type Schedule } from '../../broker/identity/schedules.ts';
import { createSecondFactors, currentCode, type SecondFactor } from '../../broker/identity/second-factors.ts';
import { createWhyNoLonger } from '../../broker/identity/still-authentic.ts';
import { newTokenKeyFile, openTokenKeys } from '../../broker/identity/token-keys.ts';
import type { User } from '../../broker/identity/users.ts';
import type { Clock, Ids, Sessions } from '../../broker/ports.ts';
import { mcpAudience } from '../../protocols/oauth/access-token.ts';
import { generateSigningKey } from '../../protocols/oauth/jwk.ts';
import { SIGNED_SCHEME, signRequest } from '../../protocols/oauth/request-signature.ts';
import { createSingleUse } from '../../protocols/oauth/single-use.ts';
import { PROOF_RETENTION_MS } from '../../protocols/oauth/verify-credential.ts';

const ISSUER = 'https://broker.replay';
const MAX_PROOFS = 200_000;
/** A token is replaced so long before it ends. */
const EARLY_MS = 30_000;

/** Who there is in each tenant, as in an installation: who approves is never who asks. */
const PEOPLE: readonly { readonly name: string; readonly roles: readonly Role[] }[] = [
  { name: 'operator', roles: ['tenant-operator'] },
  { name: 'admin', roles: ['tenant-admin'] },
  { name: 'deputy', roles: ['tenant-admin'] },
  { name: 'auditor', roles: ['auditor'] },
];

// Making keys takes milliseconds, and nothing that is printed depends on them: once a process.
const tokenKeyText = newTokenKeyFile(0);
const agentKey = generateSigningKey();
const sessionSecret = createSecretKey(randomBytes(32));

/** What happens around each call of an agent. */
export interface PortHooks {
  readonly before: () => void;
  readonly after: (answer: Answer) => void;
}

export interface ModelIdentityDeps {
  readonly tenants: readonly string[];
  readonly clock: Clock;
  readonly ids: Ids;
  readonly sessions: Sessions;
}

export async function createModelIdentity({ tenants, clock, ids, sessions }: ModelIdentityDeps) {
  const revocation = createMemoryRevocation();
  const users = new Map<string, User>();
  for (const tenant of tenants) {
    for (const { name, roles } of PEOPLE) {
      const human = `${name}@${tenant}`;
      users.set(human, { name: human, tenant, roles });
      await sessions.put({
        id: `ses_${name}`.concat(tenant),
        human,
        tenant,
        createdAt: new Date(clock.now()).toISOString(),
      });
    }
  }
  const factors = createSecondFactors({
    factors: createMemoryRecords<SecondFactor>(),
    clock,
    // Nothing of it is kept anywhere.
    seal: (_, plain) => plain,
    open: (_, sealed) => sealed,
  });
  const secrets = new Map<string, string>();
  for (const human of users.keys()) {
    const { secret } = await factors.begin(human);
    await factors.confirm(human, currentCode(secret, clock.now()));
    secrets.set(human, secret);
  }
  const sessionOf = ({ name, tenant }: User): string => `ses_${name.split('@')[0]}${tenant}`;
  const people: PeopleDeps = {
    users: {
      find: async (name) => users.get(name),
      list: async () => [...users.values()],
      update: async (name, change) => {
        const before = users.get(name);
        if (before === undefined) throw new WayleaveError('NOT_FOUND');
        const after = change(before);
        users.set(name, after);
        await revocation.bump();
        return after;
      },
    },
    sessions,
    schedules: createSchedules(createMemoryRecords<Schedule>(), revocation),
  };
  const registered = new Map<string, RegisteredAgent>(
    AGENTS.map((agent) => [
      agent,
      { agent, digest: agentDigest(agent, { code: 'replay' }), jwks: [agentKey.publicJwk], model: 'none' },
    ]),
  );
  const agents: AgentRegistry = { find: (name) => registered.get(name), launched: () => [...registered.values()] };
  const keys = openTokenKeys({ load: () => tokenKeyText, save: () => undefined, clock });
  const proofs = createSingleUse(clock.now, PROOF_RETENTION_MS, MAX_PROOFS);
  const authenticate = createAuthenticate({
    ...{ ...people, issuer: ISSUER, findKey: (kid: string) => keys.find(kid), clock, proofs, agents },
    ...{ sessionSecret, revocation, certificates: false },
  });
  const findUser = (human: string): User => {
    const user = users.get(human);
    if (user === undefined) throw new WayleaveError('UNAUTHENTICATED');
    return user;
  };

  /** The way of one person's agents to the broker: a token of its own for each agent and domain, each request signed. */
  function portFor(human: string, broker: Broker, hooks: PortHooks): BrokerPort {
    const held = new Map<string, { readonly token: string; readonly key: Buffer; readonly until: number }>();
    let nonces = 0;
    const tokenFor = (agent: AgentName, domain: Domain) => {
      const known = held.get(`${agent} ${domain}`);
      if (known !== undefined && known.until > clock.now()) return known;
      const user = findUser(human);
      const answer = issueAgentToken(
        { issuer: ISSUER, keys, sessionSecret, clock, ids },
        {
          ...{ human, tenant: user.tenant, session: sessionOf(user), audience: mcpAudience(ISSUER, domain) },
          ...{ agent: findAgent(agents, agent), jkt: agentKey.thumbprint, notAfter: Number.MAX_SAFE_INTEGER },
        },
      );
      const token = {
        token: answer.access_token,
        key: Buffer.from(answer.session_key, 'base64url'),
        until: clock.now() + answer.expires_in * 1_000 - EARLY_MS,
      };
      held.set(`${agent} ${domain}`, token);
      return token;
    };
    return {
      call: async (agent, domain, tool, args) => {
        hooks.before();
        const { token, key } = tokenFor(agent, domain);
        const url = mcpAudience(ISSUER, domain);
        const content = JSON.stringify(args);
        nonces += 1;
        const nonce = `${agent}-${String(nonces).padStart(16, '0')}`.slice(-64);
        const request = { method: 'POST', url, token, content };
        const fields = signRequest(createSecretKey(key), request, clock.now(), nonce);
        const answer = await broker.call(
          { scheme: SIGNED_SCHEME, fields, ...request },
          domain,
          tool,
          JSON.parse(content),
        );
        hooks.after(answer);
        return answer;
      },
    };
  }

  /** Reads the code off the person's own device and shows it: the login counts as stepped up for a while. */
  async function stepUp(human: string): Promise<void> {
    const session = await sessions.get(sessionOf(findUser(human)));
    const code = currentCode(secrets.get(human) ?? '', clock.now());
    if (session === undefined || !(await factors.verify(human, code))) throw new WayleaveError('STEP_UP_REQUIRED');
    await sessions.put({ ...session, steppedUpAt: new Date(clock.now()).toISOString() });
  }

  return {
    authenticate,
    factors,
    stepUp,
    /** Does what a person does, who shows a second factor when one is asked for and then does it again. */
    withSecondFactor: async <T>(human: string, act: () => Promise<T>): Promise<T> => {
      try {
        return await act();
      } catch (error) {
        if (!(error instanceof WayleaveError) || error.code !== 'STEP_UP_REQUIRED') throw error;
        await stepUp(human);
        return act();
      }
    },
    users: people.users,
    whyNoLonger: createWhyNoLonger({ ...people, agents, revocation }),
    rolesNow: async (human: string, tenant: string) => {
      const user = users.get(human);
      return user?.tenant === tenant && user.disabled !== true ? user.roles : undefined;
    },
    /** A person at the desk, with the roles and the second factor of this moment. */
    subjectOf: async (human: string): Promise<Subject> => {
      const user = findUser(human);
      const session = sessionOf(user);
      const { steppedUpAt } = (await sessions.get(session)) ?? {};
      const fresh = steppedUpAt === undefined ? {} : { steppedUpAt };
      return { human, roles: user.roles, tenant: user.tenant, session, chain: [human], ...fresh };
    },
    rolesOf: (names: readonly string[]): readonly Role[] => ROLES.filter((role) => names.includes(role)),
    portFor,
  };
}

function findAgent(agents: AgentRegistry, name: AgentName): RegisteredAgent {
  const found = agents.find(name);
  if (found === undefined) throw new WayleaveError('UNAUTHENTICATED');
  return found;
}
