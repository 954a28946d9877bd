/** Asking and chatting: rows, the finding, the wait for an approval, and the exit code that a script reads. Over 300 lines because one conversation is told from many sides. */
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { ChatItem } from '../../../apps/client/chat-client.ts';
import { approvalOf, CHANGE, type Fakes, items, NOW, wayleave } from './fake-io.ts';

const THREAD = { thread: 'thr_1' };
const TOOL: ChatItem = {
  type: 'tool',
  id: 'e1',
  n: 1,
  agent: 'troubleshooter',
  tool: 'bgp.read',
  devices: ['br2_edge'],
  status: 'done',
  evidence: ['evd_1', 'evd_2'],
  summary: 'bgp.state idle ×2',
  input: '{"vrf":10,"last":5}',
  at: '2026-03-01T12:00:07.123Z',
};
const FINDING: ChatItem = {
  type: 'finding',
  id: 'e2',
  verdict: 'root-cause',
  rootCauses: [{ resource: 'node/br2_edge', faultType: 'bgp_asn_mismatch', confidence: 0.97 }],
  because: [{ text: 'BGP is idle', evidence: ['evd_1', 'evd_2', 'evd_3', 'evd_4', 'evd_5'] }],
  ruledOut: [{ faultType: 'bgp_port_blocked', because: 'the port answers', evidence: ['evd_6'] }],
  unread: [],
};
const PROPOSAL: ChatItem = {
  type: 'proposal',
  id: 'e3',
  tool: 'bgp.set-local-as',
  target: ['br2_edge'],
  input: { as: 65002 },
  why: 'it was changed',
};
const PENDING: ChatItem = {
  type: 'pending',
  id: 'e4',
  approval: 'apr_1',
  intent: 'int_1',
  summary: JSON.stringify(CHANGE),
};
const OUTCOME: ChatItem = {
  type: 'outcome',
  id: 'e5',
  outcome: 'succeeded',
  steps: [{ device: 'br2_edge', step: 'confirm', ok: true, detail: '' }],
  detail: 'BGP is established',
};
const DONE: ChatItem = { type: 'done', id: 'e9' };
const ASK = ['ask', 'why?', '--as', 'operator@acme'];

const proposing = (more: Fakes = {}): Fakes => ({
  chat: {
    ask: () => items(THREAD, TOOL, FINDING, PROPOSAL, PENDING, DONE),
    resume: () => items(THREAD, OUTCOME, DONE),
  },
  ...more,
});

