/** An agent with a language model meets the tenant's setting in the pipeline: in what it reads, and in what it may record. */
import { describe, expect, it } from 'vitest';
import { ERRORS } from '../../../broker/errors.ts';
import { WITHHELD } from '../../../broker/models/withhold.ts';
import { AGENT, type Bench, type Caller, createBench, OPERATOR, outcomeOf } from './bench.ts';

const MODEL: Caller = { ...AGENT, model: 'external' };
const LOCAL: Caller = { ...AGENT, model: 'local' };

const read = (bench: Bench, caller: Caller, tool = 'interfaces.read', more: object = {}) =>
  bench.call(caller, 'diagnostics', tool, {
    ...{ target: { devices: ['br2_edge'] }, input: {}, purpose: 'chat:1', ...more },
  });

async function descriptions(bench: Bench, caller: Caller): Promise<readonly unknown[]> {
  const answer = await read(bench, caller);
  if (answer.status !== 'done') throw new Error('a read ends');
  return answer.evidence.filter(({ signal }) => signal === 'if.description').map(({ value }) => value);
}

describe('what people wrote on a device', () => {
  it.each([
    ['none', {}, MODEL, true],
    ['local, and the model is elsewhere', { acme: 'local' }, MODEL, true],
    ['local, and the model is here', { acme: 'local' }, LOCAL, false],
    ['any', { acme: 'any' }, MODEL, false],
    ['any, of another tenant', { globex: 'any' }, MODEL, true],
    ['none, and the agents have no model', {}, AGENT, false],
    ['none, and a person reads without an agent', {}, OPERATOR, false],
  ] as const)('with the setting %s', async (_setting, tenantModels, caller, withheld) => {
    const bench = await createBench({ tenantModels });
    const values = await descriptions(bench, caller);
    expect(values.length).toBeGreaterThan(0);
    expect(values.every((value) => value === WITHHELD)).toBe(withheld);
  });

  it('is withheld from evidence that is read back, and stays whole in the store', async () => {
    const bench = await createBench();
    const answer = await read(bench, MODEL);
    if (answer.status !== 'done') throw new Error('a read ends');
    const ids = answer.evidence.filter(({ signal }) => signal === 'if.description').map(({ id }) => id);
    const input = { ids };
    const again = await bench.call(MODEL, 'inventory', 'evidence.get', { input, purpose: 'chat:1' });
    expect(again.status === 'done' && again.evidence.every(({ value }) => value === WITHHELD)).toBe(true);
    const own = await bench.call(OPERATOR, 'inventory', 'evidence.get', { input, purpose: 'chat:1' });
    expect(own.status === 'done' && own.evidence.some(({ value }) => String(value).includes('circuit'))).toBe(true);
  });

  it('is not in the difference of a change that it proposes; the approver sees all of it', async () => {
    const bench = await createBench();
    bench.inject();
    const opened = await bench.call(OPERATOR, 'inventory', 'incident.open', {
      ...{ input: { title: 'br2 is down', severity: 'major', resources: [], evidence: [] }, purpose: 'chat:1' },
    });
    const incident = opened.status === 'done' ? (opened.evidence[0]?.resource.slice('incident/'.length) ?? '') : '';
    const answer = await bench.change(MODEL, { purpose: incident });
    expect(answer.status).toBe('pending');
    if (answer.status !== 'pending') return;
    expect(answer.summary.diff).toBe(WITHHELD);
    expect((await bench.approvals.get('acme', answer.approval))?.diff).toContain('65002');
  });

  it('is not in what a device says when it refuses', async () => {
    const bench = await createBench();
    bench.turn.silent.add('acme/br2_edge');
    const refused = await read(bench, MODEL, 'config.read', { input: { section: 'bgp' } }).catch(
      (error: unknown) => error,
    );
    expect(refused).toMatchObject({ code: 'DEVICE_UNREACHABLE', message: ERRORS.DEVICE_UNREACHABLE.message });
    const own = await read(bench, OPERATOR, 'config.read', { input: { section: 'bgp' } }).catch(
      (error: unknown) => error,
    );
    expect(own).toMatchObject({ code: 'DEVICE_UNREACHABLE', message: 'silent' });
    expect((await bench.entries()).filter(({ content }) => content['withheld'] === 'external')).not.toEqual([]);
  });
});

const EXCHANGE = { call: 'mdl_1', job: 'phrase', provider: 'openai', model: 'm', digest: '', why: '' };
const record = (bench: Bench, caller: Caller, phase: string) =>
  bench.call(caller, 'inventory', 'model.record', {
    ...{ input: { ...EXCHANGE, phase, tokensIn: 5, tokensOut: 6 }, purpose: 'chat:thr_1' },
  });

describe('an exchange with a model', () => {
  it.each([
    [{}, MODEL, 'withheld'],
    [{ acme: 'local' }, MODEL, 'withheld'],
    [{ acme: 'local' }, LOCAL, 'permitted'],
    [{ acme: 'any' }, MODEL, 'permitted'],
    [{ acme: 'any' }, AGENT, 'withheld'],
  ] as const)('with settings %j is %s', async (tenantModels, caller, says) => {
    const bench = await createBench({ tenantModels });
    const answer = await record(bench, caller, 'asked');
    expect(answer.status === 'done' && answer.evidence).toMatchObject([{ resource: 'model/mdl_1', value: says }]);
    const entries = (await bench.entries()).filter(({ kind }) => kind === 'model.call');
    expect(entries).toMatchObject([
      {
        ...{ human: 'operator@acme', agent: 'troubleshooter', tenant: 'acme', session: 'ses_operator@acme' },
        content: { ...EXCHANGE, phase: 'asked', tokensIn: 5, verdict: says, purpose: 'chat:thr_1' },
      },
    ]);
  });

  it('is an agent’s to record, and in the form asked for', async () => {
    const bench = await createBench({ tenantModels: { acme: 'any' } });
    expect(await outcomeOf(record(bench, OPERATOR, 'asked'))).toBe('DENIED');
    expect(await outcomeOf(record(bench, MODEL, 'approved'))).toBe('INPUT_INVALID');
    const text = { ...EXCHANGE, phase: 'used', tokensIn: 1, tokensOut: 1, digest: 'the text itself' };
    const sent = bench.call(MODEL, 'inventory', 'model.record', { input: text, purpose: 'chat:1' });
    expect(await outcomeOf(sent)).toBe('INPUT_INVALID');
  });

  it('is refused when the log does not take it', async () => {
    const bench = await createBench({ tenantModels: { acme: 'any' } });
    bench.turn.failAudit = ({ kind }) => kind === 'model.call';
    expect(await outcomeOf(record(bench, MODEL, 'asked'))).not.toBe('done');
  });
});
