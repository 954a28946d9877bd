/** A read of the network: a tool called at the broker's MCP server with the person's own token, decided and in the audit log like every call. */
import type { Session } from '../login/session.ts';
import { Problem, readProblem } from './problem.ts';
import type { Evidence } from './schema.ts';

export interface ToolCall {
  /** Of the domain `diagnostics`, e.g. `tunnels.read`. */
  readonly tool: string;
  readonly devices?: readonly string[];
  readonly input?: { readonly [name: string]: unknown };
  readonly signal?: AbortSignal;
}

const MCP = '/mcp/diagnostics';
const PURPOSE = 'chat:console';

/** What was observed. Rejects with `Problem`, also for what the broker denies. */
export async function callTool(session: Session, { tool, devices, input = {}, signal }: ToolCall) {
  const args = { input, purpose: PURPOSE, ...(devices === undefined ? {} : { target: { devices } }) };
  const response = await session.diagnostics(MCP, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: tool, arguments: args } }),
    ...(signal === undefined ? {} : { signal }),
  });
  const answer: unknown = await response.json().catch(() => undefined);
  const result = fieldOf(answer, 'result');
  const content = fieldOf(result, 'structuredContent');
  // A refusal of a tool is a result of MCP, with the broker's own code and words.
  if (fieldOf(result, 'isError') === true) throw await readProblem(new Response(JSON.stringify(content)));
  const evidence = fieldOf(content, 'evidence');
  if (!Array.isArray(evidence)) throw new Problem('UNKNOWN');
  return evidence as readonly Evidence[];
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Object.entries(value).find(([key]) => key === name)?.[1] : undefined;
