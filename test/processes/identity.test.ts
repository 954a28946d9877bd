/** Identity over a whole installation: keys that rotate under load, agents whose files changed, and who may go on afterwards. */
import { randomBytes } from 'node:crypto';
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createBrokerClient } from '../../agents/broker/broker-client.ts';
import { makeAgentCertificates } from '../../apps/agent-certificates.ts';
import { DIST, digestParts } from '../../apps/agent-launch.ts';
import { createIdentityClient } from '../../apps/client/identity-client.ts';
import { createScheduleClient } from '../../apps/client/schedule-client.ts';
import { createMutualFetch } from '../../apps/compose/mutual-fetch.ts';
import { startWorkerProcess } from '../../apps/start-worker.ts';
import { wantedSchedule } from '../../broker/identity/schedules.ts';
import { importSigningKey } from '../../protocols/oauth/jwk.ts';
import { collect, newFolder, openStage, type Person, type Stage, until } from './fixture.ts';

let stage: Stage;
let admin: Person;
let operator: Person;
beforeAll(async () => {
  stage = await openStage({ tenants: 'acme:s,globex:s' });
  admin = await stage.signIn('admin@acme');
  operator = await stage.signIn('operator@acme');
});
afterAll(() => stage.close());

/** Whether the agents get an answer from the broker. */
async function asks(person: Person): Promise<boolean> {
  const items = await collect(person.chat.ask('show the devices'));
  return !items.some((item) => 'type' in item && item.type === 'error');
}

