/** Attacks that want too much: bodies, files and queues that grow. */
import { WayleaveError } from '../../broker/errors.ts';
import { ModelError } from '../../simulators/model/network.ts';
import { parseTopologyFile } from '../../simulators/topologies/topology-file.ts';
import { createBench, OPERATOR, outcomeOf } from '../broker/pipeline/bench.ts';
import { type Attack, type Attempt, attemptAll } from './attack.ts';
import { MCP_PATH, openSteadyFront } from './front.ts';

/** Refused means 400 or 413, and no call of the broker. */
async function post(body: string): Promise<Attempt> {
  const front = await openSteadyFront();
  const before = front.calls.length;
  const answer = await front.send({ body, path: MCP_PATH });
  await answer.text();
  const refused = (answer.status === 400 || answer.status === 413) && front.calls.length === before;
  return { refused, how: `${answer.status}` };
}

const call = (input: string): string =>
  `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"bgp.set-local-as","arguments":{"input":${input}}}}`;

export const RESOURCE_ATTACKS: readonly Attack[] = [
  {
    id: 'RES-02',
    guard: 'body-limits',
    attempt: () =>
      attemptAll([
        ['16 MiB', () => post(call(`{"text":"${'x'.repeat(16 * 1024 * 1024)}"}`))],
        ['100,000 arrays in each other', () => post(call(`${'['.repeat(100_000)}${']'.repeat(100_000)}`))],
        ['a million keys', () => post(call(`{${Array.from({ length: 1_000_000 }, (_, n) => `"k${n}":1`).join(',')}}`))],
      ]),
  },
  {
    id: 'RES-07',
    guard: 'no-aliases',
    attempt: async () => {
      const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
      for (let n = 1; n <= 4; n += 1)
        lines.push(`a${n}: &a${n} [${Array.from({ length: 10 }, () => `*a${n - 1}`).join()}]`);
      return attemptAll([
        ['aliases of aliases', async () => readTopology(lines.join('\n'))],
        ['one alias', async () => readTopology('tenant: &name acme\nname: *name\n')],
      ]);
    },
  },
  {
    id: 'RES-08',
    guard: 'approvals-in-wait',
    attempt: async () => {
      const bench = await createBench();
      bench.inject();
      const ask = (intent: string): Promise<string> => outcomeOf(bench.change(OPERATOR, { intent }));
      await ask('int_first0000');
      const [first] = await bench.approvals.list('acme', 'pending');
      if (first === undefined) throw new Error('nothing waits');
      for (let n = 1; n < 200; n += 1) await bench.approvals.create({ ...first, id: `apr_${n}`, intent: first.intent });
      const how = await ask('int_onemore00');
      return { refused: how === new WayleaveError('LIMITED').code, how };
    },
  },
];

/** Refused means: because of the alias, before what it stands for was built. */
function readTopology(text: string): Attempt {
  try {
    parseTopologyFile(text);
    return { refused: false, how: 'read' };
  } catch (error) {
    const how = error instanceof ModelError ? error.message : String(error);
    return { refused: /alias/i.test(how), how };
  }
}
