/** `wayleave models` and what `doctor` says of a language model. */
import { describe, expect, it } from 'vitest';
import { joinExchanges } from '../../../apps/cli/commands/models.ts';
import { wayleave } from './fake-io.ts';

const AS = ['--as', 'auditor@acme'];
const entry = (index: number, phase: string, more: object = {}, call = 'mdl_1') => ({
  ...{
    index,
    at: `2026-01-05T09:00:0${index}Z`,
    tenant: 'acme',
    kind: 'model.call',
    human: 'op@acme',
    agent: 'router',
  },
  content: {
    ...{
      call,
      phase,
      job: 'phrase',
      provider: 'ollama',
      model: 'm',
      modelClass: 'local',
      digest: `sha256:${'a'.repeat(64)}`,
    },
    ...{ tokensIn: 10, tokensOut: 0, why: '', purpose: 'chat:thr_1', ...more },
  },
});

describe('the journal', () => {
  it('puts both entries of an exchange together, and says what became of one without an end', () => {
    const exchanges = joinExchanges([
      entry(1, 'asked', { verdict: 'permitted' }),
      entry(2, 'asked', { verdict: 'withheld' }, 'mdl_2'),
      entry(3, 'refused', { tokensIn: 12, tokensOut: 7, why: 'it left out a cause', digest: 'sha256:b' }),
      entry(4, 'asked', { verdict: 'permitted' }, 'mdl_3'),
      { ...entry(5, 'asked'), content: { call: 'mdl_4', phase: 'of another form' } },
    ]);
    expect(exchanges.map(({ call, fate, entries }) => [call, fate, entries])).toEqual([
      ['mdl_1', 'refused', [1, 3]],
      ['mdl_2', 'withheld', [2]],
      ['mdl_3', 'open', [4]],
    ]);
    expect(exchanges[0]).toMatchObject({ tokens: { in: 12, out: 7 }, why: 'it left out a cause', model: 'ollama:m' });
    expect(exchanges[0]?.digests).toEqual({ prompt: `sha256:${'a'.repeat(64)}`, answer: 'sha256:b' });
  });

  it('is read from the log, whatever else is in it', async () => {
    const noise = { ...entry(0, 'asked'), kind: 'outcome' };
    const log = [noise, entry(1, 'asked', { verdict: 'permitted' }), noise, entry(3, 'used', { tokensOut: 9 })];
    const control = {
      auditCheckpoint: async () => 'wayleave\n4\nhash\n',
      auditEntries: async (from: number, count: number) =>
        log.slice(from, from + count).map((one, at) => ({ ...one, index: from + at })),
    };
    const said = await wayleave(['models', 'journal', '--json', ...AS], { control });
    expect(said.exit).toBe(0);
    expect(JSON.parse(said.out)).toMatchObject([{ call: 'mdl_1', fate: 'used', tokens: { in: 10, out: 9 } }]);
    const shown = await wayleave(['models', 'journal', '-n', '5', ...AS], { control });
    expect(shown.out).toMatch(/ollama:m +10\/9 +used +aaaaaaaaaaaa/);
    expect((await wayleave(['models', 'journal', '-n', '0', ...AS], { control })).exit).toBe(2);
  });
});

it('says what was launched, and which tenants let it in', async () => {
  const one = {
    agent: 'router' as const,
    digest: 'd',
    parts: {},
    launchKey: 'k',
    votes: [],
    shipped: true,
    firstSeenAt: '',
  };
  const agents = async () => [
    { ...one, status: 'approved' as const, running: true, changed: [], model: 'local' as const },
  ];
  const said = await wayleave(['models', ...AS], {
    identity: { agents },
    io: { env: { WAYLEAVE_MODEL: 'ollama:m', WAYLEAVE_TENANT_MODELS: 'acme=local' } },
  });
  expect(said.out).toContain('Model:   ollama:m');
  expect(said.out).toContain('Launched with: local');
  expect(said.out).toContain('Tenants: acme=local');
});

it('warns in doctor when a model is configured that nobody lets in', async () => {
  const rowOf = async (settings: string) => {
    const env = { WAYLEAVE_MODEL: 'openai:m', WAYLEAVE_TENANT_MODELS: settings };
    const said = await wayleave(['doctor', '--json'], { io: { env } });
    const { checks } = JSON.parse(said.out);
    return checks.find(({ check }: { readonly check: string }) => check === 'language model');
  };
  expect(await rowOf('acme=local')).toMatchObject({
    ok: true,
    found: expect.stringContaining('external'),
    todo: expect.stringContaining('tenantModels'),
  });
  expect(await rowOf('acme=any')).toMatchObject({ ok: true, todo: '' });
});

it.each([
  ['gpt', 'a model without a provider'],
  ['openai:', 'a provider without a model'],
  ['azure:x', 'a provider that is not known'],
])('refuses %s (%s)', async (model) => {
  const said = await wayleave(['config', 'show'], { io: { env: { WAYLEAVE_MODEL: model } } });
  expect(said.exit).toBeGreaterThan(0);
  expect(said.err).toContain('openai:NAME');
});
