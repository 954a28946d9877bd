/** What the steps of a tour share: the installation, the people, the testers' door, and what earlier steps found. */
import type { ChatEvent } from '../../agents/events.ts';
import type { Answer, Domain } from '../../broker/contract.ts';
import { WayleaveError } from '../../broker/errors.ts';
import type { TourStory } from '../../scenarios/story.ts';
import { findTool } from '../../tools/registry.ts';
import { signIn } from '../cli/connect.ts';
import { type ChatClient, createChatClient } from '../client/chat-client.ts';
import { type ControlClient, createControlClient } from '../client/control-client.ts';
import { createMcpClient, type McpClient } from '../client/mcp-client.ts';
import type { ClientSession } from '../client/session.ts';
import type { Installation } from '../installation.ts';
import type { Narrator } from './step.ts';

/** Somebody at a terminal: a login, the control desk, the chat, and tools of their own. */
export interface Person {
  readonly user: string;
  readonly session: ClientSession;
  readonly desk: ControlClient;
  readonly chat: ChatClient;
  /** Calls a tool directly, without an agent; rejects with `WayleaveError`. */
  use(
    tool: string,
    devices: readonly string[],
    input: { readonly [key: string]: string | number | boolean },
  ): Promise<Answer>;
  leave(): Promise<void>;
}

export interface Tour {
  readonly story: TourStory;
  readonly tenant: string;
  readonly installation: Installation;
  readonly operator: Person;
  readonly admin: Person;
  readonly auditor: Person;
  readonly stranger: Person;
  readonly strangerAuditor: Person;
  readonly simulators: SimulatorsClient;
  /** Filled by the steps. */
  readonly found: Found;
}

/** A step of the tour; its name is known before anything runs. */
export interface TourStep {
  readonly name: string;
  readonly run: (tour: Tour, narrator: Narrator) => Promise<void>;
}

export interface Found {
  thread?: string;
  approval?: string;
  intent?: string;
  fault?: string;
  containment?: string;
  /** Configuration of the edge before anything was put there. */
  before?: unknown;
  /** Network time runs this much faster than ours. */
  readonly speed: number;
}

export async function welcome(installation: Installation, user: string): Promise<Person> {
  const { brokerUrl, agentsUrl } = installation.running;
  const login = installation.logins.find((one) => one.user === user);
  if (login === undefined) throw new WayleaveError('LOGIN_FAILED', `There is no seeded login ${user}.`);
  const session = await signIn(brokerUrl, user, login.password);
  const clients = new Map<Domain, McpClient>();
  return {
    user,
    session,
    desk: createControlClient(session),
    chat: createChatClient(session, agentsUrl),
    use: async (name, devices, input) => {
      const tool = findTool(name);
      if (tool === undefined) throw new WayleaveError('SCENARIO_INVALID', `There is no tool ${name}.`);
      const client = clients.get(tool.domain) ?? (await createMcpClient(session, tool.domain));
      clients.set(tool.domain, client);
      const target = tool.targets === 'none' ? {} : { target: { devices } };
      return client.callTool(name, { ...target, input, purpose: `chat:${user.split('@')[0]}` });
    },
    leave: async () => {
      await Promise.all([...clients.values()].map((client) => client.close()));
    },
  };
}

/** The testers' door of the simulators. */
export interface SimulatorsClient {
  inject(tenant: string, type: string, resource: string): Promise<string>;
  clear(id: string): Promise<void>;
  describe(tenant: string, device: string, port: string, description: string): Promise<void>;
  config(tenant: string, device: string): Promise<unknown>;
  /** The instant of the network's clock, virtual epoch milliseconds. */
  now(): Promise<number>;
}

export function createSimulatorsClient({
  url,
  token,
}: NonNullable<Installation['running']['simulators']>): SimulatorsClient {
  const send = async (method: string, path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    if (!response.ok) {
      const message =
        typeof answer === 'object' && answer !== null && 'message' in answer ? String(answer.message) : '';
      throw new WayleaveError('FAULT_INVALID', message);
    }
    return answer;
  };
  return {
    inject: async (tenant, type, resource) => {
      const answer = await send('POST', '/faults', { tenant, type, resource });
      return String((answer as { readonly id: unknown }).id);
    },
    clear: async (id) => {
      await send('DELETE', `/faults/${encodeURIComponent(id)}`);
    },
    describe: async (tenant, device, port, description) => {
      await send('POST', '/describe', { tenant, device, interface: port, description, user: 'netops' });
    },
    now: async () => Number(((await send('GET', '/clock')) as { readonly now: unknown }).now),
    config: (tenant, device) => send('GET', `/config/${tenant}/${device}`),
  };
}

/** Everything that one turn of a conversation brought. */
export async function listen(
  stream: AsyncIterable<{ readonly thread: string } | ChatEvent>,
  onEvent: (event: ChatEvent) => void,
): Promise<{ readonly thread: string; readonly events: readonly ChatEvent[] }> {
  let thread = '';
  const events: ChatEvent[] = [];
  for await (const item of stream) {
    if (!('type' in item)) {
      thread = item.thread;
      continue;
    }
    events.push(item);
    onEvent(item);
  }
  return { thread, events };
}

/** The event of one type that a turn brought, if any. */
export function pick<Type extends ChatEvent['type']>(
  events: readonly ChatEvent[],
  type: Type,
): Extract<ChatEvent, { readonly type: Type }> | undefined {
  return events.find((event): event is Extract<ChatEvent, { readonly type: Type }> => event.type === type);
}
