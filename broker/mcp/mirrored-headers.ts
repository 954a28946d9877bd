/**
 * Compares the headers that mirror a request with its body: intermediaries route and log by the headers, the broker
 * decides on the body, and two stories about one request are refused (MCP Streamable HTTP, 2026-07-28).
 */
import { z } from 'zod';

/** JSON-RPC code of the refusal, which goes with HTTP 400 (MCP schema 2026-07-28, `HeaderMismatchError`). */
export const HEADER_MISMATCH = -32020;

const VERSION_META = 'io.modelcontextprotocol/protocolVersion';

const mirrored = z.object({
  method: z.string(),
  params: z
    .object({
      name: z.unknown(),
      uri: z.unknown(),
      protocolVersion: z.unknown(),
      _meta: z.record(z.string(), z.unknown()).optional().catch(undefined),
    })
    .partial()
    .optional()
    .catch(undefined),
});

/** Name of the first header that contradicts `body`; undefined when all that are there agree. `header` reads one by its name. */
export function findHeaderMismatch(
  header: (name: string) => string | undefined,
  body: unknown,
): 'Mcp-Method' | 'Mcp-Name' | 'MCP-Protocol-Version' | undefined {
  const { method, params } = mirrored.parse(body);
  const saidMethod = header('mcp-method');
  if (saidMethod !== undefined && saidMethod !== method) return 'Mcp-Method';

  const saidName = header('mcp-name');
  const name = method === 'resources/read' ? params?.uri : params?.name;
  if (saidName !== undefined && decodeName(saidName) !== name) return 'Mcp-Name';

  const saidVersion = header('mcp-protocol-version');
  const version = method === 'initialize' ? params?.protocolVersion : params?._meta?.[VERSION_META];
  if (saidVersion !== undefined && version !== undefined && saidVersion !== version) return 'MCP-Protocol-Version';
  return undefined;
}

/** Values that are not plain ASCII travel as `=?base64?…?=`; in any other spelling they are themselves. */
function decodeName(value: string): string {
  const encoded = /^=\?base64\?([A-Za-z0-9+/]*={0,2})\?=$/.exec(value)?.[1];
  return encoded === undefined ? value : Buffer.from(encoded, 'base64').toString('utf8');
}
