/** Defences against whoever wants the broker to do too much. */
import type { Defence } from './defence.ts';

export const RESOURCE_DEFENCES = {
  'body-limits': {
    what: 'a body is read up to a size and parsed up to a depth',
    without: [
      { file: 'broker/http/app.ts', find: 'maxSize: MAX_BODY_BYTES,', replace: 'maxSize: Number.MAX_SAFE_INTEGER,' },
      {
        file: 'broker/http/request.ts',
        find: 'export const MAX_JSON_DEPTH = 32;',
        replace: 'export const MAX_JSON_DEPTH = 1e9;',
      },
    ],
  },
  'names-of-stories': {
    what: 'a story is a regular YAML file, and within the folder that was named',
    without: [
      {
        file: 'scenarios/story-file.ts',
        find: 'if (root !== undefined && !real.startsWith(realpathSync(root) + path.sep))',
        replace: 'if (root === path.sep)',
      },
      {
        file: 'scenarios/story-file.ts',
        find: 'if (!ending.test(real)) throw refuse(',
        replace: 'if (real === name) refuse(',
      },
    ],
  },
  patience: {
    what: 'a request that is not there in time ends with its connection',
    without: [
      {
        file: 'broker/http/server.ts',
        find: '...(options.patience ?? PATIENCE),',
        replace:
          '...{ headersTimeout: 0, requestTimeout: 0, connectionsCheckingInterval: 30_000 }, ...(PATIENCE && {}),',
      },
    ],
  },
  'share-of-a-tenant': {
    what: 'a tenant has half of the reads that are under way at most',
    without: [
      { file: 'broker/limits/shed.ts', find: 'if (underWay(tenant) >= SHARE)', replace: 'if (underWay(tenant) < 0)' },
    ],
  },
  'answers-in-turns': {
    what: 'an answer is read row by row, and other calls are decided in between',
    without: [
      {
        file: 'broker/drivers/rest/parse-answer.ts',
        find: 'await setImmediate();',
        replace: 'void setImmediate;',
      },
    ],
  },
  'no-aliases': {
    what: 'YAML that somebody hands in has no aliases',
    without: [
      {
        file: 'simulators/topologies/topology-file.ts',
        find: '{ maxAliasCount: 0 }',
        replace: '{ maxAliasCount: -1 }',
      },
    ],
  },
  'approvals-in-wait': {
    what: 'a tenant has so many open approvals and no more',
    without: [
      {
        file: 'broker/stages/approve.ts',
        find: 'if (open.length - expired.length >= MAX_PENDING)',
        replace: 'if (open.length < 0)',
      },
    ],
  },
} as const satisfies Readonly<Record<string, Defence>>;