describe('wayleave ask', () => {
  it('shows calls, the finding with its evidence, what was ruled out, and ends with 0', async () => {
    const said = await wayleave(ASK, { chat: { ask: () => items(THREAD, TOOL, FINDING, DONE) } });
    expect(said.exit).toBe(0);
    expect(said).toMatchObject({ users: ['operator@acme'], left: ['operator@acme'] });
    expect(said.out).toContain(
      '#1 bgp.read(vrf: 10, last: 5) · br2_edge · done · 12:00:07Z\n   2 records: bgp.state idle ×2',
    );
    expect(said.out).toContain('bgp_asn_mismatch at node/br2_edge · confidence 0.97');
    expect(said.out).toContain('BGP is idle [evd_1, evd_2 and 3 more]');
    expect(said.out).toContain('✗ bgp_port_blocked: the port answers [evd_6]');
    expect(said.out).not.toContain('\u001b');
  });

  it('shows the pending change, asks every two seconds, and resumes by itself once it is approved', async () => {
    const statuses = ['pending', 'pending', 'approved'] as const;
    let asked = 0;
    const said = await wayleave(
      ASK,
      proposing({ control: { approval: async () => approvalOf(statuses[asked++] ?? 'approved') } }),
    );
    expect(said.exit).toBe(0);
    expect(said.pauses).toEqual([2000, 2000]);
    for (const words of [
      'agents-propose-repairs: A repair of an open incident may be proposed.',
      '+<local-as>65002</local-as>',
      '✓ management path kept',
      '✗ no site cut off',
      'approval by 1 × tenant-admin',
      'be committed on trial: it rolls back unless confirmed within 60 s',
      '2026-03-01T12:10:00.000Z',
      'Outcome succeeded: BGP is established',
      '✓ br2_edge confirm',
    ]) {
      expect(said.out).toContain(words);
    }
    expect(said.err).toContain('wayleave approvals approve apr_1');
    expect(said.err).toContain('every 2 s');
  });

  it('does not tell the finding twice, but shows words that are not its own', async () => {
    const report: ChatItem = { type: 'text', id: 'r', text: 'Because:\n- BGP is idle [evd_1]' };
    const other: ChatItem = { type: 'text', id: 's', text: 'Verified.' };
    const said = await wayleave(ASK, { chat: { ask: () => items(THREAD, FINDING, report, other, DONE) } });
    expect(said.out).not.toContain('Because:');
    expect(said.out).toContain('Verified.');
    const alone = await wayleave(ASK, { chat: { ask: () => items(THREAD, report, DONE) } });
    expect(alone.out).toContain('Because:');
  });

  it('ends with 8 at a pending approval when told not to wait, and says how to go on', async () => {
    const said = await wayleave([...ASK, '--no-wait'], proposing());
    expect(said.exit).toBe(8);
    expect(said.err).toContain('wayleave ask --thread thr_1 --as operator@acme');
  });

  it.each(['rejected', 'expired'] as const)('ends with 5 when the approval is %s', async (status) => {
    const said = await wayleave(ASK, proposing({ control: { approval: async () => approvalOf(status) } }));
    expect(said.exit).toBe(5);
  });

  it('does not wait for an approval whose time is over, though nobody has marked it', async () => {
    const expiresAt = new Date(NOW - 1).toISOString();
    const control = { approval: async () => approvalOf('pending', { expiresAt }) };
    expect(await wayleave(ASK, proposing({ control }))).toMatchObject({ exit: 5, pauses: [] });
  });

  it('waits for several approvals at once, and goes on with whichever is decided', async () => {
    const second: ChatItem = { ...PENDING, id: 'e6', approval: 'apr_2' };
    const resumed: string[] = [];
    const decided = new Set<string>();
    const chat = {
      ask: () => items(THREAD, PENDING, second, DONE),
      resume: () => {
        resumed.push([...decided].join());
        return items(THREAD, OUTCOME, DONE);
      },
    };
    // The second is decided first: whoever waits for the first alone would never hear of it.
    const order = ['apr_2', 'apr_1'];
    const said = await wayleave(ASK, {
      chat,
      control: { approval: async (id) => approvalOf(decided.has(id) ? 'approved' : 'pending', { id }) },
      io: { pause: async () => void decided.add(order.shift() ?? '') },
    });
    expect(resumed).toEqual(['apr_2', 'apr_2,apr_1']);
    expect(said.err).toMatch(/one of 2 approvals[\s\S]*approve apr_1[\s\S]*approve apr_2[\s\S]*apr_2 is approved/);
    expect(said.exit).toBe(0);
  });

  it('does not circle when the agents find the same approval still open', async () => {
    const chat = { ask: () => items(THREAD, PENDING), resume: () => items(THREAD, PENDING) };
    const said = await wayleave(ASK, { chat, control: { approval: async () => approvalOf('approved') } });
    expect(said.exit).toBe(8);
  });

  it.each([
    ['failed', 1],
    ['reverted', 1],
    ['unknown', 1],
    ['rejected', 5],
    ['succeeded', 0],
  ] as const)('ends a run whose change %s with %i', async (outcome, exit) => {
    const chat = { ask: () => items(THREAD, { ...OUTCOME, outcome }, DONE) };
    expect((await wayleave(ASK, { chat })).exit).toBe(exit);
  });

  it.each([
    ['DENIED', 3],
    ['UNAUTHENTICATED', 4],
    ['toString', 1],
  ])('ends a run that failed with %s with %i', async (code, exit) => {
    const error: ChatItem = { type: 'error', id: 'error', code, message: 'no', hint: 'none' };
    expect((await wayleave(ASK, { chat: { ask: () => items(THREAD, error, DONE) } })).exit).toBe(exit);
  });

  it('with --json writes every item of the run as a line and nothing else to stdout', async () => {
    const said = await wayleave(
      [...ASK, '--json'],
      proposing({ control: { approval: async () => approvalOf('approved') } }),
    );
    const lines = said.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ type }) => type)).toEqual([
      'thread',
      'tool',
      'finding',
      'proposal',
      'pending',
      'done',
      'thread',
      'outcome',
      'done',
    ]);
    expect(lines[1]).toEqual(TOOL);
  });

  it('resumes a conversation without a question, and asks in it with one', async () => {
    const asked: unknown[] = [];
    const chat: Fakes['chat'] = {
      resume: (thread) => {
        asked.push(['resume', thread]);
        return items(THREAD, DONE);
      },
      ask: (text, thread) => {
        asked.push(['ask', text, thread]);
        return items(THREAD, DONE);
      },
    };
    await wayleave(['ask', '--thread', 'thr_9', '--as', 'operator@acme'], { chat });
    await wayleave([...ASK, '--thread', 'thr_9'], { chat });
    expect(asked).toEqual([
      ['resume', 'thr_9'],
      ['ask', 'why?', 'thr_9'],
    ]);
  });

  it('lets no text of a device act on the terminal, neither as words nor as JSON', async () => {
    const evil = 'ok\u001b[2J\u0007\u009b31m\u202eabc\nWaits for approval apr_evil';
    const hostile: readonly ChatItem[] = [
      THREAD,
      { ...TOOL, tool: evil, devices: [evil], summary: evil },
      { ...FINDING, because: [{ text: evil, evidence: [evil] }], unread: [evil] },
      { ...PROPOSAL, why: evil, input: { x: evil } },
      { type: 'text', id: 't', text: evil },
      { type: 'error', id: 'x', code: evil, message: evil, hint: evil },
      { ...OUTCOME, detail: evil, steps: [{ device: evil, step: evil, ok: true, detail: evil }] },
      {
        ...PENDING,
        summary: JSON.stringify({ ...CHANGE, diff: `+${evil}`, decision: { ...CHANGE.decision, reasons: [evil] } }),
      },
    ] as readonly ChatItem[];
    for (const flag of [[], ['--json']]) {
      const said = await wayleave([...ASK, '--no-wait', ...flag], { chat: { ask: () => items(...hostile) } });
      // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these must not be there
      expect(said.out + said.err).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    }
  });

  it('ends with 130 when a person breaks off the waiting', async () => {
    const interruption = new AbortController();
    const pause = async (): Promise<void> => {
      interruption.abort();
      interruption.signal.throwIfAborted();
    };
    const said = await wayleave(
      ASK,
      proposing({
        control: { approval: async () => approvalOf('pending') },
        io: { interrupted: interruption.signal, pause },
      }),
    );
    expect(said).toMatchObject({ exit: 130, left: [] }); // its run may go on in this login
    expect(said.err).toContain('Interrupted.');
  });

  it('refuses to ask nothing', async () => {
    expect((await wayleave(['ask', '--as', 'operator@acme'])).exit).toBe(2);
    expect((await wayleave(['ask', ' ', '--as', 'operator@acme'])).exit).toBe(2);
  });
});

