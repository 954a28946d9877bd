/** The threat watcher on the network model: each threat is named and the narrowest measure proposed, and what only looks like one is left alone. */
import { MemorySaver } from '@langchain/langgraph';
import { describe, expect, it } from 'vitest';
import { createConversations } from '../../agents/conversations.ts';
import type { ChatEvent } from '../../agents/events.ts';
import { createIds } from '../../agents/ids.ts';
import type { CallArguments, Observation } from '../../broker/contract.ts';
import { WayleaveError } from '../../broker/errors.ts';
import { createFakeBroker, createFaulty, TENANT } from './fake-broker.ts';

interface Trouble {
  readonly type: string;
  readonly resource: string;
}

/** Asks after `minutes` of what is injected; `looked` is how often the LAN of the first branch was read before. */
async function watch(
  troubles: readonly Trouble[],
  { minutes = 12, seconds = undefined as number | undefined, text = 'anything suspicious?', looked = 0 } = {},
  tamper?: (all: readonly Observation[], tool: string) => readonly Observation[],
) {
  const network = createFaulty(1);
  const broker = createFakeBroker(network, tamper);
  for (let before = 0; before < looked; before += 1) {
    const target = { devices: ['br1_edge'] };
    await broker.call('threat-watcher', 'diagnostics', 'lan.read', { target, input: {}, purpose: 'chat:earlier' });
    network.advanceTo(network.now() + 20_000);
  }
  for (const one of troubles) network.inject({ tenant: TENANT, ...one });
  network.advanceTo(network.now() + minutes * 60_000);
  const events: ChatEvent[] = [];
  const conversations = createConversations({ saver: new MemorySaver(), ids: createIds(), containSeconds: seconds });
  const turn = {
    human: 'op@acme',
    tenant: TENANT,
    thread: 'thr_1',
    broker,
    emit: (one: ChatEvent) => void events.push(one),
  };
  await conversations.chat({ ...turn, text });
  const pick = <Type extends ChatEvent['type']>(type: Type) =>
    events.find((one): one is Extract<ChatEvent, { readonly type: Type }> => one.type === type);
  return { broker, conversations, turn, events, pick, network };
}

const causesOf = (finding: ChatEvent | undefined): readonly string[] =>
  finding?.type === 'finding' ? finding.rootCauses.map(({ faultType, resource }) => `${faultType} ${resource}`) : [];

it('gives no all-clear when what nearly every threat shows in could not be read', async () => {
  const { pick } = await watch([], {}, (all, tool) => {
    if (tool === 'flows.read') throw new WayleaveError('DEVICE_UNREACHABLE');
    return all;
  });
  expect(pick('finding')).toMatchObject({ verdict: 'blind', unread: ['flows.read: DEVICE_UNREACHABLE'] });
  expect(pick('text')?.text).toContain('this is no all-clear');
});

