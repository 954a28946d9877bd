/** The real ways out of the command line. Everything heavy is loaded by the command that needs it, not at start. */
import { z } from 'zod';
import { CONTROL_AUDIENCE } from '../../protocols/oauth/access-token.ts';
import { createChatClient } from '../client/chat-client.ts';
import { createControlClient } from '../client/control-client.ts';
import { createIdentityClient } from '../client/identity-client.ts';
import { createScheduleClient } from '../client/schedule-client.ts';
import type { ClientSession } from '../client/session.ts';
import { createUpstreamClient } from '../client/upstream-client.ts';
import { createWebhookClient } from '../client/webhook-client.ts';
import {
  audiencesOf,
  clientDeps,
  findRunning,
  findSimulators,
  type Running,
  readLogins,
  signIn,
  signInAs,
} from './connect.ts';
import type { Doors, Person } from './io.ts';
import { findLogin, forgetLogin, keepLogin } from './kept-login.ts';

const claims = z.object({ sid: z.string(), sub: z.string() });
/** What a token of our own says; whoever gets the token verifies it, we only read it. */
const readClaims = (token: string): z.infer<typeof claims> =>
  claims.parse(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()));

function present(session: ClientSession, running: Running, kept: boolean): Person {
  const control = createControlClient(session);
  const end = async (): Promise<void> => control.endSession(readClaims(await session.token(CONTROL_AUDIENCE)).sid);
  return {
    user: session.user,
    control,
    identity: createIdentityClient(session),
    upstream: createUpstreamClient(session),
    schedules: createScheduleClient(session),
    webhooks: createWebhookClient(session),
    chat: createChatClient(session, running.agentsUrl),
    tools: async (domain) => (await import('../client/mcp-client.ts')).createMcpClient(session, domain),
    relay: async (domain) => (await import('../client/mcp-relay.ts')).createMcpRelay(session, domain),
    leave: async () => (kept ? undefined : end()),
    end,
  };
}

export const doors: Doors = {
  running: findRunning,
  logins: readLogins,
  async signIn(home, running, user, code) {
    return present(await signInAs(home, running.brokerUrl, user, code), running, false);
  },
  async logIn(home, running, user, password, code) {
    const session = await signIn(running.brokerUrl, user, password, code);
    keepLogin(home, { issuer: running.brokerUrl, user, ...session.keep() });
    return present(session, running, true);
  },
  async logInByBrowser(home, running, show, interrupted) {
    const issuer = running.brokerUrl;
    const { loginInBrowser } = await import('./browser-login.ts');
    const session = await loginInBrowser({ issuer, audiences: audiencesOf(issuer), show, interrupted }, clientDeps);
    const user = readClaims(await session.token(CONTROL_AUDIENCE)).sub;
    keepLogin(home, { issuer, user, ...session.keep() });
    return present({ ...session, user }, running, true);
  },
  keptLogin(home, running) {
    const session = findLogin(home, running.brokerUrl, clientDeps);
    return session === undefined ? undefined : present(session, running, true);
  },
  forgetLogin,
  startInstallation: async (options) =>
    options.config.part === 'all'
      ? (await import('../installation.ts')).startInstallation(options)
      : (await import('../parts/start-part.ts')).startPart(options),
  split: async (config, options) => (await import('../parts/split.ts')).splitInstallation(config, options, Date.now()),
  startWorker: async (config, running, concurrency, port) =>
    (await import('../start-worker.ts')).startWorkerProcess(config, running, concurrency, port),
  startSimulation: async (options) => (await import('../simulation.ts')).startSimulation(options),
  simulators: findSimulators,
  runDemo: async (options) => (await import('../demo/demo.ts')).runDemo(options),
};
