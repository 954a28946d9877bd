/** A process for the command line that remembers what it said, and people whose answers are given by the test. */
import { PassThrough, Readable } from 'node:stream';
import type { Io, Person } from '../../../apps/cli/io.ts';
import { runCli } from '../../../apps/cli/run.ts';
import type { ChatClient, ChatItem } from '../../../apps/client/chat-client.ts';
import type { ControlClient } from '../../../apps/client/control-client.ts';
import type { IdentityClient } from '../../../apps/client/identity-client.ts';
import type { McpClient } from '../../../apps/client/mcp-client.ts';
import type { ScheduleClient } from '../../../apps/client/schedule-client.ts';
import type { UpstreamClient } from '../../../apps/client/upstream-client.ts';
import type { WebhookClient } from '../../../apps/client/webhook-client.ts';
import type { Approval, ChangeSummary } from '../../../broker/contract.ts';
import { WayleaveError } from '../../../broker/errors.ts';

export const NOW = Date.parse('2026-03-01T12:00:00.000Z');

export interface Fakes {
  readonly control?: Partial<ControlClient>;
  readonly identity?: Partial<IdentityClient>;
  readonly schedules?: Partial<ScheduleClient>;
  readonly webhooks?: Partial<WebhookClient>;
  readonly upstream?: Partial<UpstreamClient>;
  readonly chat?: Partial<ChatClient>;
  readonly tools?: Person['tools'];
  readonly relay?: Person['relay'];
  readonly io?: Partial<Omit<Io, 'doors'>>;
  readonly doors?: Partial<Io['doors']>;
  readonly stdin?: string;
}

export interface Said {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
  /** Who logged in. */
  readonly users: readonly string[];
  /** Who logged out. */
  readonly left: readonly string[];
  /** Milliseconds of every pause. */
  readonly pauses: readonly number[];
}

const unexpected = (name: string) => () => {
  throw new Error(`${name} was not expected`);
};

/** An object that has what is given and fails loudly for all else. */
function partial<T extends object>(given: Partial<T>, name: string): T {
  return new Proxy(given, {
    // A `then` would make it a promise.
    get: (target, key) =>
      Reflect.get(target, key) ?? (key === 'then' ? undefined : unexpected(`${name}.${String(key)}`)),
  }) as T;
}

export const LOGINS = [
  { user: 'operator@acme', password: 'secret-of-operator', roles: ['tenant-operator'] },
  { user: 'admin@acme', password: 'secret-of-admin', roles: ['tenant-admin'] },
];
export const RUNNING = {
  pid: 4711,
  brokerUrl: 'http://127.0.0.1:7420',
  agentsUrl: 'http://127.0.0.1:7421',
  simulators: { url: 'http://127.0.0.1:7000', token: 'sim-token' },
};

/** A process that remembers. */
export function makeIo(fakes: Fakes = {}) {
  const written: string[] = [];
  const err = new PassThrough();
  const users: string[] = [];
  const left: string[] = [];
  const pauses: number[] = [];
  const io: Io = {
    stdin: Readable.from(fakes.stdin === undefined ? [] : [fakes.stdin]),
    stdout: { write: (text) => written.push(text) },
    stderr: err,
    env: { WAYLEAVE_HOME: '/nowhere/home' },
    nodeVersion: '20.19.0',
    now: () => NOW,
    pause: async (milliseconds) => {
      pauses.push(milliseconds);
    },
    interrupted: new AbortController().signal,
    fetch: unexpected('fetch'),
    ...fakes.io,
    doors: {
      running: () => RUNNING,
      logins: () => LOGINS,
      signIn: async (_home, _running, user) => {
        if (!LOGINS.some((one) => one.user === user) && user !== 'auditor@acme')
          throw new WayleaveError('LOGIN_FAILED');
        users.push(user);
        return {
          user,
          control: partial<ControlClient>(fakes.control ?? {}, 'control'),
          upstream: partial<UpstreamClient>(fakes.upstream ?? {}, 'upstream'),
          schedules: partial<ScheduleClient>(fakes.schedules ?? {}, 'schedules'),
          webhooks: partial<WebhookClient>(fakes.webhooks ?? {}, 'webhooks'),
          identity: partial<IdentityClient>(fakes.identity ?? {}, 'identity'),
          chat: partial<ChatClient>(fakes.chat ?? {}, 'chat'),
          tools: fakes.tools ?? unexpected('tools'),
          relay: fakes.relay ?? unexpected('relay'),
          leave: async () => void left.push(user),
          end: async () => void left.push(user),
        };
      },
      logIn: unexpected('logIn'),
      logInByBrowser: unexpected('logInByBrowser'),
      keptLogin: () => undefined,
      forgetLogin: unexpected('forgetLogin'),
      simulators: () => RUNNING.simulators,
      startInstallation: unexpected('startInstallation'),
      startWorker: unexpected('startWorker'),
      split: unexpected('split'),
      startSimulation: unexpected('startSimulation'),
      runDemo: unexpected('runDemo'),
      ...fakes.doors,
    },
  };
  return { io, written, err, users, left, pauses };
}

