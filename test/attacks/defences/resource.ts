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
