/** A story of a recording: the file with what was seen, what was asked, and, once somebody knows, what was so. */
import path from 'node:path';
import { z } from 'zod';
import { type ReadYaml, readYaml } from '../read-yaml.ts';
import { VERDICTS } from '../replay/case.ts';
import { isCondition } from '../replay/plan.ts';

const resource = z.string().min(3).max(200);
const expectation = z.strictObject({
  verdict: z.union([z.enum(VERDICTS), z.array(z.enum(VERDICTS)).min(1)]).describe('Or any of several'),
  causes: z.array(z.strictObject({ resource, fault_type: z.string() })).default([]),
  as_good: z.array(resource).default([]).describe('Resources that are as good an answer'),
});

export const recordedStoryForm = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Z]\d{2}$/)
    .describe('A letter and two digits'),
  title: z.string().min(1).max(200),
  about: z.string().max(2_000).exactOptional().describe('What happened, for whoever reads it'),
  recorded: z
    .string()
    .min(1)
    .max(300)
    .regex(/^[^/\\]+\.jsonl$/, 'give the name of a file beside this one, NAME.jsonl')
    .describe('What was seen, as `wayleave record` wrote it: a file beside this one'),
  question: z.string().min(3).max(500).default('what is wrong with the network?'),
  expect: expectation.exactOptional().describe('What was so. Without it the story is played and not scored'),
});
export type RecordedStory = Readonly<z.infer<typeof recordedStoryForm>> & {
  /** Where the recording is. */
  readonly file: string;
};

/** True when the text is the story of a recording. */
export const isRecorded = (text: string): boolean => /^recorded\s*:/m.test(text);

/** Throws `SCENARIO_INVALID` with the line and the field. */
export function readRecordedStory(text: string, file: string): ReadYaml<RecordedStory> {
  const { value, refuse } = readYaml(text, file, recordedStoryForm);
  for (const [at, { fault_type: type }] of (value.expect?.causes ?? []).entries()) {
    try {
      isCondition(type, file);
    } catch {
      throw refuse(
        ['expect', 'causes', at, 'fault_type'],
        `there is no fault type ${type}; \`wayleave fault list\` shows them`,
      );
    }
  }
  const contradiction = value.expect && contradict(value.expect);
  if (contradiction !== undefined) throw refuse(['expect', 'verdict'], contradiction);
  return { value: { ...value, file: path.join(path.dirname(file), value.recorded) }, refuse };
}

function contradict({ verdict, causes }: z.infer<typeof expectation>): string | undefined {
  const verdicts = [verdict].flat();
  const calm = verdicts.every((one) => one === 'healthy' || one === 'planned');
  if (calm && causes.length > 0) return `${verdicts.join(' or ')} is expected although something is broken`;
  return verdicts.every((one) => one === 'root-cause') && causes.length === 0
    ? 'a root cause is expected although nothing is broken'
    : undefined;
}
