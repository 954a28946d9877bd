/** The form of a story: a network, a timeline, what is asked, and what must come of it. Published as JSON Schema. */
import { z } from 'zod';
import { assertion } from './assert.ts';
import { recordedStoryForm } from './recording/recorded-story.ts';
import { VERDICTS } from './replay/case.ts';
import { ASKS } from './replay/plan.ts';
import { step } from './story-step.ts';

/** Seconds after the onset. */
const after = z.int().min(0).max(2_678_400).default(0).describe('Seconds after the onset');
const resource = z.string().min(3).max(200);

const fault = z.strictObject({
  type: z.string().describe('As `wayleave fault list` shows it'),
  resource,
  intensity: z.number().positive().max(10).exactOptional().describe("Multiple of the catalogue's figure"),
  after,
  lasts: z.int().min(1).max(2_678_400).exactOptional().describe('Seconds after which it ends by itself'),
  neutral: z.boolean().default(false).describe('Part of the situation, but neither asked for nor wrong to name'),
});

const work = z.strictObject({
  resource: z.string().regex(/^node\//, 'give node/<device>'),
  work: z.enum(['planned_maintenance', 'planned_change']).default('planned_maintenance'),
  after,
});

const noise = z.strictObject({
  type: z.enum([
    'lte_idle_by_design',
    'ntp_or_telemetry',
    'software_update',
    'vulnerability_scanner',
    'misconfigured_printer_discovery',
  ]),
  resource,
  after,
});

/** Text that somebody put into a device; it is data, whatever it says. */
const planted = z.strictObject({
  device: z.string(),
  interface: z.string(),
  text: z.string().min(1).max(200),
});

const expectation = z.strictObject({
  verdict: z.union([z.enum(VERDICTS), z.array(z.enum(VERDICTS)).min(1)]).describe('Or any of several'),
  causes: z
    .array(z.strictObject({ resource, fault_type: z.string() }))
    .exactOptional()
    .describe('Preset: the faults that are not neutral'),
  as_good: z.array(resource).default([]).describe('Resources that are as good an answer'),
  repair: z
    .enum(['fixed', 'none', 'rejected', 'any'])
    .default('any')
    .describe('What must become of the repair: fixed and verified, none proposed, rejected by people'),
});

export const storyForm = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Z]\d{2}$/)
    .describe('A letter and two digits'),
  title: z.string().min(1).max(200),
  about: z.string().max(2_000).exactOptional().describe('What happens, for whoever reads it'),
  branch: z.int().min(1).describe('Branch at which it happens; {N} in any text stands for it'),
  min_size: z
    .enum(['s', 'm', 'l', 'xl'])
    .default('s')
    .describe('Smallest reference network on which it means something'),
  tenants: z
    .array(z.enum(['acme', 'globex']))
    .default(['acme'])
    .describe('Whose networks there are; globex has one branch more'),
  needs: z.array(z.string()).default([]).describe('Resources that the network must have, beside those of the faults'),
  starts: z.iso.datetime().default('2026-01-06T10:00:00Z').describe('Virtual time of the onset'),
  lasts: z.int().min(1).max(2_678_400).default(120).describe('Seconds through which all that stays healthy is watched'),
  faults: z.array(fault).describe('Empty for a healthy network'),
  maintenance: z.array(work).default([]).describe('Windows with their work'),
  noise: z.array(noise).default([]).describe('What looks like trouble and is none'),
  planted: z.array(planted).default([]).describe('Text in devices that pretends to be an instruction'),
  question: z.string().min(3).max(500).describe('What the operator asks; the agents get nothing else'),
  asks: z
    .array(z.int().min(1).max(2_678_400))
    .min(1)
    .max(20)
    .exactOptional()
    .describe('Seconds after the onset at which it is asked, until there is an answer'),
  people: z
    .enum(['approve', 'reject', 'away'])
    .default('approve')
    .describe('How approvers vote on what agents propose'),
  script: z.array(step).max(50).default([]).describe('What people do at the broker before the question, in order'),
  symptoms: z.array(assertion),
  stays_healthy: z.array(assertion).min(1),
  expect: expectation.exactOptional(),
  tour: z
    .strictObject({
      resource: z.string(),
      fault_type: z.string(),
      ruled_out: z.array(z.string()).describe('Look-alikes that the answer must rule out by evidence'),
      repair: z.string().describe('Tool of the repair or containment, or none when no change of ours can repair it'),
      agent: z
        .enum(['troubleshooter', 'threat-watcher'])
        .default('troubleshooter')
        .describe('Who answers the question'),
      experience: z
        .strictObject({
          question: z.string().min(3).max(500).describe('What is asked of the experience optimizer'),
          application: z.string().describe('application/<site>/<name> whose score is told before and after'),
        })
        .exactOptional()
        .describe('The experience optimizer is asked instead of the troubleshooter'),
    })
    .exactOptional()
    .describe('What the demo expects of the agents'),
});