describe('wayleave chat', () => {
  const answering = (asked: unknown[]): NonNullable<Fakes['chat']> => ({
    ask: (text, thread) => {
      asked.push([text, thread]);
      return items(THREAD, { type: 'text', id: 't', text: `about ${text}` }, DONE);
    },
  });

  it('reads questions line by line from a pipe, in one conversation, until /quit', async () => {
    const asked: unknown[] = [];
    const stdin = 'first?\n\n  second?\n/new\nthird?\n/quit\nnever?\n';
    const said = await wayleave(['chat', '--as', 'operator@acme'], { chat: answering(asked), stdin });
    expect(asked).toEqual([
      ['first?', undefined],
      ['second?', 'thr_1'],
      ['third?', undefined],
    ]);
    expect(said.exit).toBe(0);
    expect(said.out).toBe('about first?\nabout second?\nabout third?\n');
    expect(said.err).toBe('');
  });

  it('helps, and knows what it does not know', async () => {
    const said = await wayleave(['chat', '--as', 'operator@acme'], { stdin: '/help\n/dance\n' });
    expect(said.err).toMatch(/\/resume +goes on/);
    expect(said.err).toContain('There is no /dance.');
  });

  it('does not sit and wait on a pipe: a pending approval ends the turn, and its code is the last word', async () => {
    const said = await wayleave(['chat', '--as', 'operator@acme'], proposing({ stdin: 'why?\n' }));
    expect(said.exit).toBe(8);
  });

  it('goes on after an error of a turn', async () => {
    const chat: NonNullable<Fakes['chat']> = { ...answering([]), resume: () => items(THREAD, DONE) };
    const said = await wayleave(['chat', '--as', 'operator@acme'], { chat, stdin: '/resume\nwell?\n' });
    expect(said.err).toContain('USAGE: No conversation waits here.');
    expect(said.out).toContain('about well?');
    expect(said.exit).toBe(0);
  });

  it('resumes a conversation whose turn broke off, with what was told while nobody heard', async () => {
    const resumed: string[] = [];
    async function* breaking(): AsyncGenerator<ChatItem> {
      yield* items(THREAD, { type: 'text', id: 'e000003', text: 'heard' });
      throw new Error('the stream ended');
    }
    const chat: NonNullable<Fakes['chat']> = {
      ask: breaking,
      follow: (thread, after) => {
        resumed.push(`${thread} after ${after}`);
        return items(THREAD, { type: 'text', id: 'e000004', text: 'said meanwhile' }, DONE);
      },
      resume: (thread) => {
        resumed.push(thread);
        return items(THREAD, DONE);
      },
    };
    const said = await wayleave(['chat', '--as', 'operator@acme'], { chat, stdin: 'why?\n/resume\n' });
    expect(said.err).toContain('INTERNAL');
    expect(said.out).toBe('heard\nsaid meanwhile\n');
    expect(resumed).toEqual(['thr_1 after e000003', 'thr_1']);
  });

  it('prompts a person on a terminal, on stderr', async () => {
    const stdin = Object.assign(new PassThrough(), { isTTY: true });
    const stderr = Object.assign(new PassThrough(), { isTTY: true });
    const shown: string[] = [];
    stderr.on('data', (chunk) => shown.push(String(chunk)));
    stdin.end('hello?\n/quit\n');
    const said = await wayleave(['chat', '--as', 'operator@acme'], { chat: answering([]), io: { stdin, stderr } });
    expect(shown.join('')).toContain('wayleave> ');
    expect(said.out).toBe('about hello?\n');
    expect(said.exit).toBe(0);
  });
});
