/** Breaking and repairing the simulated network from the command line, and devices that are trouble, through the testers' door. */
import { describe, expect, it } from 'vitest';
import { createControlApp } from '../../../simulators/control.ts';
import { type ActiveFault, ModelError, type Network } from '../../../simulators/model/network.ts';
import { RUNNING, wayleave } from './fake-io.ts';

describe('wayleave fault', () => {
  const active: ActiveFault[] = [];
  const personas: object[] = [];
  const network = {
    faults: () => active,
    bearers: () => ['interface/br1_edge/ge0/0'],
    inject: (request: { readonly tenant: string; readonly type: string; readonly resource: string }) => {
      if (request.type !== 'link_down') throw new ModelError('FAULT_UNKNOWN', `there is no fault ${request.type}`);
      active.push({ id: 'flt_1', ...request });
      return 'flt_1';
    },
    clear: (id: string) => {
      if (id !== 'flt_1') throw new ModelError('FAULT_UNKNOWN', 'there is no such fault');
      active.length = 0;
    },
  } as unknown as Network;
  const app = createControlApp({
    present: () => network,
    faultTypes: [{ type: 'link_down', kinds: ['interface'], mechanism: 'the cable is cut' }],
    trouble: (_, device) =>
      device === 'br1_edge'
        ? { hold: () => expect.fail('no hold is asked'), setPersona: (persona) => void personas.push(persona) }
        : undefined,
    agent: () => undefined,
    collectors: () => undefined,
    token: RUNNING.simulators.token,
  });
  const simulators = {
    io: { fetch: async (url: string | URL | Request, init?: RequestInit) => app.request(String(url), init) },
  };
  const run = (...args: readonly string[]) => wayleave(['fault', ...args], simulators);

  it('injects, lists and clears through the real door of the simulators', async () => {
    const injected = await run('inject', 'link_down', 'interface/br1_edge/ge0/0', '--tenant', 'acme');
    expect(injected).toMatchObject({ exit: 0, out: 'flt_1: link_down at interface/br1_edge/ge0/0 of acme\n' });
    const listed = await run('list');
    expect(listed.out).toMatch(/^flt_1 +acme +link_down +interface\/br1_edge\/ge0\/0$/m);
    expect(listed.out).toMatch(/^link_down +interface +the cable is cut$/m);
    expect((await run('places', 'link_down', '--tenant', 'acme')).out).toBe('interface/br1_edge/ge0/0\n');
    expect(await run('clear', 'flt_1')).toMatchObject({ exit: 0, out: 'flt_1 is cleared.\n' });
    expect(JSON.parse((await run('list', '--json')).out).faults).toEqual([]);
  });

  it('says in the words of the simulators what cannot be', async () => {
    const said = await run('inject', 'gremlins', 'node/br1_edge', '--tenant', 'acme');
    expect(said.exit).toBe(2);
    expect(said.err).toContain('FAULT_INVALID: there is no fault gremlins');
    expect((await run('clear', 'flt_2')).exit).toBe(2);
    expect((await run('inject', 'link_down', 'node/br1_edge')).exit).toBe(2);
  });

  it('makes a device trouble and well again, and says which there are', async () => {
    const listed = await run('personas');
    expect(listed.out).toMatch(/^hung +netconf +Says hello, takes every rpc and never answers one\.$/m);
    const dropped = await run('persona', 'br1_edge', 'drops-session', '--tenant', 'acme', '--step', '3');
    expect(dropped).toMatchObject({ exit: 0, out: 'br1_edge of acme: drops-session\n' });
    expect((await run('persona', 'br1_edge', 'none', '--tenant', 'acme')).exit).toBe(0);
    expect(personas).toEqual([{ name: 'drops-session', step: 3 }, { name: 'none' }]);
    const unknown = await run('persona', 'br1_edge', 'moody', '--tenant', 'acme');
    expect(unknown.exit).toBe(2);
    expect(unknown.err).toMatch(/FAULT_INVALID: persona: .*"xml-bomb"/);
    expect((await run('persona', 'br9_edge', 'hung', '--tenant', 'acme')).err).toContain('there is no device br9_edge');
    expect((await run('persona', 'br1_edge', 'hung', '--tenant', 'acme', '--step', '0')).err).toContain('at least 1');
    expect(personas).toHaveLength(2);
  });

  it('says that the simulators are gone, or are not the ones of this folder', async () => {
    const gone = { io: { fetch: () => Promise.reject(new TypeError('fetch failed')) } };
    expect((await wayleave(['fault', 'list'], gone)).err).toContain('UNAVAILABLE');
    const foreign = {
      ...simulators,
      doors: { simulators: () => ({ url: 'http://x', token: 'no' }) },
    };
    expect((await wayleave(['fault', 'list'], foreign)).err).toContain('status 401');
  });
});