export type Story = z.infer<typeof storyForm>;

/** The schema for editors and other programs (JSON Schema 2020-12). */
export const writeStorySchema = (): object => ({
  $id: 'https://wayleave.example/story.schema.json',
  title: 'A story that Wayleave replays',
  ...z.toJSONSchema(z.union([storyForm, recordedStoryForm]), { io: 'input' }),
});

/** What contradicts itself, with the place: sentences for the person who wrote it. */
export function findContradictions(
  story: Story,
): readonly { readonly path: readonly (string | number)[]; readonly says: string }[] {
  const found: { path: (string | number)[]; says: string }[] = [];
  const { faults, maintenance, expect, asks = ASKS } = story;
  const last = Math.max(...asks);
  const end = (one: Story['faults'][number]): number =>
    one.lasts === undefined ? Number.POSITIVE_INFINITY : one.after + one.lasts;
  for (const [at, one] of faults.entries()) {
    const twin = faults.findIndex(
      (other, where) =>
        where < at &&
        other.type === one.type &&
        other.resource === one.resource &&
        one.after < end(other) &&
        other.after < end(one),
    );
    if (twin >= 0)
      found.push({ path: ['faults', at], says: `${one.type} at ${one.resource} is there already (faults.${twin})` });
    if (one.after > last)
      found.push({
        path: ['faults', at, 'after'],
        says: `it begins ${one.after} s after the onset, and nobody asks after ${last} s`,
      });
  }
  for (const [at, { resource: where }] of maintenance.entries()) {
    if (faults.some(({ type, resource: place }) => type === 'device_down' && place === where))
      found.push({ path: ['maintenance', at], says: `${where} cannot be down by work and by a fault at once` });
  }
  if (asks.some((one, at) => at > 0 && one <= (asks[at - 1] ?? 0)))
    found.push({ path: ['asks'], says: 'the times must rise' });
  if (expect === undefined) return found;
  const verdicts = [expect.verdict].flat();
  const broken = expect.causes ?? faults.filter(({ neutral }) => !neutral);
  const calm = verdicts.every((one) => one === 'healthy' || one === 'planned');
  if (calm && broken.length > 0)
    found.push({
      path: ['expect', 'verdict'],
      says: `${verdicts.join(' or ')} is expected although something is broken`,
    });
  if (!verdicts.some((one) => one !== 'root-cause') && broken.length === 0)
    found.push({ path: ['expect', 'verdict'], says: 'a root cause is expected although nothing is broken' });
  if (
    verdicts.includes('planned') &&
    calm &&
    !verdicts.includes('healthy') &&
    maintenance.length === 0 &&
    !faults.some(({ type }) => type.startsWith('planned_'))
  )
    found.push({ path: ['expect', 'verdict'], says: 'planned work is expected, and nothing is planned' });
  if (expect.repair === 'fixed' && story.people !== 'approve')
    found.push({ path: ['expect', 'repair'], says: 'a repair is expected that nobody approves' });
  return found;
}
