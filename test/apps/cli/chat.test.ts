/** A conversation on a terminal: what Tab completes, what the arrow keys bring back, and the approver's desk in place. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KEPT_LINES, keepHistory, readHistory } from '../../../apps/cli/chat-history.ts';
import { completeLine } from '../../../apps/cli/complete-line.ts';
import type { InventoryView } from '../../../broker/http/control-desk.ts';
import { approvalOf, type Fakes, items, wayleave } from './fake-io.ts';

const AS = ['--as', 'admin@acme'];
const INVENTORY: InventoryView = {
  devices: [
    { tenant: 'acme', name: 'br2_edge', role: 'edge', site: 'br2', systemIp: '10.0.0.2' },
    { tenant: 'acme', name: 'hub1_edge', role: 'hub', site: 'hub1', systemIp: '10.0.0.1' },
  ],
  topology: { circuits: [], hosts: [], addresses: [] },
};

let home = '';
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'wayleave-chat-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** Types at a terminal, key by key as readline reads it. */
async function type(keys: string, fakes: Fakes = {}) {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const stderr = Object.assign(new PassThrough(), { isTTY: true });
  const heard: string[] = [];
  stderr.on('data', (chunk) => heard.push(String(chunk)));
  const asked: string[] = [];
  const running = wayleave(['chat', ...AS], {
    control: { inventory: async () => INVENTORY },
    ...fakes,
    chat: fakes.chat ?? {
      ask: (text) => {
        asked.push(text);
        return items({ thread: 'thr_1' }, { type: 'done', id: 'e9' });
      },
    },
    io: { stdin, stderr, env: { WAYLEAVE_HOME: home } },
  });
  for (const key of keys) {
    stdin.write(key);
    // readline decodes and completes between two keys, and a turn begins or ends
    for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  }
  stdin.end('/quit\n');
  return { ...(await running), err: heard.join(''), asked };
}

describe('on a terminal', () => {
  it('Tab completes devices, sites and commands', async () => {
    const { asked } = await type('is hub1_\t well?\n');
    expect(asked).toEqual(['is hub1_edge well?']);
    const inventory = async (): Promise<never> => {
      throw new Error('denied');
    };
    expect((await type('is hub1_\t well?\n', { control: { inventory } })).asked).toEqual(['is hub1_ well?']);
  });

  it('the arrow up brings back what was asked in an earlier conversation, from a file of the person alone', async () => {
    await type('first?\nsecond?\n');
    expect(statSync(path.join(home, 'chat-history')).mode & 0o777).toBe(0o600);
    expect(readFileSync(path.join(home, 'chat-history'), 'utf8')).toBe('/quit\nsecond?\nfirst?\n');
    expect((await type('\u001b[A\u001b[A\n')).asked).toEqual(['second?']);
  });
});

describe('Ctrl-C', () => {
  const CTRL_C = '\u0003';
  const said = (id: string, text: string) => ({ type: 'text', id, text }) as const;
  const DONE = { type: 'done', id: 'done' } as const;

  it('stops what runs, hears its end, and the conversation goes on where it was stopped', async () => {
    const calls: string[] = [];
    let stopped: () => void = () => {};
    const stop = new Promise<void>((resolve) => {
      stopped = resolve;
    });
    async function* running() {
      yield* items({ thread: 'thr_1' }, said('e000001', 'looking'));
      await stop;
      yield* items(said('stopped', 'Stopped, as you asked.'), DONE);
    }
    const { out, err } = await type(`why?\n${CTRL_C}/resume\n`, {
      chat: {
        ask: running,
        stop: async (thread) => {
          calls.push(`stop ${thread}`);
          stopped();
          return true;
        },
        resume: (thread) => {
          calls.push(`resume ${thread}`);
          return items({ thread }, said('e000002', 'and on'), DONE);
        },
      },
    });
    expect(calls).toEqual(['stop thr_1', 'resume thr_1']);
    expect(out).toBe('looking\nStopped, as you asked.\nand on\n');
    expect(err).toContain('Stopping before the next step');
  });

  it('leaves what only waits, and clears a line that was begun', async () => {
    async function* waiting(_text: string, _thread?: string, signal?: AbortSignal) {
      yield* items({ thread: 'thr_1' }, said('e000001', 'waits'));
      await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('left'))));
    }
    const asked: string[] = [];
    const { err } = await type(`why?\n${CTRL_C}drop this${CTRL_C}/resume\n`, {
      chat: {
        ask: waiting,
        stop: async () => false,
        follow: (thread, after) => {
          asked.push(after);
          return items({ thread }, DONE);
        },
        resume: (thread) => items({ thread }, DONE),
      },
    });
    expect(err).toContain('Left. What waits or runs stays as it is');
    expect(asked).toEqual(['e000001']);
  });
});

