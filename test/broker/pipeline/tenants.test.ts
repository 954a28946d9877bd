/** What is of another tenant is exactly as what is not there: same code, same bytes, no device traffic. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Domain } from '../../../broker/contract.ts';
import { WayleaveError } from '../../../broker/errors.ts';
import { TOOLS } from '../../../tools/registry.ts';
import { type Bench, type Caller, createBench, OPERATOR, propose } from './bench.ts';

const FOREIGN: Caller = { human: 'operator@globex' };

async function bytes(bench: Bench, caller: Caller, domain: Domain, tool: string, args: unknown): Promise<string> {
  return bench.call(caller, domain, tool, args).then(
    (answer) => JSON.stringify(answer),
    (error: unknown) => JSON.stringify(error instanceof WayleaveError ? error : String(error)),
  );
}
/** Without the ids and times that differ between any two calls. */
const plain = (text: string): string =>
  text.replace(/(evd|inc|int|apr|dec)_[a-z0-9]+/g, '$1').replace(/sha256:[0-9a-f]+/g, '');

/** A network in which acme has an incident, evidence and a change that globex may not learn of. */
async function lived() {
  const bench = await createBench();
  bench.inject();
  const target = { devices: ['br2_edge'] };
  const seen = await bench.call(OPERATOR, 'diagnostics', 'bgp.read', { target, input: {}, purpose: 'chat:1' });
  const evidence = seen.status === 'done' ? seen.evidence.map((one) => one.id) : [];
  const input = { title: 'acme secret', severity: 'major', resources: [], evidence };
  await bench.call(OPERATOR, 'inventory', 'incident.open', { input, purpose: 'chat:1' });
  const incident = (await bench.incidents.list('acme'))[0]?.id ?? '';
  const approval = await propose(bench);
  const intent = (await bench.approvals.get('acme', approval))?.intent.id ?? '';
  return { bench, evidence: evidence[0] ?? '', incident, approval, intent };
}

