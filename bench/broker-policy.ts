/** How long a policy decision takes: the compiled closures and cedar-wasm, side by side on the same questions about the shipped policies. */
import { compilePolicySet } from '../broker/policy/cedar/policy-set.ts';
import { createSceneReader } from '../broker/policy/cedar/schema-reader.ts';
import { compileClosures } from '../broker/policy/closures.ts';
import { createJudge } from '../broker/policy/judge.ts';
import { DEFAULT_POLICIES, loadPolicies } from '../broker/policy/load-policies.ts';
import { buildQuestions } from '../broker/policy/questions.ts';
import { activate, decide } from '../broker/policy/referee/cedar.ts';
import { sampleInput } from '../broker/policy/sample-input.ts';
import { buildSchema } from '../broker/policy/schema.ts';
import type { DecisionRequest } from '../broker/ports.ts';
import { TOOLS } from '../tools/registry.ts';
import type { Bench, Figure } from './bench.ts';

const CLOSURE_ROUNDS = 4_000;
const CEDAR_ROUNDS = 40;

export const benchBrokerPolicy: Bench = async () => {
  const schema = buildSchema(TOOLS);
  const activated = activate({ policies: await loadPolicies(DEFAULT_POLICIES), schema });
  if (!activated.ok) throw new Error(activated.errors.join('; '));
  const closures = compileClosures(activated.policies, schema);
  const read = createSceneReader(schema);
  const set = compilePolicySet(activated.policies.map(({ id, parsed }) => ({ id, json: parsed })));
  const judge = createJudge(activated.policies, schema);
  const requests = TOOLS.map(requestOf);
  const questions = requests.flatMap((request) => buildQuestions(request).slice(0, 1));
  const bodies = questions.map((question) => structuredClone(question) as Parameters<typeof decide>[0]);

  const alone = measure(
    CLOSURE_ROUNDS,
    questions.map((question) => read(question)),
    (scene) => set.decide(scene),
  );
  const ours = measure(CLOSURE_ROUNDS, questions, closures);
  const whole = measure(CLOSURE_ROUNDS, requests, judge);
  const theirs = measure(CEDAR_ROUNDS, bodies, decide);
  const figures = (what: string, times: Percentiles, aim?: string): readonly Figure[] => [
    { what: `${what}, p50`, value: times.p50, unit: 'µs' },
    { what: `${what}, p99`, value: times.p99, unit: 'µs', ...(aim === undefined ? {} : { aim }) },
  ];
  return [
    ...figures('the closures alone, on a question that was read', alone, 'p99 ≤ 5 µs'),
    ...figures('one question read by the schema and decided', ours),
    ...figures('a request: person and agent, obligations united', whole),
    ...figures('one question by cedar-wasm', theirs),
    { what: 'cedar-wasm / read and decided, p50', value: theirs.p50 / ours.p50, unit: '×' },
    { what: 'cedar-wasm / closures alone, p50', value: theirs.p50 / alone.p50, unit: '×', aim: '≥ 300 ×' },
    { what: 'cedar-wasm / closures alone, p99', value: theirs.p99 / alone.p99, unit: '×', aim: '≥ 300 ×' },
  ];
};

/** The troubleshooter asks for a tenant administrator: both principals are decided. */
const requestOf = (tool: (typeof TOOLS)[number]): DecisionRequest => ({
  subject: {
    ...{ human: 'admin@acme', tenant: 'acme', session: 'ses_1', agent: 'troubleshooter' },
    roles: ['tenant-admin'],
    chain: ['troubleshooter', 'admin@acme'],
  },
  tool,
  tenant: 'acme',
  targets: tool.targets === 'none' ? [] : [{ device: 'br2_edge', role: 'edge', site: 'br2' }],
  input: sampleInput(tool),
  purpose: { id: 'inc_1', kind: 'incident', open: true },
  now: Date.UTC(2026, 0, 1, 12),
  risk: 0,
});

interface Percentiles {
  readonly p50: number;
  readonly p99: number;
}

/** Microseconds of each call, by the process's own clock; the first tenth warms up and is not counted. */
function measure<T>(rounds: number, inputs: readonly T[], run: (input: T) => unknown): Percentiles {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const input of inputs) {
      const begun = process.hrtime.bigint();
      run(input);
      const took = process.hrtime.bigint() - begun;
      if (round >= rounds / 10) times.push(Number(took) / 1000);
    }
  }
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.floor(times.length * share)] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}
