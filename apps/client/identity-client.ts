/** Typed calls of `/api/identity` for a logged-in person: themselves, second factors, agents, people and keys. */
import { z } from 'zod';
import type { PasskeyQuestion, PersonChange, WhoAmI } from '../../broker/http/identity-desk.ts';
import type { AgentReport } from '../../broker/identity/agent-registry.ts';
import type { KeyReport } from '../../broker/identity/key-desk.ts';
import type { PasskeyView } from '../../broker/identity/passkeys.ts';
import type { PersonReport } from '../../broker/identity/people-desk.ts';
import { CONTROL_AUDIENCE } from '../../protocols/oauth/access-token.ts';
import { postJson } from './post-json.ts';
import { readAnswer } from './read-answer.ts';
import type { ClientSession } from './session.ts';

/** All throw `WayleaveError` with the broker's code. */
export interface IdentityClient {
  whoami(): Promise<WhoAmI>;
  beginFactor(): Promise<{ readonly secret: string; readonly uri: string }>;
  confirmFactor(code: string): Promise<void>;
  /** Answers for how many seconds the second factor counts. */
  stepUp(code: string): Promise<number>;
  passkeys(): Promise<readonly PasskeyView[]>;
  /** What a browser must be asked to make a passkey. */
  beginPasskey(): Promise<PasskeyQuestion>;
  /** `response` is what the browser made of it (`PublicKeyCredential.toJSON()`). */
  addPasskey(name: string, response: unknown): Promise<PasskeyView>;
  removePasskey(id: string): Promise<void>;
  beginPasskeyStepUp(): Promise<PasskeyQuestion>;
  stepUpByPasskey(response: unknown): Promise<number>;
  agents(): Promise<readonly AgentReport[]>;
  approveAgent(agent: string, digest: string, reason: string): Promise<AgentVersionView>;
  stopAgent(agent: string, reason: string): Promise<AgentVersionView>;
  people(): Promise<readonly PersonReport[]>;
  setPerson(human: string, change: PersonChange): Promise<PersonReport>;
  forgetFactors(human: string): Promise<PersonReport>;
  keys(): Promise<readonly KeyReport[]>;
  rotateKey(kind: string): Promise<readonly KeyReport[]>;
}

type AgentVersionView = Pick<AgentReport, 'agent' | 'digest' | 'status' | 'votes'>;

/** Objects by the fields that tell them apart; their insides are the broker's, which authenticated itself by its origin. */
const record = <T>(...fields: readonly (keyof T & string)[]): z.ZodType<T> =>
  z.custom<T>((value) => typeof value === 'object' && value !== null && fields.every((field) => field in value));

const version = record<AgentVersionView>('agent', 'digest', 'status', 'votes');
const person = record<PersonReport>('name', 'roles', 'disabled');
const passkey = record<PasskeyView>('id', 'name', 'createdAt');
const question = z.object({ options: z.record(z.string(), z.unknown()), page: z.url() });
const keyList = z.object({ keys: z.array(record<KeyReport>('kind', 'id', 'status')) });

export function createIdentityClient(session: ClientSession): IdentityClient {
  const request = session.fetch(CONTROL_AUDIENCE);
  const get = async <T>(path: string, schema: z.ZodType<T>): Promise<T> =>
    readAnswer(await request(`${session.issuer}/api/identity${path}`), schema);
  const post = async <T>(path: string, body: object, schema: z.ZodType<T>): Promise<T> =>
    readAnswer(await request(`${session.issuer}/api/identity${path}`, postJson(body)), schema);
  const way = (name: string): string => encodeURIComponent(name);

  return {
    whoami: () => get('/me', record<WhoAmI>('human', 'tenant', 'roles', 'session')),
    beginFactor: () => post('/second-factor', {}, z.object({ secret: z.string(), uri: z.string() })),
    confirmFactor: async (code) => {
      await post('/second-factor/confirm', { code }, z.object({ enrolled: z.literal(true) }));
    },
    stepUp: async (code) => (await post('/step-up', { code }, z.object({ seconds: z.number() }))).seconds,
    passkeys: async () => (await get('/passkeys', z.object({ passkeys: z.array(passkey) }))).passkeys,
    beginPasskey: () => post('/passkeys/options', {}, question),
    addPasskey: (name, response) => post('/passkeys', { name, response }, passkey),
    removePasskey: async (id) => {
      await post(`/passkeys/${way(id)}/remove`, {}, z.object({ removed: z.literal(true) }));
    },
    beginPasskeyStepUp: () => post('/step-up/passkey/options', {}, question),
    stepUpByPasskey: async (response) =>
      (await post('/step-up/passkey', { response }, z.object({ seconds: z.number() }))).seconds,
    agents: async () =>
      (await get('/agents', z.object({ agents: z.array(record<AgentReport>('agent', 'digest', 'status')) }))).agents,
    approveAgent: (agent, digest, reason) => post(`/agents/${way(agent)}/approve`, { digest, reason }, version),
    stopAgent: (agent, reason) => post(`/agents/${way(agent)}/stop`, { reason }, version),
    people: async () => (await get('/people', z.object({ people: z.array(person) }))).people,
    setPerson: (human, change) => post(`/people/${way(human)}`, change, person),
    forgetFactors: (human) => post(`/people/${way(human)}/forget-factors`, {}, person),
    keys: async () => (await get('/keys', keyList)).keys,
    rotateKey: async (kind) => (await post(`/keys/${way(kind)}/rotate`, {}, keyList)).keys,
  };
}
