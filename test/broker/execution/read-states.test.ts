/** States are told in few words: what was up all along once a device, ports without a circuit not at all. */
import { expect, it } from 'vitest';
import type { OperationReply } from '../../../broker/contract.ts';
import { tellStates } from '../../../broker/execution/read-states.ts';
import type { StateSeen } from '../../../broker/telemetry/history.ts';
import { telemetryRead } from '../../../tools/telemetry-read.ts';

const circuits = [
  { device: 'br1_edge', interface: 'ge0/0', color: 'mpls', provider: 'isp1_core', onewayMs: 20, capacityBps: 1e6 },
];
const seen = (resource: string, up: boolean, minute: number, how: StateSeen['how'] = 'read'): StateSeen => ({
  ...{ resource, up, how },
  at: `2026-03-10T00:0${minute}:00.000Z`,
});
const [ONE, OTHER] = ['tunnel/br1_edge:mpls--hub1_edge:mpls', 'tunnel/br1_edge:lte--hub1_edge:lte'];

it('names what was up all along by device, and each turn of the rest; as records of the tool', () => {
  const json = tellStates(
    [
      ...[seen(ONE, true, 1), seen(OTHER, true, 2), seen('interface/br1_edge/ge0/0', true, 1)],
      ...[seen('interface/br1_edge/ge0/7', false, 1), seen(OTHER, false, 4, 'trap')],
      seen('tunnel/br2_edge:mpls--hub1_edge:mpls', true, 3, 'trap'),
    ],
    { circuits },
  );
  const reply: OperationReply = {
    operation: { protocol: 'records', kind: 'telemetry', query: {} },
    ...{ collectedAt: '2026-03-10T01:00:00.000Z', ok: true, protocol: 'records', json },
  };
  const context = { tenant: 'acme', devices: [], hosts: [], addresses: [] };
  const told = telemetryRead
    .read([reply], context)
    .map(({ resource, signal, value, observedAt, source }) =>
      [resource, signal, value, observedAt.slice(14, 16), source].join(' '),
    );
  expect(told).toEqual([
    `${OTHER} bfd.state up 02 history:read`,
    `${OTHER} bfd.state down 04 history:trap`,
    'tunnel/br2_edge:mpls--hub1_edge:mpls bfd.state up 03 history:trap',
    `node/br1_edge state.steady ${ONE} interface/br1_edge/ge0/0 01 history:read`,
  ]);
});
