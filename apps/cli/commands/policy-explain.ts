/** `wayleave policy explain`: why something is permitted or denied, and the smallest change that would permit: made up, or as the audit log has it. */
import type { Command } from 'commander';
import { z } from 'zod';
import { WayleaveError } from '../../../broker/errors.ts';
import type { Explanation } from '../../../broker/policy/explain.ts';
import type { RecordedDecision } from '../../../broker/policy/recorded-request.ts';
import type { StoredAuditEntry } from '../../../broker/ports.ts';
import { asForm, withAs } from '../as-option.ts';
import type { Cli } from '../io.ts';
import type { Act } from '../program.ts';
import { oneLine, printJson } from '../terminal.ts';

const DENIED = 3;
const explainForm = asForm.extend({
  policies: z.string().optional(),
  narrow: z.string().optional(),
  entry: z.coerce.number().int().min(0).optional(),
  role: z.string().optional(),
  tool: z.string().optional(),
  agent: z.string().optional(),
  given: z.string().default('{}'),
});
type Options = z.infer<typeof explainForm>;

export function definePolicyExplain(policy: Command, act: Act): void {
  withAs(policy.command('explain'))
    .description('Explain a decision, and find the smallest change that would permit')
    .option('--entry <n>', 'A decision of the audit log, by the policies that decided it')
    .option('--role <role>', 'Without --entry: tenant-operator')
    .option('--tool <tool>', 'Without --entry: bgp.set-local-as')
    .option('--agent <agent>', 'Without --entry: troubleshooter')
    .option('--given <json>', 'Circumstances as in a case: {"risk":60,"purpose":"chat","ladder":"running"}')
    .option('--policies <folder>', 'Folder of *.cedar files; without it, the policies that are shipped')
    .option('--narrow <folder>', 'Folder of *.cedar files by which a tenant forbids more')
    .addHelpText(
      'after',
      `
Examples:
  wayleave policy explain --role tenant-admin --agent troubleshooter --tool bgp.set-local-as --given '{"purpose":"chat"}'
  wayleave policy explain --entry 4711 --as auditor@acme             why was that denied?
  wayleave policy explain --entry 4711 --policies ./policies --as auditor@acme    what would these policies say of it?

The exit code is 0 for a permit and 3 for a denial. With --entry a login is needed that may read the audit log.`,
    )
    .action(act(explainForm, explainPolicy));
}

export async function explainPolicy(cli: Cli, options: Options): Promise<number> {
  if (options.entry !== undefined) return explainEntry(cli, options, options.entry);
  const { role, tool, agent } = options;
  if (role === undefined || tool === undefined)
    throw new WayleaveError('USAGE', 'Give --role and --tool, or an --entry of the audit log.');
  const { openWorkbench } = await import('../../compose/policy-workbench.ts');
  const { buildRequests, Circumstances } = await import('../../../broker/policy/cases.ts');
  const { explainDecision } = await import('../../../broker/policy/explain.ts');
  const bench = await openWorkbench(options.policies, options.narrow);
  const circumstances = Circumstances.safeParse({
    ...readGiven(options.given),
    ...{ as: role, tool },
    ...(agent === undefined ? {} : { agent }),
  });
  if (!circumstances.success) throw new WayleaveError('INPUT_INVALID', z.prettifyError(circumstances.error));
  const [request] = buildRequests(circumstances.data, bench.tools);
  if (request === undefined) throw new WayleaveError('INPUT_INVALID', 'There is nothing to explain.');
  return tell(cli, explainDecision(request, bench.policies, bench.schema));
}

/** The request of the log, decided again by what decided it then. */
async function explainEntry(cli: Cli, options: Options, index: number): Promise<number> {
  const { hasDecision, readDecision } = await import('../../../broker/policy/recorded-request.ts');
  const { explainDecision } = await import('../../../broker/policy/explain.ts');
  const { control } = await cli.person(options.as);
  const [entry] = await control.auditEntries(index, 1);
  if (entry?.index !== index) throw new WayleaveError('NOT_FOUND', `The audit log has no entry ${index} for you.`);
  const recorded = hasDecision(entry) ? readDecision(entry) : undefined;
  if (recorded === undefined)
    throw new WayleaveError(
      'INPUT_INVALID',
      `Entry ${index} (${oneLine(entry.kind)}) has no decision that can be explained: give the first entry of a call.`,
    );
  const bench = await openBench(cli, options, entry);
  const found = explainDecision(recorded.request, bench.policies, bench.schema);
  return tell(cli, found, recorded);
}

/** The policies of the folder, or of the bundle whose revision the entry names. */
async function openBench(cli: Cli, { as, policies, narrow }: Options, { index, content }: StoredAuditEntry) {
  const { nameOwn, openWorkbench, openWorkbenchOf } = await import('../../compose/policy-workbench.ts');
  if (policies !== undefined || narrow !== undefined) return openWorkbench(policies, narrow);
  const { computeRevision } = await import('../../../broker/policy/decision-point.ts');
  const { buildSchema } = await import('../../../broker/policy/schema.ts');
  const { TOOLS } = await import('../../../tools/registry.ts');
  const { control } = await cli.person(as);
  const own = (await control.narrowing()).files;
  for (const { id, broken, observe = [], leastApprovals } of await control.bundles()) {
    if (broken !== undefined) continue;
    const { files } = await control.bundle(id);
    const deciding = files.filter(({ name }) => name.endsWith('.cedar'));
    for (const narrowed of [[], own]) {
      const bundle = { policies: [...deciding, ...narrowed], schema: buildSchema(TOOLS), observe };
      if (computeRevision(bundle, leastApprovals) === content['policyRevision'])
        return openWorkbenchOf([...files, ...nameOwn(narrowed)], observe);
    }
  }
  throw new WayleaveError(
    'NOT_FOUND',
    `The policies that decided entry ${index} are not in the store any more; give others with --policies.`,
  );
}

function tell(cli: Cli, found: Explanation, recorded?: RecordedDecision): number {
  if (cli.json) {
    const decided = recorded === undefined ? {} : { entry: recorded.index, at: recorded.at, decided: recorded.decided };
    cli.emit({ ...decided, ...found });
  } else {
    const { data } = cli.terminal;
    if (recorded !== undefined) {
      const { subject, tool, targets } = recorded.request;
      const who = [...(subject.agent === undefined ? [] : [subject.agent, 'for']), subject.human]
        .map(oneLine)
        .join(' ');
      data(
        `entry ${recorded.index}, ${recorded.at}: ${oneLine(tool.name)} by ${who} on ${targets.map(({ device }) => oneLine(device)).join(', ') || 'nothing'}`,
      );
      const granted = recorded.granted ? ' (somebody had granted it, which no policy says)' : '';
      data(`decided then: ${[recorded.decided.effect, ...recorded.decided.obligations].join(', ')}${granted}`);
    }
    data(found.effect);
    for (const [n, id] of found.policies.entries()) data(`  ${id}: ${found.reasons[n] ?? ''}`);
    for (const reason of found.reasons.slice(found.policies.length)) data(`  ${reason}`);
    for (const { name, value } of found.attributes) data(`  ${oneLine(name)} = ${printJson(value)}`);
    for (const steps of found.permitted) data(`would be permitted if ${steps.map(oneLine).join(' and ')}`);
  }
  return found.effect === 'permit' ? 0 : DENIED;
}

function readGiven(text: string): object {
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === 'object' && read !== null ? read : {};
  } catch {
    return { given: text };
  }
}
