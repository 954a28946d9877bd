/** Invariants of one's own: lines that must stay, checks with figures, more approvals instead of a denial; and files that make no sense. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_INVARIANTS, loadInvariants } from '../../../broker/rehearsal/load-invariants.ts';
import { TOOLS } from '../../../tools/registry.ts';
import { createBench, OPERATOR, outcomeOf } from '../pipeline/bench.ts';
import { editTo, rawEdit } from '../pipeline/raw-edit.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'wayleave-invariants-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(text: string): string {
  const file = path.join(folder, 'own.yaml');
  writeFileSync(file, text);
  return file;
}

/** Shuts the guests' port of br2_edge, which breaks nothing that is shipped. */
async function shutGuests(own: string) {
  const bench = await createBench({ tools: [...TOOLS, rawEdit], invariants: [write(own)] });
  const old = bench.network.config({ tenant: 'acme', device: 'br2_edge' });
  const interfaces = old.interfaces.map((port) => (port.vrf === 40 ? { ...port, enabled: false } : port));
  const args = {
    target: { devices: ['br2_edge'] },
    input: { config: editTo(old, { ...old, interfaces }) },
    purpose: 'chat:1',
    intent: 'int_aaaaaaaa',
  };
  const propose = () => bench.call(OPERATOR, 'wan', 'raw.edit', args);
  return { bench, propose };
}

const own = (breaks: string, pattern = 'interface/br*/ge0/4 if.oper'): string =>
  `invariants: [{ name: guests-stay, says: guests stay online, keep: ["${pattern}"], breaks: ${breaks} }]`;

describe('an invariant of one’s own', () => {
  it('denies a change that alters a line which must stay', async () => {
    const { propose } = await shutGuests(own('deny'));
    await expect(propose()).rejects.toThrow(/guests-stay: interface\/br2_edge\/ge0\/4 if\.oper would be down/);
  });

  it('lets pass what it does not name', async () => {
    const { propose } = await shutGuests(own('deny', 'interface/br1*'));
    expect(await outcomeOf(propose())).toBe('pending');
  });

  it('asks for more people, who see what breaks', async () => {
    const { bench, propose } = await shutGuests(own('{ approvals: 2 }'));
    const answer = await propose();
    if (answer.status !== 'pending') throw new Error('not pending');
    expect(answer.summary.needed.count).toBe(2);
    expect(answer.summary.rehearsal?.verdict).toBe('pass');
    expect(answer.summary.rehearsal?.invariants.at(-1)).toMatchObject({ name: 'guests-stay', holds: false });
    await bench.vote('admin@acme', answer.approval);
    expect(await outcomeOf(propose())).toBe('pending');
    await bench.vote('admin2@acme', answer.approval);
    expect(await outcomeOf(propose())).toBe('succeeded');
  });
});

describe('a file of invariants', () => {
  const refused = (text: string) => expect(() => loadInvariants([DEFAULT_INVARIANTS, write(text)]));
  it.each([
    ['is no YAML', 'invariants: [', /own\.yaml/],
    [
      'has an unknown check',
      'invariants: [{ name: mine, says: x, check: all-is-well, breaks: deny }]',
      /invariants\.0/,
    ],
    [
      'has a key that nobody knows',
      'invariants: [{ name: mine, says: x, keep: [a], breaks: deny, when: never }]',
      /invariants/,
    ],
    ['keeps nothing', 'invariants: [{ name: mine, says: x, keep: [], breaks: deny }]', /invariants/],
    ['lets it pass', 'invariants: [{ name: mine, says: x, keep: [a], breaks: ignore }]', /invariants/],
    ['takes a name that is taken', 'invariants: [{ name: voice-kept, says: x, keep: [a], breaks: deny }]', /twice/],
    ['grows by aliases', 'a: &a [x]\ninvariants: [*a]', /own\.yaml/],
  ])('that %s keeps the broker from starting', (_says, text, message) => {
    refused(text).toThrow(message);
  });

  it('that is not there keeps the broker from starting', () => {
    expect(() => loadInvariants([path.join(folder, 'none.yaml')])).toThrow(/none\.yaml/);
  });
});
