/** `hosts.read`: the processes of servers, as the agents on them report. */
import { z } from 'zod';
import { hostRow } from '../protocols/controller/endpoints/agents.ts';
import { defineTool } from './define-tool.ts';
import { DIRECTOR, observe, rowsOf } from './replies.ts';

const PATH = '/dataservice/dem/host';

export const hostsRead = defineTool({
  name: 'hosts.read',
  domain: 'diagnostics',
  effect: 'read',
  description: 'Reads whether the processes behind the services of servers run, stopped or cannot be reached.',
  targets: 'none',
  input: z.strictObject({}),
  plan: () => [{ protocol: 'rest', kind: 'get', device: DIRECTOR, path: PATH, query: {} }],
  read: (replies) =>
    replies.flatMap((reply) =>
      rowsOf(reply, PATH, hostRow).map(({ host, process, state }) =>
        observe(reply, `host/${host}`, 'dev.process', `${process} ${state}`),
      ),
    ),
});
