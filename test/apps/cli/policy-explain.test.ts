/** `wayleave policy explain --entry`: a decision of the log is explained by the very policies that decided it, or not at all. */
import { describe, expect, it } from 'vitest';
import type { Decision } from '../../../broker/contract.ts';
import { buildRequests, Circumstances } from '../../../broker/policy/cases.ts';
import { computeRevision } from '../../../broker/policy/decision-point.ts';
import { DEFAULT_POLICIES } from '../../../broker/policy/load-policies.ts';
import { recordRequest } from '../../../broker/policy/recorded-request.ts';
import { buildSchema } from '../../../broker/policy/schema.ts';
import { loadBundleFiles } from '../../../broker/policy-bundles/load-bundle.ts';
import { TOOLS } from '../../../tools/registry.ts';
import { type Fakes, wayleave } from './fake-io.ts';

const AS = ['--as', 'admin@acme'];
const files = await loadBundleFiles(DEFAULT_POLICIES);
const cedar = files.filter(({ name }) => name.endsWith('.cedar'));
const revision = computeRevision({ policies: cedar, schema: buildSchema(TOOLS) });

/** The entry of a change that an agent wanted in a chat, denied; under these policies unless told otherwise. */
function entryOf(policyRevision = revision) {
  const given = Circumstances.parse({
    ...{ as: 'tenant-admin', agent: 'troubleshooter', tool: 'bgp.set-local-as', purpose: 'chat' },
  });
  const [request] = buildRequests(given, TOOLS);
  if (request === undefined) throw new Error('there is no request');
  const decision: Decision = {
    ...{ id: 'dec_1', effect: 'deny', policies: [], reasons: ['nothing permits it'], obligations: [], advice: [] },
    revision: policyRevision,
  };
  const { human, session } = request.subject;
  const at = '2026-03-01T12:00:00.000Z';
  return {
    ...{ index: 7, at, tenant: request.tenant, kind: 'denied', human, session, agent: 'troubleshooter' },
    tool: request.tool.name,
    content: {
      ...{ decision: 'deny', policies: [], policyRevision, effect: 'change', purpose: 'chat:1' },
      ...recordRequest(request, decision),
    },
  };
}

const control = (entry: object): NonNullable<Fakes['control']> => ({
  auditEntries: async (from: number) => (from === 7 ? [entry as never] : []),
  narrowing: async () => ({ tenant: 'acme', number: 0, files: [] }),
  bundles: async () => [{ id: 'pol_1', observe: [], leastApprovals: 1 } as never],
  bundle: async () => ({ id: 'pol_1', files, diff: '' }) as never,
});
const explain = (entry: object, ...more: readonly string[]) =>
  wayleave(['policy', 'explain', '--entry', '7', ...more, ...AS], { control: control(entry) });

describe('a decision of the log', () => {
  it('is told with what was decided, what was looked at, and the smallest change that would permit', async () => {
    const said = await explain(entryOf());
    expect(said.exit).toBe(3);
    for (const words of [
      'bgp.set-local-as by troubleshooter for',
      'decided then: deny',
      'context.purpose.kind = "chat"',
      'would be permitted if context.purpose.kind is "incident"',
    ])
      expect(said.out).toContain(words);
    const { entry, decided, effect, permitted } = JSON.parse((await explain(entryOf(), '--json')).out);
    expect({ entry, decided, effect }).toEqual({
      ...{ entry: 7, decided: { effect: 'deny', obligations: [] }, effect: 'deny' },
    });
    expect(permitted).toContainEqual(['context.purpose.kind is "incident"']);
  });

  it('is not explained by policies that did not decide it, unless they are asked for', async () => {
    const said = await explain(entryOf('ab'.repeat(32)));
    expect(said).toMatchObject({ exit: 1, err: expect.stringContaining('give others with --policies') });
    expect((await explain(entryOf('ab'.repeat(32)), '--policies', DEFAULT_POLICIES)).exit).toBe(3);
  });

  it('must be one, and one that the log shows', async () => {
    const { content: _, ...vote } = entryOf();
    expect((await explain({ ...vote, kind: 'approval.vote', content: {} })).err).toContain('has no decision');
    const none = await wayleave(['policy', 'explain', '--entry', '8', ...AS], { control: control(entryOf()) });
    expect(none).toMatchObject({ exit: 1, err: expect.stringContaining('no entry 8') });
  });

  it('or else a role and a tool', async () => {
    expect((await wayleave(['policy', 'explain'])).exit).toBe(2);
    expect((await wayleave(['policy', 'explain', '--role', 'tenant-operator', '--tool', 'bgp.read'])).exit).toBe(0);
  });
});
