/**
 * Attacks on approval: other content than was shown, votes of the wrong people, votes used twice, late, or after the world
 * moved on. What a client holds between asking and going on is the name of its intent; all else the broker keeps, so that
 * state is bent in its store here. Over 300 lines because every attack has its spellings.
 */

import type { Approval, Intent, Vote } from '../../broker/contract.ts';
import { intentDigest } from '../../broker/digest.ts';
import { WayleaveError } from '../../broker/errors.ts';
import { canonicalText } from '../../protocols/canonical-json.ts';
import { JsonRefused, parseStrictJson } from '../../protocols/oauth/strict-json.ts';
import {
  AGENT,
  type Bench,
  type Caller,
  createBench,
  DUTIES,
  OPERATOR,
  outcomeOf,
  propose,
  RIGHT_AS,
} from '../broker/pipeline/bench.ts';
import { type Attack, type Attempt, attemptAll } from './attack.ts';
import { openSteadyFront } from './front.ts';
import { reuseKey } from './replay.ts';

/** A change that waits, with its bench. */
async function pending(caller: Caller = OPERATOR): Promise<{ readonly bench: Bench; readonly approval: string }> {
  const bench = await createBench();
  bench.inject();
  return { bench, approval: await propose(bench, caller) };
}
async function approved(): Promise<{ readonly bench: Bench; readonly approval: string }> {
  const waiting = await pending();
  await waiting.bench.vote('admin@acme', waiting.approval);
  return waiting;
}
const commits = (bench: Bench): number => bench.device('acme', 'br2_edge').commits.length;
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof WayleaveError ? error.code : String(error)),
  );

/** Continues a change whose approval should not count. Refused means this code, and nothing committed. */
async function carryOn(bench: Bench, code: string, caller: Caller = OPERATOR): Promise<Attempt> {
  const how = await outcomeOf(bench.change(caller));
  return { refused: how === code && commits(bench) === 0, how };
}

/** A vote of `voter` on a change of `caller`: refused at the click, and worth nothing at execution. */
async function voteAs(caller: Caller, voter: Caller): Promise<Attempt> {
  const { bench, approval } = await pending(caller);
  bench.turn.roles.set('operator@acme', ['tenant-operator', 'tenant-admin']);
  const how = await codeOf(bench.desk.vote(bench.subjectOf(voter), approval, 'approve', 'mine'));
  const then = await outcomeOf(bench.change(caller));
  return { refused: how === 'DENIED' && then === 'pending' && commits(bench) === 0, how: `${how}, then ${then}` };
}

const content: Omit<Intent, 'digest' | 'input'> = {
  ...{ id: 'int_1', expiresAt: '', tool: 't', domain: 'wan', effect: 'change', tenant: 'acme' },
  ...{ target: { devices: [] }, purpose: 'chat:1', evidence: [] },
};
/** What is shown of a text, and its digest; a text that has no single reading is refused. */
function digestOf(text: string): { readonly digest: string; readonly shown: string } | 'refused' {
  try {
    const input = parseStrictJson(text, 16) as { readonly [key: string]: never };
    return { digest: intentDigest({ ...content, input }), shown: canonicalText(input) };
  } catch (error) {
    if (error instanceof JsonRefused || error instanceof Error) return 'refused';
    throw error;
  }
}

