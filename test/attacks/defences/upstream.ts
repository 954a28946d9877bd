/** Defences against MCP servers of others behind the broker. */
import type { Defence } from './defence.ts';

const FEDERATION = 'broker/upstream/federation.ts';

export const UPSTREAM_DEFENCES = {
  'credential-of-the-broker': {
    what: 'an upstream server gets the credential that is configured for it, and nothing of who asks',
    without: [
      {
        file: 'broker/execution/records.ts',
        find: 'return deps.upstream.call(tenant, server, tool, args);',
        replace: 'return deps.upstream.call(tenant, server, tool, args, context.credential.token);',
      },
      {
        file: FEDERATION,
        find: 'async call(tenant, name, tool, args) {',
        replace: 'async call(tenant, name, tool, args, credential) {',
      },
      {
        file: FEDERATION,
        find: 'return converse(deps, server, async (conversation) => {',
        replace: 'return converse(deps, { ...server, credential }, async (conversation) => {',
      },
    ],
  },
  'no-hidden-text': {
    what: 'a definition with characters that people do not see cannot be approved',
    without: [
      {
        file: 'broker/upstream/definition.ts',
        find: 'if (hidden !== undefined) return',
        replace: 'if (hidden === null) return',
      },
    ],
  },
  'pinned-definitions': {
    what: 'a call reaches a tool only when its server says of it what people approved',
    without: [
      {
        file: FEDERATION,
        find: "if (seen === undefined || stateOf(seen) !== 'offered' || seen.seen?.digest !== digest)",
        replace: 'if (seen === undefined)',
      },
    ],
  },
  'no-programs': {
    what: 'an upstream server is an address for HTTP and nothing else: no program of others is started',
    without: [
      {
        file: 'broker/upstream/server-list.ts',
        find: 'export const upstreamFields = z.strictObject({',
        replace: 'export const upstreamFields = z.looseObject({',
      },
    ],
  },
  'local-references': {
    what: 'a schema that refers to anything outside itself cannot be approved',
    without: [
      {
        file: 'broker/upstream/json-schema.ts',
        find: "if (ref !== undefined && (typeof ref !== 'string' || resolve(schema, ref) === undefined))",
        replace: 'if (ref === null)',
      },
    ],
  },
  'patterns-of-others': {
    what: 'regular expressions in the schemas of others are never run',
    without: [
      {
        file: 'broker/upstream/json-schema.ts',
        find: "      case 'not':",
        replace:
          "      case 'pattern':\n        return say(new RegExp(rule).test(one), 'does not match');\n      case 'not':",
      },
    ],
  },
  'people-look-after-servers': {
    what: 'no agent approves, adds or stops an upstream server, for whomever it acts',
    without: [
      {
        file: 'broker/upstream/desk.ts',
        find: 'if (subject.agent !== undefined || subject.lookOnly !== undefined || subject.roles.length === 0)',
        replace: 'if (subject.roles.length === 0)',
      },
    ],
  },
  'configured-origin': {
    what: 'an upstream server is asked at its configured origin, and no redirect is followed',
    without: [{ file: 'broker/upstream/bounded-fetch.ts', find: "redirect: 'manual'", replace: "redirect: 'follow'" }],
  },
} as const satisfies Readonly<Record<string, Defence>>;
