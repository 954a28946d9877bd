/** Typed calls of `/api/upstreams` for a logged-in person: the MCP servers of others, and what people decide about them. */
import { z } from 'zod';
import type { ServerReport, WantedPin } from '../../broker/upstream/desk.ts';
import { CONTROL_AUDIENCE } from '../../protocols/oauth/access-token.ts';
import { postJson } from './post-json.ts';
import { readAnswer } from './read-answer.ts';
import type { ClientSession } from './session.ts';

/** All throw `WayleaveError` with the broker's code. */
export interface UpstreamClient {
  list(): Promise<readonly ServerReport[]>;
  /** As the server is now. */
  show(server: string): Promise<ServerReport>;
  approve(server: string, tools: readonly WantedPin[], reason: string, readsOnly: boolean): Promise<ServerReport>;
  quarantine(server: string, tool: string | undefined, reason: string): Promise<ServerReport>;
  remove(server: string, reason: string): Promise<ServerReport>;
}

const report = z.custom<ServerReport>(
  (value) => typeof value === 'object' && value !== null && 'server' in value && 'tools' in value,
);

export function createUpstreamClient(session: ClientSession): UpstreamClient {
  const request = session.fetch(CONTROL_AUDIENCE);
  const root = `${session.issuer}/api/upstreams`;
  const way = (server: string): string => `${root}/${encodeURIComponent(server)}`;
  const post = async (server: string, verb: string, body: object): Promise<ServerReport> =>
    readAnswer(await request(`${way(server)}/${verb}`, postJson(body)), report);
  return {
    list: async () => (await readAnswer(await request(root), z.object({ upstreams: z.array(report) }))).upstreams,
    show: async (server) => readAnswer(await request(way(server)), report),
    approve: (server, tools, reason, readsOnly) => post(server, 'approve', { tools, reason, readsOnly }),
    quarantine: (server, tool, reason) =>
      post(server, 'quarantine', { reason, ...(tool === undefined ? {} : { tool }) }),
    remove: (server, reason) => post(server, 'remove', { reason }),
  };
}