/** Runs a command line in process. */
export async function wayleave(args: readonly string[], fakes: Fakes = {}): Promise<Said> {
  const { io, written, err, users, left, pauses } = makeIo(fakes);
  const exit = await runCli(args, io);
  err.end();
  return { exit, out: written.join(''), err: (await err.toArray()).map(String).join(''), users, left, pauses };
}

/** A stream of chat items. */
export async function* items(...list: readonly ChatItem[]): AsyncGenerator<ChatItem> {
  yield* list;
}

export const CHANGE: ChangeSummary = {
  decision: {
    id: 'dec_1',
    effect: 'permit',
    policies: ['agents-propose-repairs'],
    reasons: ['A repair of an open incident may be proposed.'],
    obligations: [
      { kind: 'require-approval', count: 1, role: 'tenant-admin' },
      { kind: 'confirmed-commit', seconds: 60 },
    ],
    advice: [],
    revision: 'ab'.repeat(32),
  },
  diff: '--- running\n+++ proposed\n-<local-as>65012</local-as>\n+<local-as>65002</local-as>\n',
  rehearsal: {
    predicted: ['session/bgp/hub1_edge--br2_edge bgp.state idle → established'],
    invariants: [
      { name: 'management path kept', holds: true, detail: 'br2_edge', breaks: 'deny' },
      { name: 'no site cut off', holds: false, detail: 'br9', breaks: 'deny' },
    ],
    blastRadius: { devices: ['br2_edge'], sites: ['br2'], users: 40, applications: ['voice'] },
    verdict: 'pass',
  },
  needed: { count: 1, role: 'tenant-admin' },
  expiresAt: '2026-03-01T12:10:00.000Z',
};

/** An approval as the broker gives it. */
export function approvalOf(status: Approval['status'], changed: Partial<Approval> = {}): Approval {
  return {
    id: 'apr_1',
    intent: {
      id: 'int_1',
      tool: 'bgp.set-local-as',
      domain: 'wan',
      effect: 'change',
      tenant: 'acme',
      target: { devices: ['br2_edge'] },
      input: { as: 65002 },
      purpose: 'inc_1',
      evidence: ['evd_1', 'evd_2'],
      expiresAt: CHANGE.expiresAt,
      digest: 'cd'.repeat(32),
    },
    requester: {
      human: 'operator@acme',
      roles: ['tenant-operator'],
      tenant: 'acme',
      session: 'ses_1',
      agent: 'troubleshooter',
      chain: ['troubleshooter', 'operator@acme'],
    },
    stateHash: 'ef'.repeat(32),
    status,
    votes: [],
    createdAt: '2026-03-01T12:00:00.000Z',
    ...CHANGE,
    ...changed,
  };
}

export const mcp = (given: Partial<McpClient>): McpClient =>
  partial<McpClient>({ close: async () => undefined, ...given }, 'mcp');
