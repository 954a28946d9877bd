/** The committed authorisation matrix equals what the shipped policies decide, through the real referee. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AGENTS, ROLES } from '../../broker/contract.ts';
import { createDecisionPoint } from '../../broker/policy/decision-point.ts';
import { createJudge } from '../../broker/policy/judge.ts';
import { DEFAULT_POLICIES, loadPolicies } from '../../broker/policy/load-policies.ts';
import { activate } from '../../broker/policy/referee/cedar.ts';
import { startReferee } from '../../broker/policy/referee/client.ts';
import { spawnReferee, systemTimers } from '../../broker/policy/referee/spawn-referee.ts';
import { proveRefusals } from '../../broker/policy/refusals.ts';
import { buildSchema, UPSTREAM_READ } from '../../broker/policy/schema.ts';
import type { DecisionPoint, DecisionRequest } from '../../broker/ports.ts';
import { TOOLS as OWN_TOOLS } from '../../tools/registry.ts';
import { readGolden } from '../repository/golden.ts';
import { writeMatrix } from './authorization-matrix.ts';
import { IMAGINED_TOOLS, writeDuties } from './authorization-matrix-future.ts';

/** With the one action of all tools of upstream servers. */
const TOOLS = [...OWN_TOOLS, UPSTREAM_READ];
const referee = startReferee({ spawn: spawnReferee, timers: systemTimers, decideWithin: 30_000 });
let point: DecisionPoint;
let written: string;
let committed: string;

beforeAll(async () => {
  point = await createDecisionPoint({ referee, tools: TOOLS, policies: await loadPolicies(DEFAULT_POLICIES) });
  written = await writeMatrix(point, TOOLS);
  committed = readGolden('test/golden/authorization-matrix.txt', written);
});
afterAll(() => referee.close());

/** The first words of every line: tool and role. */
const rowsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^([a-z]\S+\.\S+) +(\S+)/gm)].map((match) => `${match[1]} ${match[2]}`);

describe('the authorisation matrix', () => {
  it('has one line for every tool and role, none twice and none that is stale, and a column for every agent', () => {
    const expected = TOOLS.flatMap((tool) => ROLES.map((role) => `${tool.name} ${role}`));
    expect(new Set(rowsOf(committed))).toEqual(new Set(expected));
    expect(rowsOf(committed)).toHaveLength(expected.length);
    for (const agent of AGENTS) expect(/^tool .*$/m.exec(committed)?.[0]).toContain(` ${agent} `);
  });

  it('is what the policies decide', () => {
    expect(committed).toBe(written);
  });

  it('is also committed for tools yet to come, with the duties of each policy', async () => {
    const schema = buildSchema([...TOOLS, ...IMAGINED_TOOLS]);
    const active = activate({ policies: await loadPolicies(DEFAULT_POLICIES), schema });
    if (!active.ok) throw new Error(active.errors.join('; '));
    const judge = createJudge(active.policies, schema);
    const decided = {
      decide: async (asked: DecisionRequest) => ({ ...judge(asked), id: '', advice: [], revision: '' }),
    };
    const text = (await writeMatrix(decided, IMAGINED_TOOLS)) + writeDuties(active.policies);
    expect(readGolden('test/golden/authorization-matrix-future.txt', text)).toBe(text);
  });

  it('permits something to every role and agent, and nothing in another tenant', () => {
    for (const role of ROLES) expect(committed).toMatch(new RegExp(`^\\S+ +${role} .*permit`, 'm'));
    expect(committed.match(/^[a-z]\S+\.\S+ .*[^ \n-]$/gm)).toBeNull();
  });

  it('comes from policies that pass the proof at start', async () => {
    expect(await proveRefusals(point, TOOLS)).toEqual([]);
  });
});
