/** The director's rows: read strictly one by one, and remembered with their time while a device is lost. */
import { describe, expect, it } from 'vitest';
import { type ControllerView, controllerRoutes } from '../../../protocols/controller/routes.ts';
import { bfdSessionRow, deviceRow, eventRow, readRows } from '../../../protocols/controller/rows.ts';
import type { DeviceState } from '../../../protocols/device/state.ts';
import { CONFIG, NOW, STATE } from '../yang/device-values.ts';

function view(): ControllerView & { time: number; reported: DeviceState } {
  const up = STATE.control.map((one) => ({ ...one, state: 'up' as const, reason: 'none' }));
  return {
    time: NOW,
    reported: { ...STATE, control: up },
    now() {
      return this.time;
    },
    devices: () => [
      { tenant: 'acme', device: 'br2_edge' },
      { tenant: 'globex', device: 'br1_edge' },
    ],
    config: () => CONFIG,
    intendedConfig: () => CONFIG,
    state() {
      return this.reported;
    },
    reachable: () => true,
    events: () =>
      [1, 2, 3].map((seq) => ({
        seq,
        at: NOW + seq,
        name: 'trap.bfd_state',
        device: 'br2_edge',
        resource: `node/x${seq}`,
        severity: 'major' as const,
        detail: 'down',
      })),
  };
}

describe('the director', () => {
  it('keeps the last known rows of a lost device, with their old time', () => {
    const network = view();
    const routes = controllerRoutes(network, 'acme');
    const ask = (path: string, query = {}) => JSON.parse(JSON.stringify({ data: routes.get(path)?.(query) }));
    const query = { deviceId: 'br2_edge' };
    network.time += 5000;
    expect(readRows(bfdSessionRow, ask('/dataservice/device/bfd/sessions', query))[0]).toMatchObject({
      state: 'down',
      lastupdated: NOW + 5000,
    });
    network.time += 5000;
    network.reported = { ...STATE, tunnels: [] };
    expect(readRows(bfdSessionRow, ask('/dataservice/device/bfd/sessions', query))[0]).toMatchObject({
      state: 'down',
      lastupdated: NOW + 5000,
    });
    expect(readRows(deviceRow, ask('/dataservice/device'))).toMatchObject([
      { deviceId: 'br2_edge', reachability: 'unreachable', lastupdated: NOW + 5000 },
    ]);
  });

  it('knows no device of another tenant', () => {
    const routes = controllerRoutes(view(), 'acme');
    expect(routes.get('/dataservice/device/bfd/sessions')?.({ deviceId: 'br1_edge' })).toEqual([]);
  });

  it('tells the newest events first, as many as asked for', () => {
    const rows = controllerRoutes(view(), 'acme').get('/dataservice/event')?.({ count: '2' });
    expect(readRows(eventRow, { data: rows }).map(({ id }) => id)).toEqual([3, 2]);
  });
});

it('rows of another form are left out, the others kept', () => {
  const [good] = controllerRoutes(view(), 'acme').get('/dataservice/event')?.({}) ?? [];
  expect(readRows(eventRow, { data: [null, { ...good, details: 'a\u001b[2J' }, { ...good, id: '7' }, good] })).toEqual([
    good,
  ]);
  expect(readRows(eventRow, 'nothing')).toEqual([]);
});
