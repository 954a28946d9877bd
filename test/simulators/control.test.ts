/** The testers' door gives personas to devices and refuses what it does not know. */
import { expect, it } from 'vitest';
import { type ControlDeps, createControlApp } from '../../simulators/control.ts';
import { createNetwork } from '../../simulators/model/create-network.ts';
import type { Persona } from '../../simulators/protocols/netconf/personas.ts';
import { PERSONA_NAMES } from '../../simulators/protocols/persona.ts';
import { refnet } from '../../simulators/topologies/refnet.ts';

const given: Persona[] = [];
const toAgent: unknown[] = [];
const DEPS: ControlDeps = {
  present: () => expect.fail('the network is not asked'),
  faultTypes: [],
  trouble: (_tenant, device) =>
    device === 'br1_edge'
      ? { hold: () => expect.fail('no hold is asked'), setPersona: (persona) => void given.push(persona) }
      : undefined,
  agent: (_tenant, device) =>
    device === 'br1_edge' ? { setPersona: (persona) => void toAgent.push(persona) } : undefined,
  collectors: () => expect.fail('no collector is asked'),
  token: 'secret',
};
const app = createControlApp(DEPS);
const KNOWN = { authorization: 'Bearer secret' };
/** The door to a network whose clock stands at an instant. */
function at(startAt: number) {
  const topology = refnet({ tenant: 'acme', branches: 2, seed: 1, tenantIndex: 0 });
  const network = createNetwork({ topology, seed: 1, startAt, faults: [] });
  return createControlApp({ ...DEPS, present: () => network });
}
const ask = (path: string, body?: object) =>
  app.request(path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: 'Bearer secret' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });

it('tells the time of the network, to whom it knows', async () => {
  expect(await (await at(1_700_000_000_000).request('/clock', { headers: KNOWN })).json()).toEqual({
    now: 1_700_000_000_000,
  });
  expect((await app.request('/clock')).status).toBe(401);
});

it('lists the personas, each with its sentence', async () => {
  const list: unknown = await (await ask('/personas')).json();
  expect(list).toMatchObject(PERSONA_NAMES.map((name) => ({ name, does: expect.stringMatching(/^[A-Z].*\.$/) })));
});

it('gives one to a device, and refuses an unknown persona, step or device', async () => {
  const form = { tenant: 'acme', device: 'br1_edge', persona: 'drops-session' };
  expect((await ask('/persona', { ...form, step: 3 })).status).toBe(200);
  expect((await ask('/persona', { ...form, persona: 'none' })).status).toBe(200);
  expect((await ask('/persona', { ...form, persona: 'wrong-clock' })).status).toBe(200);
  expect(toAgent).toContain('wrong-clock');
  expect(given.slice(0, 2)).toEqual([{ name: 'drops-session', step: 3 }, { name: 'none' }]);
  const before = given.length;
  for (const wrong of [{ persona: 'friendly' }, { step: 0 }, { device: 'br9_edge' }])
    expect((await ask('/persona', { ...form, ...wrong })).status).toBe(400);
  expect(given).toHaveLength(before);
});
