/** The real ways out of the command line. Everything heavy is loaded by the command that needs it, not at start. */
import { createChatClient } from '../client/chat-client.ts';
import { createControlClient } from '../client/control-client.ts';
import { findRunning, readLogins, signInAs } from './connect.ts';
import type { Doors } from './io.ts';

export const doors: Doors = {
  running: findRunning,
  logins: readLogins,
  async signIn(home, running, user) {
    const session = await signInAs(home, running.brokerUrl, user);
    return {
      user,
      control: createControlClient(session),
      chat: createChatClient(session, running.agentsUrl),
      tools: async (domain) => (await import('../client/mcp-client.ts')).createMcpClient(session, domain),
    };
  },
  startInstallation: async (options) => (await import('../installation.ts')).startInstallation(options),
  runDemo: async (options) => (await import('../demo/demo.ts')).runDemo(options),
};
