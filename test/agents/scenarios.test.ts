/** The six incidents at every branch and three seeds: right cause, right place, look-alikes ruled out, changes only where they help. */
import { MemorySaver } from '@langchain/langgraph';
import { describe, expect, it } from 'vitest';
import { createConversations } from '../../agents/conversations.ts';
import { LOOKALIKES } from '../../agents/diagnosis/lookalikes.ts';
import type { ChatEvent } from '../../agents/events.ts';
import { createIds } from '../../agents/ids.ts';
import { createFakeBroker, createFaulty, TENANT } from './fake-broker.ts';

type EventOf<Type extends ChatEvent['type']> = Extract<ChatEvent, { type: Type }>;
const only = <Type extends ChatEvent['type']>(events: readonly ChatEvent[], type: Type): EventOf<Type>[] =>
  events.filter((event): event is EventOf<Type> => event.type === type);

const SEEDS = [1, 2, 3];
const BRANCHES = [1, 2, 3, 4];
const READ_BUDGET = 12;

interface Incident {
  readonly id: string;
  readonly type: string;
  readonly at: (branch: number) => string;
  /** Tool of the repair; none where no configuration helps. */
  readonly repair?: string;
}

const node = (branch: number): string => `node/br${branch}_edge`;
const INCIDENTS: readonly Incident[] = [
  { id: 'R01', type: 'bgp_asn_mismatch', at: node, repair: 'bgp.set-local-as' },
  { id: 'P04', type: 'acl_blocks_app', at: node, repair: 'acl.remove-entry' },
  { id: 'O01', type: 'ipsec_peer_key_mismatch', at: node, repair: 'ipsec.set-identity-key' },
  { id: 'T01', type: 'link_down', at: (branch) => `link/br${branch}_edge:ge0/0--isp1_core:br${branch}` },
  { id: 'R02', type: 'bgp_port_blocked', at: node, repair: 'acl.remove-entry' },
  { id: 'D03', type: 'device_down', at: node },
];

async function ask(seed: number, text: string, fault?: { type: string; resource: string }) {
  const network = createFaulty(seed, fault);
  const broker = createFakeBroker(network);
  const events: ChatEvent[] = [];
  const conversations = createConversations({ saver: new MemorySaver(), ids: createIds() });
  const turn = { human: 'op@acme', tenant: TENANT, thread: 'thr_1', broker, emit: (e: ChatEvent) => events.push(e) };
  await conversations.chat({ ...turn, text });
  return { network, broker, events, conversations, turn };
}

const diagnosticReads = (broker: { calls: { domain: string }[] }): number =>
  broker.calls.filter(({ domain }) => domain === 'diagnostics').length;

describe.each(INCIDENTS)('$id $type', ({ type, at, repair }) => {
  // Every branch and every seed, not every pair of them.
  const cases = BRANCHES.map((branch) => ({ seed: SEEDS[branch % SEEDS.length] ?? 1, branch }));

  it.each(cases)('is found at branch $branch (seed $seed)', async ({ seed, branch }) => {
    const resource = at(branch);
    const { broker, events } = await ask(seed, `Why can't branch ${branch} reach the ERP?`, { type, resource });
    const [finding] = only(events, 'finding');
    expect(only(events, 'error')).toEqual([]);
    expect(finding?.verdict).toBe('root-cause');
    expect(finding?.rootCauses.map((cause) => [cause.resource, cause.faultType])).toEqual([[resource, type]]);
    expect(finding?.because.length).toBeGreaterThan(0);
    expect(finding?.ruledOut.map(({ faultType }) => faultType)).toEqual(
      expect.arrayContaining([...(LOOKALIKES[type] ?? [])]),
    );
    for (const { evidence } of [...(finding?.because ?? []), ...(finding?.ruledOut ?? [])]) {
      expect(evidence.length).toBeGreaterThan(0);
    }
    expect(diagnosticReads(broker)).toBeLessThanOrEqual(READ_BUDGET);
    // A dead device answers nothing itself, and the finding says so; everything else was read.
    expect(finding?.unread.length).toBeGreaterThanOrEqual(type === 'device_down' ? 2 : 0);
    if (type !== 'device_down') expect(finding?.unread).toEqual([]);
    const proposals = only(events, 'proposal');
    expect(proposals.map(({ tool }) => tool)).toEqual(repair ? [repair] : []);
    expect(broker.approvals.size).toBe(repair ? 1 : 0);
    expect(broker.changes.size).toBe(0);
    expect([...broker.incidents.values()].map(({ state }) => state)).toEqual(['open']);
  });

  if (repair) {
    it('is repaired after approval, and verified', async () => {
      const { broker, events, conversations, turn, network } = await ask(1, "why can't branch 2 reach the erp", {
        type,
        resource: at(2),
      });
      for (const id of broker.approvals.keys()) broker.approvals.set(id, 'approved');
      await conversations.resume(turn);
      expect(only(events, 'outcome').map(({ outcome }) => outcome)).toEqual(['succeeded']);
      expect(broker.changes.size).toBe(1);
      const ref = { tenant: TENANT, device: 'br2_edge' };
      expect(network.config(ref)).toEqual(network.intendedConfig(ref));
      expect(only(events, 'text').at(-1)?.text).toContain('Verified');
      expect([...broker.incidents.values()].map(({ state }) => state)).toEqual(['resolved']);
    });
  }
});

describe('other faults that keep a branch from its applications', () => {
  const others: readonly (readonly [type: string, resource: string])[] = [
    ['max_prefix_exceeded', 'session/bgp/hub1_edge--br2_edge'],
    ['provider_outage', 'node/isp1_core'],
    ['if_admin_shutdown', 'interface/br2_edge/ge0/0'],
    ['bfd_port_blocked', 'node/br2_edge'],
    ['cert_expired', 'node/br2_edge'],
    ['clock_skew', 'node/br2_edge'],
    ['routing_daemon_down', 'node/br2_edge'],
    ['server_down', 'host/hub1_srv1'],
    ['controller_unreachable', 'node/br2_edge'],
    ['fw_session_table_full', 'node/br2_edge'],
  ];
  it.each(others)('%s is found at %s', async (type, resource) => {
    const { events } = await ask(1, "Why can't branch 2 reach the ERP?", { type, resource });
    const [finding] = only(events, 'finding');
    expect(finding?.verdict).toBe('root-cause');
    expect(new Set(finding?.rootCauses.map(({ faultType }) => faultType))).toEqual(new Set([type]));
    expect(finding?.rootCauses.map((cause) => cause.resource)).toContain(resource);
  });
});

describe('a healthy network', () => {
  it.each(SEEDS)('is healthy and stays untouched (seed %i)', async (seed) => {
    const { broker, events } = await ask(seed, `Why can't branch ${seed} reach the ERP?`);
    expect(only(events, 'finding').map(({ verdict }) => verdict)).toEqual(['healthy']);
    expect(only(events, 'proposal')).toEqual([]);
    expect(broker.approvals.size + broker.incidents.size).toBe(0);
  });
});

describe('a question without a place', () => {
  it.each(INCIDENTS)('finds $type where it is', async ({ type, at }) => {
    const { events } = await ask(2, 'Why is something broken? Nobody can work.', { type, resource: at(3) });
    const [finding] = only(events, 'finding');
    expect(finding?.rootCauses.map((cause) => [cause.resource, cause.faultType])).toEqual([[at(3), type]]);
  });
});
