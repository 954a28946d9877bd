/** Tries every mutant of the shipped policies against the cases beside them and against the committed matrix. */
import { readFileSync } from 'node:fs';
import { loadCases, runCases } from '../../../../broker/policy/cases.ts';
import { createJudge, type Judge } from '../../../../broker/policy/judge.ts';
import { DEFAULT_POLICIES, loadPolicies } from '../../../../broker/policy/load-policies.ts';
import { activate } from '../../../../broker/policy/referee/cedar.ts';
import type { ActivePolicy } from '../../../../broker/policy/referee/messages.ts';
import { buildSchema, type ToolFacts, UPSTREAM_READ } from '../../../../broker/policy/schema.ts';
import { TOOLS } from '../../../../tools/registry.ts';
import { writeMatrix } from '../../../golden/authorization-matrix.ts';
import { IMAGINED_TOOLS, writeDuties } from '../../../golden/authorization-matrix-future.ts';
import { type Mutant, mutatePolicies } from './mutate.ts';

/** The committed matrices: of the tools there are, and of those yet to come with the duties of each policy. */
const FILES = ['authorization-matrix.txt', 'authorization-matrix-future.txt'];

export interface Mutations {
  readonly mutants: number;
  readonly found: number;
  readonly survivors: readonly Pick<Mutant, 'policy' | 'says'>[];
}

/** @throws when the policies themselves do not pass: then nothing can be said about mutants. */
export async function runMutations(): Promise<Mutations> {
  const schema = buildSchema([...TOOLS, ...IMAGINED_TOOLS]);
  const activated = activate({ policies: await loadPolicies(DEFAULT_POLICIES), schema });
  if (!activated.ok) throw new Error(activated.errors.join('; '));
  const cases = await loadCases(DEFAULT_POLICIES);
  const passes = (judge: Judge): boolean => runCases(cases, TOOLS, judge).failures.length === 0;
  const committed = FILES.map((name) => readFileSync(new URL(`../../../golden/${name}`, import.meta.url), 'utf8'));
  const isFound = async (policies: readonly ActivePolicy[]): Promise<boolean> => {
    const judge = judgeOrNothing(policies, schema);
    if (judge === undefined || !passes(judge)) return true;
    if ((await writeWith(judge, [...TOOLS, UPSTREAM_READ])) !== committed[0]) return true;
    return (await writeWith(judge, IMAGINED_TOOLS)) + writeDuties(policies) !== committed[1];
  };
  if (await isFound(activated.policies)) throw new Error('the policies do not pass their own tests');
  const survivors: Mutant[] = [];
  let mutants = 0;
  for (const mutant of mutatePolicies(activated.policies)) {
    mutants += 1;
    if (!(await isFound(mutant.policies))) survivors.push(mutant);
  }
  return {
    mutants,
    found: mutants - survivors.length,
    survivors: survivors.map(({ policy, says }) => ({ policy, says })),
  };
}

/** A mutant that cannot be compiled would not be activated. */
function judgeOrNothing(policies: readonly ActivePolicy[], schema: ReturnType<typeof buildSchema>): Judge | undefined {
  try {
    return createJudge(policies, schema);
  } catch {
    return undefined;
  }
}

const writeWith = (judge: Judge, tools: readonly ToolFacts[]): Promise<string> =>
  writeMatrix({ decide: (request) => Promise.resolve({ ...judge(request), id: '', advice: [], revision: '' }) }, tools);
