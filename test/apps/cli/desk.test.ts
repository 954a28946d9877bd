/** The approver's desk and the records: what is shown, what is sent, and what nobody may do without saying who they are. */
import { describe, expect, it } from 'vitest';
import type { PolicyView } from '../../../broker/http/control-desk.ts';
import type { QuarantineEntry } from '../../../broker/standing.ts';
import { approvalOf, type Fakes, mcp, wayleave } from './fake-io.ts';

const AS = ['--as', 'admin@acme'];

describe('--as', () => {
  it('is demanded with the list of seeded people, and never with their passwords', async () => {
    const said = await wayleave(['approvals', 'list']);
    expect(said.exit).toBe(2);
    expect(said.err).toContain('operator@acme (tenant-operator), admin@acme (tenant-admin)');
    expect(said.err).not.toContain('secret');
  });

  it('fails as a login that is not known', async () => {
    expect((await wayleave(['approvals', 'list', '--as', 'nobody@acme'])).exit).toBe(4);
  });

  it('ends the login with its command, also when that failed', async () => {
    const control = { incidents: () => Promise.reject(new Error('broken')) };
    expect(await wayleave(['incidents', ...AS], { control })).toMatchObject({ exit: 1, left: ['admin@acme'] });
  });

  it('works with a group that lists by itself', async () => {
    const said = await wayleave(['approvals', ...AS], { control: { approvals: async () => [approvalOf('pending')] } });
    expect(said.exit).toBe(0);
    expect(said.out).toContain('apr_1');
  });
});

describe('wayleave device', () => {
  const device = { tenant: 'acme', name: 'br2_edge', role: 'edge', site: 'br2', systemIp: '10.0.0.2' } as const;
  const entry: QuarantineEntry = {
    ...{ tenant: 'acme', device: 'br2_edge', detail: 'another key', since: '2026-03-01T00:00:00Z' },
    reason: 'host-key',
  };

  it('lists and shows quarantine, and says what was never certified', async () => {
    const control = {
      devices: async () => [{ device, quarantine: [entry] }],
      device: async () => ({ device: { ...device, ladder: 'candidate' } as const, quarantine: [] }),
    };
    const listed = await wayleave(['device', 'list', ...AS], { control });
    expect(listed.out).toMatch(
      /^DEVICE +ROLE +SITE +LADDER +CERTIFIED +QUARANTINE\nbr2_edge +edge +br2 +- +- +host-key\n/,
    );
    const shown = await wayleave(['device', 'show', 'br2_edge', ...AS], { control });
    expect(shown.out).toContain('not in quarantine');
    expect(shown.out).toContain('not certified');
  });

  it('releases with a reason, and not without', async () => {
    const asked: unknown[] = [];
    const control = {
      releaseDevice: async (...given: readonly string[]) => {
        asked.push(given);
        return [entry];
      },
    };
    expect((await wayleave(['device', 'release', 'br2_edge', ...AS], { control })).exit).toBe(2);
    const said = await wayleave(['device', 'release', 'br2_edge', '--reason', 'new key', '--json', ...AS], { control });
    expect(asked).toEqual([['br2_edge', 'new key']]);
    expect(JSON.parse(said.out)).toEqual({ released: [entry] });
  });
});

describe('wayleave policy', () => {
  const POLICY: PolicyView = {
    ...{ revision: 'ab'.repeat(32), stopped: null, problem: null },
    bundle: {
      ...{ id: 'pol_1', digest: `sha256:${'cd'.repeat(32)}`, activation: 3, since: '2026-03-01T00:00:00Z' },
      ...{ observe: [], leastApprovals: 1 },
    },
  };

  it('says what decides, and with its exit code whether changes are stopped', async () => {
    const going = await wayleave(['policy', 'status', ...AS], {
      control: { policy: async () => POLICY },
    });
    expect(going).toMatchObject({
      exit: 0,
      out: expect.stringMatching(/abababababababab\nbundle +pol_1, activation 3, .*\ndigest .*\nchanges +decided/),
    });
    const stopped = await wayleave(['policy', 'status', ...AS], {
      control: { policy: async () => ({ ...POLICY, stopped: 'the referee ended' }) },
    });
    expect(stopped).toMatchObject({ exit: 20, out: expect.stringContaining('STOPPED: the referee ended') });
  });

  it('lets changes go on with a reason, and not without', async () => {
    const asked: string[] = [];
    const control = {
      resumeChanges: async (reason: string) => {
        asked.push(reason);
        return 'the referee ended';
      },
    };
    expect((await wayleave(['policy', 'resume', ...AS], { control })).exit).toBe(2);
    const said = await wayleave(['policy', 'resume', '--reason', 'more memory', ...AS], { control });
    expect(said.out).toContain('the referee ended');
    expect(asked).toEqual(['more memory']);
  });
});

