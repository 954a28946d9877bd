/** `wayleave device certify`: which port it takes, how it waits for the approval, and what it shows in the end. */
import { describe, expect, it } from 'vitest';
import type { Answer, CallArguments } from '../../../broker/contract.ts';
import type { DeviceView } from '../../../broker/http/control-desk.ts';
import { CHANGE, type Fakes, wayleave } from './fake-io.ts';

const AS = ['--as', 'operator@acme'];
const VIEW: DeviceView = {
  device: { tenant: 'acme', name: 'br2_edge', role: 'edge', site: 'br2', systemIp: '10.0.0.2', ladder: 'confirmed' },
  quarantine: [],
  certificate: {
    ...{ tenant: 'acme', device: 'br2_edge', certifiedAt: '2026-03-01T12:00:00Z', certifiedBy: 'operator@acme' },
    ...{ intent: 'int_1', hostKey: 'SHA256:x', ladder: 'confirmed', base: ['1.0', '1.1'] },
    quirks: {
      ...{ candidate: true, confirmedCommit: true, writableRunning: false, rollbackOnError: true, validate: true },
      ...{ locks: true, keepsValidatedCandidate: false, revertsOnTimeout: true, maxChunk: 65_000 },
    },
    streams: [{ name: 'NETCONF', replay: true }],
  },
};
const config = (...ports: readonly string[]) => ({
  ...{ id: 'evd_1', tenant: 'acme', resource: 'node/br2_edge', signal: 'config', source: '' },
  value: `<interfaces xmlns="urn:x">${ports.map((name) => `<interface><name>${name}</name></interface>`).join('')}</interfaces>`,
  ...{ observedAt: '', collectedAt: '', intent: '' },
});

/** Tools that answer a read of the configuration, and a certification with `answer`. */
function setUp(answer: Answer, read = [config('ge0/0', 'ge0/1')]) {
  const calls: (readonly [string, string, CallArguments])[] = [];
  const fakes: Fakes = {
    control: { device: async () => VIEW },
    tools: async (domain) => ({
      listTools: async () => [],
      callTool: async (tool, args) => {
        calls.push([domain, tool, args]);
        return tool === 'config.read' ? { status: 'done', intent: 'int_0', evidence: read } : answer;
      },
      close: async () => undefined,
    }),
  };
  return { calls, fakes };
}

describe('wayleave device certify', () => {
  it('proposes on the last port, and says how to go on', async () => {
    const { calls, fakes } = setUp({ status: 'pending', intent: 'int_1', approval: 'apr_1', summary: CHANGE });
    const said = await wayleave(['device', 'certify', 'br2_edge', ...AS], fakes);
    expect(said.exit).toBe(8);
    expect(calls[1]).toMatchObject([
      'inventory',
      'device.certify',
      { target: { devices: ['br2_edge'] }, input: { interface: 'ge0/1' } },
    ]);
    expect(said.out).toContain('int_1 waits for approval apr_1');
    expect(said.err).toContain('wayleave device certify br2_edge --interface ge0/1 --intent int_1 --as operator@acme');
  });

  it('refuses a device that shows no port', async () => {
    for (const read of [[], [config()], [{ ...config(), value: 'no XML' }]]) {
      const { calls, fakes } = setUp({ status: 'pending', intent: 'int_1', approval: 'apr_1', summary: CHANGE }, read);
      expect((await wayleave(['device', 'certify', 'br2_edge', ...AS], fakes)).exit).toBe(1);
      expect(calls.map(([, tool]) => tool)).toEqual(['config.read']);
    }
  });

  it('goes on with the intent, and shows what was learnt', async () => {
    const receipt = { outcome: 'succeeded', detail: 'certified: ladder confirmed' };
    const done = { status: 'done', intent: 'int_1', evidence: [], receipt } as unknown as Answer;
    const { calls, fakes } = setUp(done);
    const args = ['device', 'certify', 'br2_edge', '--interface', 'ge0/2', '--intent', 'int_1', ...AS];
    const said = await wayleave(args, fakes);
    expect(said.exit).toBe(0);
    expect(calls).toHaveLength(1);
    expect(calls[0]?.[2]).toMatchObject({ intent: 'int_1', input: { interface: 'ge0/2' } });
    for (const words of [
      'int_1 succeeded: certified: ladder confirmed',
      'keeps a validated candidate no',
      'reverts when cancelled      not seen',
      'largest chunk taken         65000 bytes',
      'NETCONF (replay)',
    ])
      expect(said.out).toContain(words);
    const json = await wayleave([...args, '--json'], setUp(done).fakes);
    expect(JSON.parse(json.out)).toMatchObject({ receipt, certificate: { ladder: 'confirmed' } });
  });
});
