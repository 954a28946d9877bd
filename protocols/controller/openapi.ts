/** The director's REST API as an OpenAPI 3.1 document, out of the same forms that its rows are read with. */
import { z } from 'zod';
import { ENDPOINTS } from './routes.ts';

/** Where the document itself is served. */
export const OPENAPI_PATH = '/dataservice/openapi.json';

const text = { type: 'string' } as const;
const inQuery = (name: string, description: string) => ({ name, in: 'query', description, schema: text });

const PARAMETERS = [
  inQuery('deviceId', 'One device, or several with commas between; paths below /dataservice/device/ need it.'),
  inQuery('count', 'Rows of a page, 1 to 10,000; events and alarms: how many, newest first.'),
  inQuery('scrollId', 'The next page, as the page before said.'),
];

const REFUSALS = {
  '400': { description: 'The query cannot be answered; the message says why.' },
  '401': { description: 'No session: log in at /j_security_check.' },
  '404': { description: 'No such path.' },
  '429': { description: 'Too many requests; Retry-After says when to come back.' },
} as const;

/** One answer: `{header, data, pageInfo?}` with rows of this form. */
const answerOf = (form: z.ZodType) => ({
  type: 'object',
  required: ['header', 'data'],
  properties: {
    header: { type: 'object', properties: { generatedOn: { type: 'integer', description: 'Epoch milliseconds' } } },
    data: { type: 'array', items: z.toJSONSchema(form, { io: 'output', unrepresentable: 'any' }) },
    pageInfo: { type: 'object', description: 'Present when a count was asked for.' },
  },
});

/** The document; `baseUrl` is where the controller is reached. */
export function describeController(baseUrl: string): object {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Simulated SD-WAN controller',
      version: '1.0.0',
      description:
        'Log in with POST /j_security_check (j_username, j_password); the session is a cookie. What is no GET needs the token of /dataservice/client/token in X-XSRF-TOKEN: POST /logout, which ends the session, is all there is.',
    },
    servers: [{ url: baseUrl }],
    components: { securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: 'JSESSIONID' } } },
    security: [{ session: [] }],
    paths: Object.fromEntries(
      ENDPOINTS.map(({ path, form }) => [
        path,
        {
          get: {
            operationId: path.replace('/dataservice/', '').replaceAll('/', '-'),
            parameters: PARAMETERS,
            responses: {
              '200': { description: 'Rows', content: { 'application/json': { schema: answerOf(form) } } },
              ...REFUSALS,
            },
          },
        },
      ]),
    ),
  };
}
