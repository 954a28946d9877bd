/** A whole installation with a language model: one tenant lets it in, the other does not, and the log tells every exchange. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fenced, type ModelServer, say, startModelServer } from '../agents/model/model-server.ts';
import { runWayleave } from './command-line.ts';
import { collect, openStage, type Stage } from './fixture.ts';

let server: ModelServer;
let stage: Stage;
beforeAll(async () => {
  server = await startModelServer(say((asked) => `Put simply. ${fenced(asked)}`, { in: 321, out: 45 }));
  stage = await openStage({
    tenants: 'acme:s,globex:s',
    ...{ model: 'openai:tiny', modelBaseUrl: `${server.url}/v1`, tenantModels: 'acme=local' },
  });
});
afterAll(async () => {
  await stage.close();
  await server.close();
});

const QUESTION = 'why can branch 1 not reach the ERP?';

it('puts the answer of a tenant that lets it in into words, and the log has both ends of it', async () => {
  const asker = await stage.signIn('operator@acme');
  const items = await collect(asker.chat.ask(QUESTION));
  const texts = items.flatMap((item) => ('type' in item && item.type === 'text' ? [item.text] : []));
  expect(texts.join('\n')).toContain('(Put into words by openai:tiny;');
  expect(server.asked).toHaveLength(1);

  const said = await runWayleave(stage, 'models', 'journal', '--as', 'auditor@acme', '--json');
  const journal = JSON.parse(said.out);
  expect(journal).toMatchObject([
    {
      ...{ human: 'operator@acme', agent: 'troubleshooter', job: 'phrase', model: 'openai:tiny', class: 'local' },
      ...{ fate: 'used', tokens: { in: expect.any(Number), out: expect.any(Number) } },
    },
  ]);
  expect(journal[0].entries).toHaveLength(2);
  expect(journal[0].digests.prompt).toMatch(/^sha256:[0-9a-f]{64}$/);
  const proof = await runWayleave(stage, 'audit', 'prove', String(journal[0].entries[0]), '--as', 'auditor@acme');
  expect(proof).toMatchObject({ exit: 0 });
});

it('is told nothing of a tenant that does not, and the agents are not told what people wrote there', async () => {
  const before = server.asked.length;
  const asker = await stage.signIn('operator@globex');
  const items = await collect(asker.chat.ask(QUESTION));
  expect(items.some((item) => 'type' in item && item.type === 'finding')).toBe(true);
  expect(server.asked).toHaveLength(before);
  const { out } = await runWayleave(stage, 'models', 'journal', '--as', 'auditor@globex');
  expect(out).toContain('withheld');
  // What a person reads with a client of his own is his to read.
  const own = await asker.call('diagnostics', 'interfaces.read', {
    ...{ target: { devices: ['br1_edge'] }, input: {}, purpose: 'chat:own' },
  });
  expect(JSON.stringify(own)).not.toContain('[withheld]');
});

it('shows by the command line what is launched, and who lets it in', async () => {
  const env = ['--as', 'admin@acme', '--json'];
  const { out } = await runWayleave(stage, 'models', ...env);
  expect(JSON.parse(out).launched).toContainEqual({ agent: 'troubleshooter', class: 'local' });
});
