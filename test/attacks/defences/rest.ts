/** Defences of the REST driver, and of the HTTP server, against addresses, answers and requests that are not what they seem. */
import type { Defence } from './defence.ts';

const REQUEST = 'broker/drivers/rest/https-request.ts';
const DRIVER = 'broker/drivers/rest/driver.ts';

export const REST_DEFENCES = {
  'controller-addresses': {
    what: 'the address that is dialled was checked, and is none of this machine, of link-local, multicast or reserved networks',
    without: [
      {
        file: 'broker/drivers/rest/addresses.ts',
        find: 'const family = isIP(address);',
        replace: 'const family = isIP(address);\n    if (family !== 0) return false;',
      },
    ],
  },
  'no-redirects': {
    what: 'a redirect is a fault of the controller and is not followed',
    without: [
      {
        file: REQUEST,
        find: "if (status < 200 || (status >= 300 && status < 400)) return fail('the controller answered with a redirect');",
        replace:
          'if (incoming.headers.location !== undefined) return void requestHttps({ agent, url: new URL(incoming.headers.location, url), method, headers, signal }).then(resolve, reject);',
      },
    ],
  },
  'strict-paths': {
    what: 'a path is made of plain segments below the controller API, and of nothing else',
    without: [{ file: DRIVER, find: 'if (!PATH.test(path) ||', replace: 'if (path === "" ||' }],
  },
  'strict-http': {
    what: 'a request that can be read in two ways is answered by 400 and the end of the connection',
    without: [
      { file: 'broker/http/server.ts', find: 'insecureHTTPParser: false,', replace: 'insecureHTTPParser: true,' },
    ],
  },
  'no-compression': {
    what: 'a compressed answer is refused, so that the bytes that are counted are the bytes that there are',
    without: [
      {
        file: REQUEST,
        find: "if (encoding !== undefined && encoding !== 'identity') return fail('the controller answered compressed');",
        replace: '',
      },
      {
        file: REQUEST,
        find: "from 'node:https';",
        replace: "from 'node:https';\nimport { gunzipSync } from 'node:zlib';",
      },
      {
        file: REQUEST,
        find: "body: Buffer.concat(chunks).toString('utf8'),",
        replace:
          "body: (encoding === undefined ? Buffer.concat(chunks) : gunzipSync(Buffer.concat(chunks))).toString('utf8'),",
      },
    ],
  },
  'whole-deadline': {
    what: 'a whole read ends at its deadline, however it is drawn out',
    without: [{ file: DRIVER, find: 'timers.set(deadlineMs, () =>', replace: 'timers.set(Infinity, () =>' }],
  },
  'pinned-authority': {
    what: 'a controller shows a valid certificate of its own pinned authority for the name that is called',
    without: [{ file: DRIVER, find: 'rejectUnauthorized: true', replace: 'rejectUnauthorized: false' }],
  },
} as const satisfies Readonly<Record<string, Defence>>;
