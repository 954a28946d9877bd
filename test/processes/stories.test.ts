/** The six stories against running processes: what is broken shows, the agents find it, and nothing on the way names it before them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Evidence } from '../../broker/contract.ts';
import { holds } from '../../scenarios/assert.ts';
import { loadTourStory, TOUR_IDS } from '../../scenarios/story.ts';
import { toolRead, toReadings } from '../../scenarios/tool-reads.ts';
import { TOOLS } from '../../tools/registry.ts';
import { collect, openStage, type Person, type Stage, until } from './fixture.ts';

/** All at one branch, so that the tenant's limit on changed devices is never what stops a proposal. */
const BRANCH = 2;
const catalogue = z.object({ fault_types: z.array(z.object({ fault_type: z.string() })) });
const NAMES = catalogue
  .parse(JSON.parse(readFileSync(new URL('../../scenarios/catalogue/fault-types.json', import.meta.url), 'utf8')))
  .fault_types.map(({ fault_type: name }) => name);

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ tenants: 'acme:m' });
});
afterAll(() => stage.close());

const namesIn = (text: string): readonly string[] => NAMES.filter((name) => text.includes(name));

/** What tools need besides their targets. */
const INPUTS: { readonly [tool: string]: { readonly [key: string]: number | string | readonly string[] } } = {
  'routes.read': { vrf: 10 },
  'events.read': { last: 500 },
  'telemetry.read': {
    ...{ kind: 'readings', resource: 'interface/br1_edge/ge0/0' },
    ...{ from: '2026-01-05T00:00:00Z', to: '2026-01-06T00:00:00Z' },
  },
  'config.read': { section: 'bgp' },
  'config.leaves': { sections: ['bgp'] },
  'flows.read': { from: '2026-01-06T08:00:00Z', until: '2026-01-06T09:00:00Z' },
};
const READS = TOOLS.filter(({ domain, effect }) => domain === 'diagnostics' && effect === 'read');

/** What one read brings from every device. */
async function readAll(person: Person, tool: (typeof READS)[number]): Promise<string> {
  const devices = stage.inventory.tenants.flatMap((tenant) =>
    tenant.devices.filter(({ role }) => role !== 'controller').map(({ name }) => name),
  );
  const input = INPUTS[tool.name] ?? {};
  const targets = tool.targets === 'none' ? [undefined] : tool.targets === 'one' ? devices : [devices];
  const answers = targets.map((target) =>
    person
      .call('diagnostics', tool.name, {
        ...(target === undefined ? {} : { target: { devices: [target].flat() } }),
        input,
        purpose: 'chat:look',
      })
      .catch((error: unknown) => {
        // A device that is down is part of the picture; a call of ours that is wrong is not.
        expect(error).toMatchObject({ code: expect.stringMatching(/^DEVICE_/) });
        return { refused: String(error) };
      }),
  );
  return JSON.stringify(await Promise.all(answers));
}

async function observe(
  person: Person,
  tool: string,
  devices: readonly string[],
  input: Record<string, string | number | boolean>,
): Promise<readonly Evidence[]> {
  const target = devices.length === 0 ? {} : { target: { devices } };
  const answer = await person.call('diagnostics', tool, { ...target, input, purpose: 'chat:look' });
  return answer.status === 'done' ? answer.evidence : [];
}

it('the names that are looked for are in use, and the reads are all there are', () => {
  expect(NAMES.length).toBeGreaterThan(50);
  for (const id of TOUR_IDS) expect(NAMES).toContain(loadTourStory(id).fault.type);
  expect(READS.length).toBeGreaterThan(10);
});

describe.each(TOUR_IDS)('%s', (id) => {
  const told = loadTourStory(id);
  // A story that needs more than any branch has happens where it is.
  const story = told.needs.length > 0 ? told : loadTourStory(id, BRANCH);
  let fault = '';
  afterAll(() => stage.network.clear(fault));

  it('shows, is found by its symptoms, and is named by nothing but the finding', async () => {
    // A login of its own: the rate of a session is for one diagnosis, not for six.
    const operator = await stage.signIn('operator@acme');
    const auditor = await stage.signIn('auditor@acme');
    const from = (await auditor.desk.auditEntries(0, 1000)).at(-1)?.index ?? 0;
    const log = () => auditor.desk.auditEntries(from + 1, 1000);
    fault = await stage.network.inject('acme', story.fault.type, story.fault.resource);
    for (const symptom of story.symptoms) {
      await until(async () => {
        const { tool, devices, input } = toolRead(symptom) ?? { tool: '', devices: [], input: {} };
        const seen = toReadings(symptom, await observe(operator, tool, devices, input));
        expect(holds(symptom, seen), symptom.says).toBe(true);
      });
    }
    const reader = await stage.signIn('operator@acme');
    for (const tool of READS) expect(namesIn(await readAll(reader, tool)), tool.name).toEqual([]);
    const seen = [
      JSON.stringify(await reader.desk.inventory()),
      JSON.stringify(await reader.call('inventory', 'inventory.topology', { input: {}, purpose: 'chat:look' })),
      JSON.stringify(await log()),
    ];
    expect(seen.map(namesIn)).toEqual(seen.map(() => []));

    // The agents find it with no more than that; until they do, their stream does not name it either.
    const asker = await stage.signIn('operator@acme');
    const told = await collect(asker.chat.ask(story.question));
    const findings = told.flatMap((item) => ('type' in item && item.type === 'finding' ? [item] : []));
    expect(findings[0]?.rootCauses).toContainEqual(
      expect.objectContaining({ resource: story.tour.resource, faultType: story.tour.fault_type }),
    );
    const first = told.findIndex((item) => 'type' in item && item.type === 'finding');
    expect(namesIn(JSON.stringify(told.slice(0, first)))).toEqual([]);

    // In the log it is the title of the incident that the agents opened, and nowhere else.
    const naming = (await log()).filter((entry) => namesIn(JSON.stringify(entry)).length > 0);
    expect(naming.filter(({ agent, tool }) => agent !== 'troubleshooter' || tool !== 'incident.open')).toEqual([]);
  }, 120_000);
});

it('no process wrote a name to its log', () => {
  for (const name of ['witness', 'simulators', 'broker', 'agents'])
    expect(namesIn(readFileSync(path.join(stage.home.logs, `${name}.log`), 'utf8')), name).toEqual([]);
  expect(stage.crashes).toEqual([]);
});
