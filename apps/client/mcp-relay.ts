/** Carries JSON-RPC messages of somebody else's MCP client to one domain's server, as the person and unread. */
import { z } from 'zod';
import type { Domain } from '../../broker/contract.ts';
import { WayleaveError } from '../../broker/errors.ts';
import { mcpAudience } from '../../protocols/oauth/access-token.ts';
import { toWayleaveError } from './read-answer.ts';
import type { ClientSession } from './session.ts';

/** A JSON-RPC 2.0 message. */
export type Message = { readonly [key: string]: unknown };

export interface Relaying {
  /** Protocol version that was agreed on, once it was. */
  readonly version?: string;
  readonly signal?: AbortSignal;
}

/** The answer, or undefined when none is due. Throws `WayleaveError` for what the server says outside of JSON-RPC. */
export type McpRelay = (message: Message, how: Relaying) => Promise<Message | undefined>;

const rpc = z.looseObject({ jsonrpc: z.literal('2.0') });

export function createMcpRelay(session: ClientSession, domain: Domain): McpRelay {
  const authorized = session.fetch(mcpAudience(session.issuer, domain));
  return async (message, { version, signal }) => {
    const response = await authorized(`${session.issuer}/mcp/${domain}`, {
      method: 'POST',
      headers: {
        Accept: 'application/json, text/event-stream',
        'Content-Type': 'application/json',
        ...(version === undefined ? {} : { 'MCP-Protocol-Version': version }),
      },
      body: JSON.stringify(message),
      ...(signal === undefined ? {} : { signal }),
    });
    if (response.status === 202) return undefined;
    const body: unknown = await response.json().catch(() => undefined);
    const answer = rpc.safeParse(body);
    if (answer.success) return answer.data;
    throw response.ok
      ? new WayleaveError('UNAVAILABLE', 'The broker answered in an unknown form.')
      : toWayleaveError(body, response.status);
  };
}