describe('wayleave approvals', () => {
  it('lists in columns, by status', async () => {
    const asked: unknown[] = [];
    const control: Fakes['control'] = {
      approvals: async (status) => {
        asked.push(status);
        return [approvalOf('pending')];
      },
    };
    const said = await wayleave(['approvals', 'list', '--status', 'pending', ...AS], { control });
    expect(asked).toEqual(['pending']);
    expect(said.out.split('\n')[0]).toMatch(/^APPROVAL +STATUS +CHANGE +DEVICES +ASKED BY +VOTES +UNTIL$/);
    expect(said.out).toContain('troubleshooter ← operator@acme  0/1 tenant-admin');
    expect((await wayleave(['approvals', 'list', '--status', 'nice', ...AS])).exit).toBe(2);
  });

  it('shows all that an approver should know', async () => {
    const votes = [
      { human: 'lead@acme', verdict: 'approve', reason: 'seen', at: '2026-03-01T12:01:00.000Z', entry: 7 },
    ] as const;
    const control = { approval: async () => approvalOf('pending', { votes }) };
    const { out, exit } = await wayleave(['approvals', 'show', 'apr_1', ...AS], { control });
    expect(exit).toBe(0);
    for (const words of [
      'bgp.set-local-as(br2_edge) {"as":65002}',
      'inc_1',
      'operator@acme (tenant-operator)',
      'troubleshooter ← operator@acme',
      'agents-propose-repairs: A repair of an open incident may be proposed.',
      'be approved by 1 × tenant-admin',
      '-<local-as>65012</local-as>',
      '+<local-as>65002</local-as>',
      'session/bgp/hub1_edge--br2_edge bgp.state idle → established',
      '1 device (br2_edge), 1 site (br2), 40 users, applications voice',
      'approve by lead@acme at 2026-03-01T12:01:00.000Z: seen',
      '2026-03-01T12:10:00.000Z',
    ]) {
      expect(out).toContain(words);
    }
    const json = await wayleave(['approvals', 'show', 'apr_1', '--json', ...AS], { control });
    expect(JSON.parse(json.out)).toEqual(approvalOf('pending', { votes }));
  });

  it.each([
    ['approve', 'approved'],
    ['reject', 'rejected'],
  ] as const)('sends %s with its reason, and says what became of it', async (verdict, status) => {
    const sent: unknown[] = [];
    const control: Fakes['control'] = {
      [verdict]: async (id: string, reason: string) => {
        sent.push([id, reason]);
        return approvalOf(status);
      },
    };
    const said = await wayleave(['approvals', verdict, 'apr_1', '--reason', ' ok ', ...AS], { control });
    expect(sent).toEqual([['apr_1', 'ok']]);
    expect(said).toMatchObject({ exit: 0, out: `apr_1 is ${status}.\n` });
  });

  it('sends no vote without a reason', async () => {
    expect((await wayleave(['approvals', 'approve', 'apr_1', ...AS])).exit).toBe(2);
    expect((await wayleave(['approvals', 'reject', 'apr_1', '--reason', ' ', ...AS])).exit).toBe(2);
  });
});