describe('another tenant', () => {
  it('finds a device, an evidence id and an incident as one that does not exist, in every tool', async () => {
    const { bench, evidence, incident } = await lived();
    const pairs: readonly (readonly [Domain, string, (name: string) => unknown, string, string])[] = [
      ...TOOLS.filter((tool) => tool.targets !== 'none').map(
        (tool) =>
          [
            tool.domain,
            tool.name,
            (name: string) => ({ target: { devices: [name] }, input: sample(tool.name), purpose: 'chat:1' }),
            'br7_only_acme',
            'br8_nowhere',
          ] as const,
      ),
      [
        'diagnostics',
        'bgp.read',
        (id) => ({ target: { devices: ['br1_edge'] }, input: {}, purpose: 'chat:1', evidence: [id] }),
        evidence,
        'evd_nothing',
      ],
      ['inventory', 'evidence.get', (id) => ({ input: { ids: [id] }, purpose: 'chat:1' }), evidence, 'evd_nothing'],
      [
        'inventory',
        'incident.update',
        (id) => ({ input: { incident: id, state: 'closed', note: 'n' }, purpose: 'chat:1' }),
        incident,
        'inc_nothing',
      ],
      [
        'inventory',
        'incident.open',
        (id) => ({ input: { title: 't', severity: 'minor', resources: [], evidence: [id] }, purpose: 'chat:1' }),
        evidence,
        'evd_nothing',
      ],
    ];
    const { devices } = bench.inventory;
    // A device that only acme has.
    bench.shared.inventory.devices = async (tenant) => {
      const own = await devices(tenant);
      return tenant === 'acme'
        ? own.map((one) => (one.name === 'br1_edge' ? { ...one, name: 'br7_only_acme' } : one))
        : own;
    };
    const before = bench.reads.length;
    for (const [domain, tool, args, theirs, unknown] of pairs) {
      const answer = await bytes(bench, FOREIGN, domain, tool, args(theirs));
      expect(plain(answer), tool).toBe(plain(await bytes(bench, FOREIGN, domain, tool, args(unknown))));
      bench.advance(3_600_000); // or the risk of the caller stops the test
    }
    expect(bench.reads.length).toBe(before);
    expect((await bench.incidents.get('acme', incident))?.state).toBe('open');
  });

  it('uses an intent id as one that nobody has', async () => {
    const { bench, intent, approval } = await lived();
    const args = (id: string) => ({
      target: { devices: ['br1_edge'] },
      input: { interface: 'ge0/2', description: 'x' },
      purpose: 'chat:1',
      intent: id,
    });
    const change = (id: string) => bytes(bench, FOREIGN, 'wan', 'interface.set-description', args(id));
    const theirs = await change(intent);
    expect(theirs).toContain('pending');
    expect(plain(theirs)).toBe(plain(await change('int_zzzzzzzzzz')));
    expect((await bench.approvals.get('acme', approval))?.status).toBe('pending');
    const text = (call: Promise<unknown>) => call.then(JSON.stringify, (error: unknown) => JSON.stringify(error));
    const desk = bench.desk;
    const who = bench.subjectOf({ human: 'admin@globex' });
    expect(await text(desk.receipt(who, intent))).toBe(await text(desk.receipt(who, 'int_zzzzzzzzzz')));
    expect(await text(desk.approval(who, approval))).toBe(await text(desk.approval(who, 'apr_zzzz')));
    const [record] = (await bench.entries()).filter((entry) => entry.kind === 'outcome');
    expect(record).toBeDefined();
    expect(await text(desk.evidence(who, 'evd_x'))).toContain('NOT_FOUND');
    expect(JSON.stringify(await desk.auditEntries(who, 0, 1000))).not.toContain('acme');
  });

  it('never reads a word of the first, whatever it asks', async () => {
    const { bench, evidence, incident, approval, intent } = await lived();
    const ids = [evidence, incident, approval, intent, 'br1_edge', 'br2_edge', 'hub1_edge', 'chat:1'];
    const word = fc.constantFrom(...ids);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...TOOLS),
        fc.array(word, { maxLength: 3 }),
        word,
        fc.array(word, { maxLength: 2 }),
        fc.option(word, { nil: undefined }),
        async (tool, devices, purpose, cited, key) => {
          const args = {
            ...(tool.targets === 'none' ? {} : { target: { devices } }),
            input: sample(tool.name, incident, evidence),
            purpose,
            evidence: cited,
            ...(key === undefined ? {} : { intent: key }),
          };
          const answer = await bytes(bench, FOREIGN, tool.domain, tool.name, args);
          expect(answer).not.toMatch(/acme/);
          bench.advance(600_000);
        },
      ),
      { numRuns: 60, seed: 7 },
    );
  });
});

/** Input that the tool takes. */
function sample(tool: string, incident = 'inc_x', evidence = 'evd_x'): unknown {
  const inputs: { readonly [name: string]: unknown } = {
    'acl.remove-entry': { list: 'acl-lan-in', entry: 'e10' },
    'bgp.set-local-as': { localAs: 65_002 },
    'evidence.get': { ids: [evidence] },
    'incident.open': { title: 't', severity: 'minor', resources: [], evidence: [] },
    'incident.update': { incident, state: 'closed', note: 'n' },
    'interface.set-description': { interface: 'ge0/2', description: 'x' },
    'interface.set-enabled': { interface: 'ge0/2', enabled: true },
    'ipsec.set-identity-key': { key: Buffer.alloc(32, 1).toString('base64') },
    'probe.ping': { vrf: 10, destination: '10.100.20.10' },
    'probe.tcp': { vrf: 10, destination: '10.100.20.10', port: 443 },
    'routes.read': { vrf: 10 },
    'events.read': { last: 10 },
    'telemetry.read': {
      ...{ kind: 'readings', resource: 'interface/br1_edge/ge0/0' },
      ...{ from: '2026-01-05T00:00:00Z', to: '2026-01-06T00:00:00Z' },
    },
  };
  return inputs[tool] ?? {};
}
