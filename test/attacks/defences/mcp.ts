/** Defences of the MCP servers. */
import type { Defence } from './defence.ts';

const APP = 'broker/http/app.ts';

export const MCP_DEFENCES = {
  'mirrored-headers': {
    what: 'headers that mirror a request and contradict its body are refused',
    without: [
      { file: 'broker/mcp/mcp-routes.ts', find: 'if (mismatch !== undefined) {', replace: 'if (mismatch === null) {' },
    ],
  },
  'every-message-authenticated': {
    what: 'whoever sends a message shows a token, and what the message says of its sender counts for nothing',
    without: [
      {
        file: 'broker/mcp/mcp-routes.ts',
        find: "if (!reachesBroker(parsed.data, c.req.header('accept') ?? '')) {\n      await deps.authenticate(credential, audienceOf(domain.data));",
        replace: "if (!reachesBroker(parsed.data, c.req.header('accept') ?? '')) {",
      },
    ],
  },
  'own-host': {
    what: 'requests for another host, or from the page of another site, are refused',
    without: [
      {
        file: APP,
        find: "if (door === undefined) throw new WayleaveError('USAGE', 'Unknown host.');",
        replace: '',
      },
      {
        file: APP,
        find: "if (origin !== undefined && origin !== door.origin) throw new WayleaveError('DENIED', 'Unknown origin.');",
        replace: '',
      },
    ],
  },
} as const satisfies Readonly<Record<string, Defence>>;