describe('what means ill', () => {
  it.each([
    ['c2_beacon', 'host/br1_iot_cam1', ['br1_edge'], '10.1.30.11'],
    ['syn_flood', 'host/br2_corp_pc1', ['br2_edge'], '10.2.10.11'],
    ['lateral_scan', 'host/br1_corp_pc1', ['br1_edge'], '10.1.10.11'],
  ])('%s is held at the edge of its host, and nowhere else', async (type, resource, target, address) => {
    const { pick, broker, events } = await watch([{ type, resource }]);
    expect(causesOf(pick('finding'))).toEqual([`${type} ${resource}`]);
    expect(pick('proposal')).toMatchObject({ tool: 'host.quarantine', target, input: { address, seconds: 14_400 } });
    expect(pick('pending')).toBeDefined();
    const asked = broker.calls.find(({ tool }) => tool === 'host.quarantine');
    expect(asked).toMatchObject({ agent: 'threat-watcher', domain: 'security' });
    // For an incident that its own records bear out, at the device that is touched.
    expect(asked?.args.purpose).toMatch(/^inc_/);
    const opened = broker.calls.find(({ tool }) => tool === 'incident.open');
    const cited = opened?.args.evidence ?? [];
    const { status, evidence } = (await broker.call('router', 'inventory', 'evidence.get', {
      ...{ input: { ids: [...cited] }, purpose: 'chat:1' },
    })) as { status: string; evidence: readonly { resource: string }[] };
    expect(status).toBe('done');
    expect(evidence.some((one) => one.resource.startsWith(`interface/${target[0]}/`))).toBe(true);
    expect(events.every((one) => one.type !== 'outcome')).toBe(true);
  });

  it('an intruder loses the account that he made, once there is a change', async () => {
    const { pick } = await watch([{ type: 'unauthorised_change', resource: 'node/br2_edge' }]);
    expect(causesOf(pick('finding'))).toEqual(['unauthorised_change node/br2_edge']);
    expect(pick('proposal')).toMatchObject({
      ...{ tool: 'account.disable', target: ['br2_edge'], input: { account: 'svc-backup' } },
    });
  });

  it('forged neighbours are named, and nothing proposed that no edge could do', async () => {
    const { pick, broker, events } = await watch([{ type: 'arp_poisoning', resource: 'host/br1_corp_pc2' }]);
    expect(causesOf(pick('finding')).map((one) => one.split(' ')[0])).toEqual(['arp_poisoning']);
    expect(pick('proposal')).toBeUndefined();
    expect(events.some((one) => one.type === 'text' && one.text.includes('hands on site'))).toBe(true);
    expect(broker.approvals.size).toBe(0);
  });

  it('a gateway that nobody has is a suspicion of a rogue DHCP server, and no more', async () => {
    const { pick, broker } = await watch([{ type: 'rogue_dhcp', resource: 'host/br1_corp_pc2' }], { minutes: 75 });
    expect(pick('finding')?.verdict).toBe('inconclusive');
    expect(pick('finding')?.because.some(({ text }) => text.includes('rogue DHCP server'))).toBe(true);
    expect(broker.approvals.size).toBe(0);
  });

  it('a gateway that nobody has is a rogue DHCP server when the right one lost its leases, and people find its port', async () => {
    const { pick, broker, events } = await watch([{ type: 'rogue_dhcp', resource: 'host/br1_corp_pc2' }], {
      ...{ minutes: 75, looked: 4 },
    });
    expect(causesOf(pick('finding'))).toEqual(['rogue_dhcp interface/br1_edge/ge0/2']);
    expect(pick('finding')?.because.some(({ text }) => /dhcp-corp: 24 leases, usually 41/.test(text))).toBe(true);
    expect(events.some((one) => one.type === 'text' && one.text.includes('find the port of the server'))).toBe(true);
    expect(broker.approvals.size).toBe(0);
  });

  it('and a host that was set up by hand stays a suspicion', async () => {
    const { pick } = await watch([{ type: 'host_wrong_gateway', resource: 'host/br1_corp_pc2' }], {
      ...{ minutes: 75, looked: 4 },
    });
    expect(pick('finding')?.verdict).toBe('inconclusive');
  });

  it('large volumes to an address that nobody knows', async () => {
    const leak = (all: readonly Observation[], tool: string): readonly Observation[] =>
      tool !== 'flows.read'
        ? all
        : all.map((one) =>
            one.signal === 'flow.largest' && one.resource === 'address/10.2.10.12'
              ? { ...one, value: '900000000 octets to 198.51.100.77:443 as unknown' }
              : one,
          );
    const { pick } = await watch([], {}, leak);
    expect(causesOf(pick('finding'))).toEqual(['exfiltration host/br2_corp_pc2']);
    expect(pick('proposal')).toMatchObject({ target: ['br2_edge'], input: { address: '10.2.10.12' } });
  });
});

describe('what only looks like it', () => {
  it.each([
    ['an approved scanner', 'vulnerability_scanner', 'host/hub1_scanner'],
    ['a clock that is set', 'ntp_or_telemetry', 'host/br1_iot_cam1'],
    ['an update', 'software_update', 'host/br1_iot_cam1'],
    ['a search for printers', 'misconfigured_printer_discovery', 'host/br1_corp_printer1'],
    ['a poller with an old password', 'monitoring_wrong_password', 'node/br2_edge'],
    ['a planned change', 'planned_change', 'node/br2_edge'],
  ])('%s', async (_says, type, resource) => {
    const { pick, broker } = await watch([{ type, resource }]);
    expect(causesOf(pick('finding'))).toEqual([]);
    expect(pick('proposal')).toBeUndefined();
    expect(broker.approvals.size).toBe(0);
    expect(broker.incidents.size).toBe(0);
  });

  it('does not hide what means ill beside it', async () => {
    const { pick } = await watch([
      { type: 'vulnerability_scanner', resource: 'host/hub1_scanner' },
      { type: 'c2_beacon', resource: 'host/br1_iot_cam1' },
    ]);
    expect(causesOf(pick('finding'))).toEqual(['c2_beacon host/br1_iot_cam1']);
    const finding = pick('finding');
    expect(finding?.ruledOut.map(({ faultType }) => faultType)).toEqual(['lateral_scan']);
  });
});

