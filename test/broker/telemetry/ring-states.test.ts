/** The bell rings for a tenant when something stands otherwise, after it is kept, and for nothing else. */
import { expect, it } from 'vitest';
import type { Reading } from '../../../broker/telemetry/history.ts';
import type { ReceivedEvent } from '../../../broker/telemetry/received-event.ts';
import { ringStates } from '../../../broker/telemetry/ring-states.ts';

const TUNNEL = 'tunnel/br1_edge:mpls--hub1_edge:mpls';
const event = (more: Partial<ReceivedEvent>): ReceivedEvent => ({
  ...{ tenant: 'acme', device: 'br1_edge', channel: 'trap', name: 'trap.bfd_state', resource: TUNNEL },
  ...{ severity: 'major', detail: 'tun-mpls-hub1_edge bfd down (timeout)', observedAt: '', receivedAt: '' },
  ...more,
});
const reading = (value: number, signal = 'bfd.state', tenant = 'acme'): Reading => ({
  ...{ tenant, resource: TUNNEL, signal, at: '2026-03-10T00:00:00Z', value },
});

it('rings once for what was told and for what was read otherwise than before', async () => {
  const order: string[] = [];
  const keep = async (_: readonly unknown[]): Promise<void> => void order.push('kept');
  const { events, history } = ringStates(
    {
      events: { append: keep, after: async () => [] },
      history: { append: keep },
    },
    (tenant) => order.push(tenant),
  );
  const heard = async (act: () => Promise<void>): Promise<readonly string[]> => {
    order.length = 0;
    await act();
    return [...order];
  };
  expect(await heard(() => events.append([event({}), event({}), event({ tenant: 'globex' })]))).toEqual([
    'kept',
    'acme',
    'globex',
  ]);
  expect(await heard(() => events.append([event({ name: 'syslog' }), event({ detail: 'unclear' })]))).toEqual(['kept']);
  expect(await heard(() => history.append([reading(1), reading(1)]))).toEqual(['kept', 'acme']);
  expect(await heard(() => history.append([reading(1), reading(7, 'if.util_pct')]))).toEqual(['kept']);
  expect(await heard(() => history.append([reading(0), reading(1, 'bfd.state', 'globex')]))).toEqual([
    'kept',
    'acme',
    'globex',
  ]);
});

it('rings for nothing that was not kept', async () => {
  const rung: string[] = [];
  const failing = { append: (_: readonly unknown[]): Promise<void> => Promise.reject(new Error('full')) };
  const { events, history } = ringStates(
    { events: { ...failing, after: async () => [] }, history: failing },
    (tenant) => rung.push(tenant),
  );
  await expect(events.append([event({})])).rejects.toThrow('full');
  await expect(history.append([reading(1)])).rejects.toThrow('full');
  expect(rung).toEqual([]);
});