describe('keys', () => {
  it.each(['tokens', 'agents', 'policy', 'vault', 'audit'])(
    'of the kind %s rotate while everything goes on',
    async (kind) => {
      const identity = createIdentityClient(admin.session);
      const namesOf = async (): Promise<readonly string[]> =>
        (await identity.keys()).filter((key) => key.kind === kind).map(({ id }) => id);
      const before = await namesOf();
      const answers = Promise.all([asks(operator), asks(operator), identity.rotateKey(kind), asks(operator)]);
      expect((await answers).filter((answer) => answer === false)).toEqual([]);
      const after = await namesOf();
      expect(after.some((id) => !before.includes(id))).toBe(true);
      if (kind === 'agents') expect(after.filter((id) => before.includes(id))).toEqual([]);
      expect(await asks(operator)).toBe(true);
      expect(await asks(await stage.signIn('operator@acme'))).toBe(true);
      const args = { target: { devices: ['br1_edge'] }, input: {}, purpose: 'chat:1' };
      expect((await operator.call('diagnostics', 'system.read', args)).status).toBe('done');
    },
  );

  it('are as good after a restart of the broker', async () => {
    await stage.killBroker();
    await stage.restartBroker();
    const again = await stage.signIn('operator@acme');
    expect(await asks(again)).toBe(true);
  });

  it('are looked at and rotated by people with a role for it', async () => {
    const identity = createIdentityClient((await stage.signIn('operator@acme')).session);
    await expect(identity.keys()).rejects.toMatchObject({ code: 'DENIED' });
    await expect(identity.rotateKey('tokens')).rejects.toMatchObject({ code: 'DENIED' });
    const keeper = createIdentityClient((await stage.signIn('admin@acme')).session);
    await expect(keeper.rotateKey('everything')).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('an agent', () => {
  it('has a digest for each thing that makes it, and each change is seen in its own', () => {
    const before = digestParts({ name: 'openai:gpt', baseUrl: '' });
    expect(Object.keys(before)).toEqual(['code', 'dependencies', 'model', 'model-class', 'prompts', 'tools']);
    expect(digestParts({ name: 'openai:other', baseUrl: '' })).toEqual({
      ...before,
      model: expect.not.stringMatching(before['model'] ?? ''),
    });
    const file = path.join(DIST, 'tools', 'registry.js');
    const content = readFileSync(file, 'utf8');
    try {
      appendFileSync(file, '\n// another tool\n');
      expect(digestParts({ name: 'openai:gpt', baseUrl: '' })).toEqual({
        ...before,
        tools: expect.not.stringMatching(before['tools'] ?? ''),
      });
    } finally {
      writeFileSync(file, content);
    }
    expect(digestParts({ name: 'openai:gpt', baseUrl: '' })).toEqual(before);
  });

  it('whose model changed may do nothing until two people approved it', async () => {
    const folder = stage.config.home;
    await stage.installation.stop();
    stage = await openStage(
      { tenants: 'acme:s,globex:s', model: 'ollama:another', modelBaseUrl: 'http://127.0.0.1:9' },
      folder,
    );
    const asker = await stage.signIn('operator@acme');
    const inventory = (agent: string): Promise<string> =>
      createIdentityClient(admin.session)
        .agents()
        .then((all) => all.find((one) => one.agent === agent && one.running)?.status ?? 'gone');
    admin = await stage.signIn('admin@acme');
    expect(await asks(asker)).toBe(false);
    const [own] = await createIdentityClient(admin.session).agents();
    await expect(
      createIdentityClient(admin.session).approveAgent(own?.agent ?? '', own?.digest ?? '', 'for all tenants'),
    ).rejects.toMatchObject({ code: 'DENIED' });
    const providers = [await stage.signIn('provider@acme'), await stage.signIn('provider@globex')];
    const keepers = providers.map(({ session }) => createIdentityClient(session));
    for (const keeper of keepers) {
      expect(await inventory('troubleshooter')).toBe('pending');
      const waiting = (await keeper.agents()).filter((one) => one.running);
      expect(new Set(waiting.flatMap(({ changed }) => changed))).toEqual(new Set(['model', 'model-class']));
      for (const { agent, digest } of waiting) await keeper.approveAgent(agent, digest, 'another model, reviewed');
    }
    expect(await inventory('troubleshooter')).toBe('approved');
    expect(await asks(asker)).toBe(true);
    await createIdentityClient(admin.session).stopAgent('troubleshooter', 'enough');
    expect(await inventory('troubleshooter')).toBe('stopped');
  });
});

const REDIS_URL = process.env['REDIS_URL'] ?? '';

describe('with certificates between agents and broker', () => {
  let mutual: Stage;
  let person: Person;
  beforeAll(async () => {
    // A queue on a server, where there is one: further workers need it.
    const databaseSchema = `mutual_${randomBytes(6).toString('hex')}`;
    mutual = await openStage({ tenants: 'acme:s', agentCertificates: 'yes', redisUrl: REDIS_URL, databaseSchema });
    person = await mutual.signIn('operator@acme');
  });
  afterAll(() => mutual.close());

  /** Where agents connect; `run.json` does not say, since nobody else should. */
  const mutualUrl = (): string => z.object({ mutualUrl: z.url() }).parse(mutual.child('broker').ready).mutualUrl;

  it('agents work, also after a restart of the broker, and people need none', async () => {
    expect(await asks(person)).toBe(true);
    await mutual.killBroker();
    await mutual.restartBroker();
    expect(await asks(await mutual.signIn('operator@acme'))).toBe(true);
  });

  it('an agent with its key and a token of a person, but without the certificate, gets nothing', async () => {
    const folder = mutual.home.supervisor;
    const pem = z.object({ pem: z.string() });
    const keyOf = (client: string) =>
      importSigningKey(pem.parse(JSON.parse(readFileSync(path.join(folder, `${client}.key.json`), 'utf8'))).pem);
    const { brokerUrl } = mutual.installation.running;
    const humanToken = await (await mutual.signIn('operator@acme')).session.token('urn:wayleave:agents');
    const delegation = { humanToken, agent: 'troubleshooter' } as const;
    const plain = createBrokerClient({ brokerUrl, keyOf, fetch, now: () => Date.now() });
    await expect(plain.listTools(delegation, 'diagnostics')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });

    const stranger = await makeAgentCertificates(Date.now());
    const own = { url: mutualUrl(), ca: stranger.ca, ...stranger.agents };
    const through = createMutualFetch(brokerUrl, own);
    const other = createBrokerClient({ brokerUrl, keyOf, fetch: through, now: () => Date.now() });
    await expect(other.listTools(delegation, 'diagnostics')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it.skipIf(REDIS_URL === '')(
    'a further worker has a certificate of its own: a sweep runs while the agents are away (needs REDIS_URL)',
    async () => {
      const client = createScheduleClient((await mutual.signIn('operator@acme')).session);
      const { id } = await client.add(
        wantedSchedule.parse({ agent: 'health-monitor', title: 'sweep', when: { everyMinutes: 10_080 } }),
      );
      mutual.child('agents').kill('SIGKILL');
      await mutual.child('agents').ended;
      const worker = await startWorkerProcess(mutual.config, () => mutual.installation.running, 2, 0);
      try {
        const run = await client.runNow(id);
        const ended = await until(async () => {
          const found = (await client.runs(id)).find((one) => one.id === run);
          if (found?.endedAt === undefined) throw new Error('the run has not ended');
          return found;
        }, 60_000);
        expect(ended).toMatchObject({ outcome: 'done' });
      } finally {
        await worker.stop();
        await mutual.installation.restartAgents();
      }
    },
    120_000,
  );

  it('a worker of a folder without that certificate is told so', () => {
    const elsewhere = { ...mutual.config, home: newFolder(), redisUrl: 'redis://127.0.0.1:1' };
    expect(() => startWorkerProcess(elsewhere, () => mutual.installation.running, 1, 0)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('no certificate') }),
    );
    rmSync(elsewhere.home, { recursive: true, force: true });
  });

  it('nobody without a certificate of that start comes in, whatever they believe', async () => {
    const { agents } = await makeAgentCertificates(Date.now());
    const knock = (more: object): Promise<string> =>
      new Promise((resolve) => {
        const asked = request(
          `${mutualUrl()}/healthz`,
          { rejectUnauthorized: false, agent: false, ...more },
          (answer) => resolve(`answered ${answer.statusCode}`),
        );
        asked.once('error', () => resolve('refused'));
        asked.end();
      });
    expect(await Promise.all([knock({}), knock(agents)])).toEqual(['refused', 'refused']);
  });
});