export const APPROVAL_ATTACKS: readonly Attack[] = [
  {
    id: 'APR-01',
    guard: 'one-content-a-key',
    attempt: () =>
      attemptAll([
        ['another value', () => reuseKey({ input: { localAs: RIGHT_AS + 1 } })],
        ['another device', () => reuseKey({ target: { devices: ['br1_edge'] } })],
        ['more evidence', () => reuseKey({ purpose: 'chat:9' })],
      ]),
  },
  {
    id: 'APR-02',
    guard: 'strict-json',
    attempt: () => {
      // Of each pair: the same reading and one digest, or two digests, or refused.
      const pairs = {
        'a name twice': ['{"a":2}', '{"a":1,"a":2}'],
        'a name twice, once escaped': ['{"a":2}', '{"a":1,"\\u0061":2}'],
        'the order of names': ['{"a":1,"b":2}', '{"b":2,"a":1}'],
        'spellings of a number': ['{"a":1}', '{"a":1.0e0}'],
        'minus zero': ['{"a":0}', '{"a":-0}'],
        'a big integer': ['{"a":9007199254740992}', '{"a":9007199254740993}'],
        'two normal forms': ['{"a":"\u00e9"}', '{"a":"e\u0301"}'],
        'a lone surrogate': ['{"a":"\\ud800"}', '{"a":"\ufffd"}'],
      };
      return attemptAll(
        Object.entries(pairs).map(([what, [one = '', other = '']]) => [
          what,
          async () => {
            const [a, b] = [digestOf(one), digestOf(other)];
            if (a === 'refused' || b === 'refused') return { refused: true, how: 'refused' };
            const twice = /twice/.test(what);
            const honest = (a.digest === b.digest) === (a.shown === b.shown);
            return { refused: honest && !twice, how: a.digest === b.digest ? 'one reading' : 'two digests' };
          },
        ]),
      );
    },
  },
  {
    id: 'APR-03',
    guard: 'no-self-approval',
    attempt: () => attemptAll([['the requester', () => voteAs(OPERATOR, OPERATOR)]]),
  },
  {
    id: 'APR-04',
    guard: 'no-self-approval',
    attempt: () =>
      attemptAll([
        ['who let an agent ask', () => voteAs(AGENT, OPERATOR)],
        ['through the agent that asked', () => voteAs(AGENT, AGENT)],
        ['through an agent of another', () => voteAs(OPERATOR, { human: 'admin@acme', agent: 'troubleshooter' })],
      ]),
  },
  {
    id: 'APR-06',
    guard: 'approval-once',
    attempt: async () => {
      const { bench } = await approved();
      const first = await Promise.all([1, 2, 3, 4].map(() => outcomeOf(bench.change())));
      if (!first.includes('succeeded')) throw new Error(`the approved change is refused: ${first.join(', ')}`);
      const atOnce = commits(bench);
      // The device is brought back to what the approval was shown for, so that nothing but its use stands in the way.
      bench.inject();
      const again = await outcomeOf(bench.change());
      const executions = (await bench.kinds()).filter((kind) => kind === 'execute').length;
      return {
        refused: atOnce === 1 && executions === 1,
        how: `${atOnce} of 4 at once, ${again} afterwards, ${executions} executions`,
      };
    },
  },
  {
    id: 'APR-07',
    guard: 'approval-ends',
    attempt: () =>
      attemptAll(
        [10 * 60_000, 20 * 60_000].map((ms) => [
          `${ms / 60_000} minutes later`,
          async () => {
            const { bench } = await approved();
            bench.advance(ms);
            return carryOn(bench, 'APPROVAL_EXPIRED');
          },
        ]),
      ),
  },
  {
    id: 'APR-08',
    guard: 'state-as-shown',
    attempt: async () => {
      const { bench } = await approved();
      const ref = { tenant: 'acme', device: 'br2_edge' };
      const config = bench.network.config(ref);
      bench.network.commit(ref, { ...config, hostname: `${config.hostname}x` }, 'somebody');
      return carryOn(bench, 'DRIFT');
    },
  },
  {
    id: 'APR-09',
    guard: 'policy-as-shown',
    attempt: () =>
      attemptAll([
        [
          'another revision',
          async () => {
            const { bench } = await approved();
            bench.turn.revision = 'r2';
            return carryOn(bench, 'DRIFT');
          },
        ],
        [
          'one that wants two people',
          async () => {
            const { bench } = await approved();
            bench.turn.revision = 'r2';
            bench.turn.obligations = [...DUTIES.slice(1), { kind: 'require-approval', count: 2, role: 'tenant-admin' }];
            return carryOn(bench, 'DRIFT');
          },
        ],
        [
          'one that forbids it',
          async () => {
            const { bench } = await approved();
            bench.turn.permit = ({ asks }) => asks === 'listing';
            return carryOn(bench, 'DENIED');
          },
        ],
      ]),
  },
  {
    id: 'APR-11',
    guard: 'changes-an-hour',
    attempt: async () => {
      const { bench } = await pending();
      let waiting = 1;
      for (let one = 0; one < 40; one += 1) {
        const how = await outcomeOf(bench.change(OPERATOR, { intent: `int_flood${String(one).padStart(4, '0')}` }));
        if (how === 'pending') waiting += 1;
      }
      return { refused: waiting <= 10, how: `${waiting} of 41 wait for an approver` };
    },
  },
  {
    id: 'APR-12',
    guard: 'step-up-of-voters',
    attempt: async () => {
      const at = (bench: Bench, ago: number): string => new Date(bench.clock.now() - ago).toISOString();
      const vote = async (ago: number | undefined): Promise<Attempt> => {
        const bench = await createBench();
        bench.inject();
        bench.turn.obligations = [...DUTIES, { kind: 'step-up' }];
        const approval = await propose(bench, { ...OPERATOR, steppedUpAt: at(bench, 0) });
        const admin = { human: 'admin@acme', ...(ago === undefined ? {} : { steppedUpAt: at(bench, ago) }) };
        const how = await codeOf(bench.desk.vote(bench.subjectOf(admin), approval, 'approve', 'seen'));
        return { refused: how === 'STEP_UP_REQUIRED', how };
      };
      return attemptAll([
        ['without a second factor', () => vote(undefined)],
        ['with one of an hour ago', () => vote(3_600_000)],
        ['with one of tomorrow', () => vote(-86_400_000)],
      ]);
    },
  },
  {
    id: 'APR-13',
    guard: 'token-signature',
    attempt: async () => {
      const lab = await openSteadyFront();
      const path = '/api/approvals/apr_12345678/approve';
      const send = async (sending: Parameters<typeof lab.send>[0]): Promise<Attempt> => {
        const before = lab.votes.length;
        const answer = await lab.send({ path, body: { reason: 'seen' }, ...sending });
        await answer.arrayBuffer();
        return { refused: answer.status === 401 && lab.votes.length === before, how: `${answer.status}` };
      };
      const { bench, approval } = await pending();
      const { iat } = lab.claims();
      const person = {
        aud: 'urn:wayleave:control',
        act: undefined,
        agent_digest: undefined,
        client_id: 'wayleave-cli',
      };
      return attemptAll([
        ['a signature of nobody', () => send({ token: lab.forge(person, {}, lab.key) })],
        ['a token for the tools', () => send({})],
        [
          'a token of a person for the agents',
          () => send({ token: lab.forge({ ...person, aud: 'urn:wayleave:agents' }) }),
        ],
        ['no token', () => send({ headers: { Authorization: '' } })],
        ['a token of yesterday', () => send({ token: lab.forge({ ...person, iat: iat - 86_400, exp: iat - 86_100 }) })],
        [
          'an admin of another tenant',
          async () => {
            const how = await codeOf(bench.vote('admin@globex', approval));
            return { refused: how === 'NOT_FOUND', how };
          },
        ],
      ]);
    },
  },
  {
    id: 'APR-14',
    guard: 'one-vote-a-person',
    attempt: async () => {
      const bench = await createBench();
      bench.inject();
      bench.turn.obligations = [...DUTIES.slice(1), { kind: 'require-approval', count: 2, role: 'tenant-admin' }];
      const approval = await propose(bench);
      await Promise.all([1, 2, 3, 4].map(() => codeOf(bench.vote('admin@acme', approval))));
      const counted = (await bench.approvals.get('acme', approval))?.votes.length ?? 0;
      const { refused, how } = await carryOn(bench, 'pending');
      return { refused: refused && counted === 1, how: `${counted} of 4 votes count, ${how}` };
    },
  },
  {
    id: 'APR-16',
    guard: 'votes-in-the-log',
    attempt: () => {
      const vote: Vote = { human: 'admin@acme', verdict: 'approve', reason: 'seen', at: '', entry: 0 };
      const forged = (more: object): Promise<Attempt> =>
        goOn(['DENIED'], bendStored({ votes: [{ ...vote, ...more }] }));
      return attemptAll([
        ['a field that says so', () => goOn(['INPUT_INVALID'], undefined, { approved: true })],
        ['a state of its own', () => goOn(['INPUT_INVALID'], undefined, { requestState: 'eyJhcHByb3ZlZCI6dHJ1ZX0' })],
        ['an answer to a question', () => goOn(['INPUT_INVALID'], undefined, { inputResponses: { approved: true } })],
        ['approved, by nobody', () => goOn(['DENIED'], bendStored({ votes: [] }))],
        [
          'approved, as nobody is asked',
          () => goOn(['DRIFT'], bendStored({ needed: { count: 0, role: 'tenant-admin' } })),
        ],
        ['a vote that names the first entry', () => forged({ entry: 0 })],
        ['a vote that names the last entry', () => forged({ entry: 3 })],
        ['a vote that names none', () => forged({ entry: undefined })],
        ['a vote behind the end', () => forged({ entry: 1e9 })],
        [
          'a vote on another change',
          () =>
            goOn(['DENIED'], async (bench, stored) => {
              await bench.change(OPERATOR, { intent: 'int_another0', purpose: 'chat:2' });
              const other = (await bench.approvals.list('acme')).find(({ id }) => id !== stored.id);
              const voted = await bench.vote('admin@acme', other?.id ?? '');
              return { ...stored, status: 'approved', votes: voted.votes };
            }),
        ],
      ]);
    },
  },
  {
    id: 'APR-17',
    guard: 'one-content-a-key',
    attempt: () => {
      const goOnAs =
        (caller: Caller, more: object = {}, tool?: string) =>
        async (): Promise<Attempt> => {
          const { bench, approval } = await approved();
          const intent = (await bench.approvals.get('acme', approval))?.intent.id ?? '';
          const how = await outcomeOf(bench.change(caller, { intent, ...more }, tool));
          return { refused: how === 'CONFLICT' && commits(bench) === 0, how };
        };
      const description = { interface: 'ge0/0', description: 'spare' };
      return attemptAll([
        ['of another person', goOnAs({ human: 'second@acme' })],
        ['of a person, by an agent', goOnAs(AGENT)],
        ['of another tool', goOnAs(OPERATOR, { input: description }, 'interface.set-description')],
        ['of other arguments', goOnAs(OPERATOR, { input: { localAs: RIGHT_AS + 1 } })],
        ['of another purpose', goOnAs(OPERATOR, { purpose: 'chat:2' })],
        [
          'of another tenant',
          async () => {
            const { bench, approval } = await approved();
            const intent = (await bench.approvals.get('acme', approval))?.intent.id ?? '';
            const how = await outcomeOf(bench.change({ human: 'operator@globex' }, { intent }));
            return { refused: commits(bench) === 0, how };
          },
        ],
        [
          'used before',
          async () => {
            const { bench } = await approved();
            if ((await outcomeOf(bench.change())) !== 'succeeded') throw new Error('an approved change is refused');
            const once = commits(bench);
            bench.inject();
            const how = await outcomeOf(bench.change());
            return { refused: commits(bench) === once, how: `${how}, no second commit` };
          },
        ],
        [
          'of half an hour ago',
          async () => {
            const { bench } = await approved();
            bench.advance(31 * 60_000);
            return carryOn(bench, 'APPROVAL_EXPIRED');
          },
        ],
      ]);
    },
  },
];

type Bend = (bench: Bench, stored: Approval) => Approval | Promise<Approval>;

/** The stored approval, as somebody with the database would like it: approved. */
const bendStored =
  (more: object): Bend =>
  (_bench, stored) => ({ ...stored, status: 'approved', ...more });

/** Goes on with a change that waits, after its state was bent. Refused means one of these codes, and nothing committed. */
async function goOn(codes: readonly string[], bend?: Bend, more: object = {}): Promise<Attempt> {
  const { bench, approval } = await pending();
  const stored = await bench.approvals.get('acme', approval);
  if (stored === undefined) throw new Error('nothing waits');
  if (bend !== undefined) await bench.approvals.update(await bend(bench, stored), 'pending');
  const how = await outcomeOf(bench.change(OPERATOR, more));
  return { refused: codes.includes(how) && commits(bench) === 0, how };
}