it('waits for people, and goes on where it was', async () => {
  const { broker, conversations, turn, pick, events } = await watch(
    [{ type: 'c2_beacon', resource: 'host/br1_iot_cam1' }],
    { seconds: 60, text: 'is the camera of branch 1 up to something?' },
  );
  expect(pick('proposal')?.input['seconds']).toBe(60);
  broker.approvals.set(pick('pending')?.approval ?? '', 'approved');
  await conversations.resume(turn);
  expect(events).toContainEqual(expect.objectContaining({ type: 'outcome', outcome: 'succeeded' }));
  expect(broker.changes.size).toBe(1);
  // Held is not mended.
  expect([...broker.incidents.values()].map(({ state }) => state)).toEqual(['open']);
});

describe('several threats at once', () => {
  const BOTH = [
    { type: 'c2_beacon', resource: 'host/br1_iot_cam1' },
    { type: 'lateral_scan', resource: 'host/br2_corp_pc1' },
  ];
  const pendingOf = (events: readonly ChatEvent[]) => [
    ...new Set(events.flatMap((one) => (one.type === 'pending' ? [one.approval] : []))),
  ];
  const held = ({ changes }: { readonly changes: ReadonlyMap<string, { readonly args: CallArguments }> }) =>
    [...changes.values()].map(({ args }) => args.input['address']).toSorted();

  it('are each asked for, under an incident of their own, and each is decided by itself', async () => {
    const { broker, conversations, turn, events } = await watch(BOTH);
    const [first, second] = pendingOf(events);
    expect(pendingOf(events)).toHaveLength(2);
    // Whoever shows the conversation can watch both.
    expect((await conversations.show(turn, turn.thread))?.approvals).toEqual([first, second]);
    const asked = broker.calls.filter(({ tool }) => tool === 'host.quarantine');
    expect(asked.map(({ args }) => args.target?.devices)).toEqual([['br2_edge'], ['br1_edge']]);
    expect(new Set(asked.map(({ args }) => args.purpose)).size).toBe(2);
    // Nobody has to decide the first before the second is held.
    broker.approvals.set(second ?? '', 'approved');
    await conversations.resume(turn);
    expect(held(broker)).toEqual(['10.1.30.11']);
    expect(await conversations.show(turn, turn.thread)).toMatchObject({ status: 'waiting', approvals: [first] });
    broker.approvals.set(first ?? '', 'approved');
    await conversations.resume(turn);
    expect(held(broker)).toEqual(['10.1.30.11', '10.2.10.11']);
    expect(await conversations.show(turn, turn.thread)).toMatchObject({ status: 'idle', approvals: [] });
    expect([...broker.incidents.values()].map(({ notes }) => notes.at(-1)?.includes('succeeded'))).toEqual([
      true,
      true,
    ]);
  });

  it('and one that is refused leaves the other as it is', async () => {
    const { broker, conversations, turn, events } = await watch(BOTH);
    const [first, second] = pendingOf(events);
    broker.approvals.set(first ?? '', 'rejected');
    broker.approvals.set(second ?? '', 'approved');
    await conversations.resume(turn);
    expect(held(broker)).toEqual(['10.1.30.11']);
    expect(await conversations.show(turn, turn.thread)).toMatchObject({ status: 'idle' });
  });

  it('and a flood that fills the flow records hides nothing that goes on elsewhere', async () => {
    const flood = { type: 'syn_flood', resource: 'host/br2_corp_pc1' };
    const beacon = { type: 'c2_beacon', resource: 'host/br1_iot_cam1' };
    const { pick, broker } = await watch([flood, beacon], { minutes: 16 });
    expect(causesOf(pick('finding'))).toEqual(['syn_flood host/br2_corp_pc1', 'c2_beacon host/br1_iot_cam1']);
    expect(broker.approvals.size).toBe(2);
  });
});