describe('the desk in place', () => {
  const control: NonNullable<Fakes['control']> = {
    approvals: async () => [approvalOf('pending')],
    approval: async () => approvalOf('pending'),
    approve: async (id, reason) => {
      votes.push(`approve ${id} ${reason}`);
      return approvalOf('approved');
    },
    reject: async (id, reason) => {
      votes.push(`reject ${id} ${reason}`);
      return approvalOf('rejected');
    },
  };
  const votes: string[] = [];

  it('lists, shows and decides', async () => {
    const stdin = '/approvals\n/show apr_1\n/approve apr_1 matches ticket 4711\n/reject apr_2 not today\n';
    const said = await wayleave(['chat', ...AS], { control, stdin });
    expect(said.exit).toBe(0);
    expect(said.out).toMatch(/APPROVAL +STATUS[\s\S]*apr_1 +pending[\s\S]*-<local-as>65012[\s\S]*apr_1 is approved/);
    expect(votes).toEqual(['approve apr_1 matches ticket 4711', 'reject apr_2 not today']);
  });

  it('shows the record that a statement cites', async () => {
    const record = {
      ...{ id: 'evd_1', tenant: 'acme', resource: 'node/br2_edge', signal: 'cfg.diff', value: 'local-as\u001b[2J' },
      ...{ observedAt: '2026-03-01T12:00:00Z', collectedAt: '2026-03-01T12:00:00Z', source: 'netconf:br2_edge' },
      ...{ intent: 'int_1' },
    };
    const said = await wayleave(['chat', ...AS], {
      control: { evidence: async () => record },
      stdin: '/show evd_1\n',
    });
    expect(said.out).toMatch(/RECORD +RESOURCE +SIGNAL[\s\S]*evd_1 +node\/br2_edge +cfg\.diff .*local-as\?\[2J/);
  });

  it('decides nothing without a reason, and says an error without ending', async () => {
    votes.length = 0;
    const said = await wayleave(['chat', ...AS], { control, stdin: '/approve apr_1\n/show\n/approvals\n' });
    expect(votes).toEqual([]);
    expect(said.err).toMatch(/USAGE: Write \/approve apr_… why\.[\s\S]*USAGE: Write \/show apr_…\./);
    expect(said.out).toContain('apr_1');
  });
});

describe('completeLine', () => {
  it.each([
    ['/ap', [['/approve', '/approvals'], '/ap']],
    ['why is BR2', [['br2', 'br2_edge'], 'BR2']],
    ['see /ap', [[], '/ap']],
    ['why ', [[], '']],
    ['/approve ', [['apr_1', 'apr_2'], '']],
    ['/show apr_2', [['apr_2'], 'apr_2']],
    ['/approve apr_1 br2', [['br2', 'br2_edge'], 'br2']],
  ])('%j', (line, expected) => {
    const found = completeLine(
      line,
      ['/approve', '/approvals', '/new'],
      ['br2', 'br2_edge', 'hub1'],
      ['apr_1', 'apr_2'],
    );
    expect(found).toEqual(expected);
  });
});

describe('what is kept of earlier questions', () => {
  it('is bounded, and no reason to fail', () => {
    keepHistory(home, ['x'.repeat(2_001), ...Array.from({ length: 700 }, (_, n) => `question ${n}`)]);
    expect(readHistory(home)).toHaveLength(KEPT_LINES);
    expect(readHistory(home)[0]).toBe('question 0');
    keepHistory(path.join(home, 'gone'), ['a']);
    expect(readHistory(path.join(home, 'gone'))).toEqual([]);
  });
});