describe('records', () => {
  it('lists devices with their circuits', async () => {
    const device = { tenant: 'acme', name: 'br1_edge', role: 'edge', site: 'br1', systemIp: '10.255.0.1' } as const;
    const circuit = {
      device: 'br1_edge',
      interface: 'ge0/0',
      color: 'mpls',
      provider: 'isp1',
      onewayMs: 5,
      capacityBps: 1,
    };
    const view = { devices: [device], topology: { circuits: [circuit], hosts: [], addresses: [] } };
    const said = await wayleave(['inventory', 'list', ...AS], { control: { inventory: async () => view } });
    expect(said.out).toMatch(/^br1_edge +edge +br1 +10\.255\.0\.1 +- +mpls$/m);
  });

  it('lists incidents, and says on stderr that there are none', async () => {
    const said = await wayleave(['incidents', ...AS], { control: { incidents: async () => [] } });
    expect(said).toMatchObject({ exit: 0, out: '', err: 'Nothing there.\n' });
    const json = await wayleave(['incidents', '--json', ...AS], { control: { incidents: async () => [] } });
    expect(json).toMatchObject({ out: '[]\n', err: '' });
  });

  it('lists and ends sessions', async () => {
    const ended: string[] = [];
    const control: Fakes['control'] = {
      sessions: async () => [
        { id: 'ses_1', human: 'operator@acme', tenant: 'acme', createdAt: 'then' },
        { id: 'ses_2', human: 'admin@acme', tenant: 'acme', createdAt: 'then', endedAt: 'now' },
      ],
      endSession: async (id) => void ended.push(id),
    };
    const open = await wayleave(['sessions', ...AS], { control });
    expect(open.out).toMatch(/^ses_1 +operator@acme +then +open$/m);
    expect(open.out).not.toContain('ses_2');
    expect((await wayleave(['sessions', '--all', ...AS], { control })).out).toMatch(/^ses_2 +admin@acme +then +now$/m);
    expect((await wayleave(['sessions', 'end', 'ses_1', ...AS], { control })).out).toBe('ses_1 has ended.\n');
    expect(ended).toEqual(['ses_1']);
  });
});

describe('wayleave tools', () => {
  const evidence = [
    {
      id: 'evd_1',
      tenant: 'acme',
      resource: 'session/bgp/hub1_edge--br2_edge',
      signal: 'bgp.state',
      value: 'idle\u001b[2J',
      observedAt: 'then',
      collectedAt: 'now',
      source: 'snmp:br2_edge',
      intent: 'int_1',
    },
  ];

  it('lists the tools of every domain and closes each connection', async () => {
    const [opened, closed]: [string[], string[]] = [[], []];
    const said = await wayleave(['tools', ...AS], {
      tools: async (domain) => {
        opened.push(domain);
        return mcp({
          listTools: async () => [{ name: `${domain}.x`, description: 'Does x.', inputSchema: {} }],
          close: async () => void closed.push(domain),
        });
      },
    });
    expect(opened).toEqual(['inventory', 'diagnostics', 'wan', 'security', 'experience', 'compliance']);
    expect(closed).toEqual(opened);
    expect(said.out).toMatch(/^wan +wan\.x +Does x\.$/m);
  });

  it('calls a tool at its own domain, with what was given and nothing else', async () => {
    const calls: unknown[] = [];
    const tools: Fakes['tools'] = async (domain) =>
      mcp({
        callTool: async (name, args) => {
          calls.push([domain, name, args]);
          return { status: 'done', intent: 'int_1', evidence };
        },
      });
    const command = ['tools', 'call', 'bgp.read', '--target', 'br1_edge,br2_edge', '--purpose', 'inc_1', ...AS];
    const said = await wayleave([...command, '--input', '{"a":1}'], { tools });
    expect(calls).toEqual([
      ['diagnostics', 'bgp.read', { input: { a: 1 }, purpose: 'inc_1', target: { devices: ['br1_edge', 'br2_edge'] } }],
    ]);
    expect(said.exit).toBe(0);
    expect(said.out).toContain('idle?[2J');
  });

  it('ends with 8 when the call waits for approval', async () => {
    const { id: approval, decision, diff, needed, expiresAt } = approvalOf('pending');
    const summary = { decision, diff, needed, expiresAt };
    const tools: Fakes['tools'] = async () =>
      mcp({ callTool: async () => ({ status: 'pending', intent: 'int_1', approval, summary }) });
    const said = await wayleave(['tools', 'call', 'bgp.set-local-as', '--target', 'br2_edge', ...AS], { tools });
    expect(said.exit).toBe(8);
    expect(said.out).toContain('int_1 waits for approval apr_1');
  });

  it('refuses input that is no JSON object before anybody logs in, and tools that do not exist', async () => {
    for (const input of ['{', '[]', '1', '{"a":']) {
      expect(await wayleave(['tools', 'call', 'bgp.read', '--input', input, ...AS])).toMatchObject({
        exit: 2,
        users: [],
      });
    }
    expect((await wayleave(['tools', 'call', 'network.destroy', ...AS])).exit).toBe(1);
  });
});
