/** The real ways out of the command line. Everything heavy is loaded by the command that needs it, not at start. */
import { z } from 'zod';
import { CONTROL_AUDIENCE } from '../../protocols/oauth/access-token.ts';
import { createChatClient } from '../client/chat-client.ts';
import { createControlClient } from '../client/control-client.ts';
import { findRunning, findSimulators, readLogins, signInAs } from './connect.ts';
import type { Doors } from './io.ts';

const claims = z.object({ sid: z.string() });
/** The session that a token of our own belongs to; whoever gets the token verifies it, we only read it. */
const readSession = (token: string): string =>
  claims.parse(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())).sid;

export const doors: Doors = {
  running: findRunning,
  logins: readLogins,
  async signIn(home, running, user) {
    const session = await signInAs(home, running.brokerUrl, user);
    const control = createControlClient(session);
    return {
      user,
      control,
      chat: createChatClient(session, running.agentsUrl),
      tools: async (domain) => (await import('../client/mcp-client.ts')).createMcpClient(session, domain),
      leave: async () => control.endSession(readSession(await session.token(CONTROL_AUDIENCE))),
    };
  },
  startInstallation: async (options) => (await import('../installation.ts')).startInstallation(options),
  startSimulation: async (options) => (await import('../simulation.ts')).startSimulation(options),
  simulators: findSimulators,
  runDemo: async (options) => (await import('../demo/demo.ts')).runDemo(options),
};
