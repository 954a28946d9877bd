/** Signals of routing and of the control plane. */
import { controlConnectionRow } from '../../protocols/controller/endpoints/device.ts';
import { bgpSessionName, interfaceName, nodeName } from '../../protocols/device/names.ts';
import type { BgpState } from '../../protocols/device/state.ts';
import type { SignalValue } from '../comparison.ts';
import { ofDevices, type SignalReader } from './reader.ts';

const session = (value: (one: BgpState) => SignalValue): SignalReader =>
  ofDevices((surface, device) =>
    (surface.section(device, 'bgp') ?? []).map((one) => [bgpSessionName(device, one.peer), value(one)]),
  );

/** The director's row of the connections of a device, as the controllers' end knows them. */
const CONNECTIONS = '/dataservice/device/control/connections';

export const routingSignals = {
  'bgp.state': session((one) => one.state),
  'bgp.last_error': session((one) => `${one.lastErrorCode}/${one.lastErrorSubcode}`),
  'bgp.prefixes_rx': session((one) => one.prefixesReceived),
  'rib.route': ofDevices((surface, device) =>
    (surface.section(device, 'routes') ?? []).map((one) => [
      nodeName(device),
      `vrf ${one.vrf} ${one.prefix} ${one.protocol} via ${one.nextHop} ${one.interface}` +
        (one.originAs === undefined ? '' : ` as ${one.originAs}`),
    ]),
  ),
  'ospf.neighbor': ofDevices((surface, device) =>
    (surface.section(device, 'ospf') ?? []).map((one) => [interfaceName(device, one.interface), one.state]),
  ),
  'vrrp.state': ofDevices((surface, device) =>
    (surface.section(device, 'vrrp') ?? []).map((one) => [interfaceName(device, one.interface), one.state]),
  ),
  'ctrl.conn': ofDevices((surface, device) =>
    surface
      .rest(CONNECTIONS, controlConnectionRow, { deviceId: device })
      .map((row) => [
        `session/control/${row['peer-name']}--${device}:${row['local-color']}`,
        row.state === 'up' ? 'up' : `down (${row.reason})`,
      ]),
  ),
  'omp.peer': ofDevices((surface, device) =>
    (surface.section(device, 'omp') ?? []).map((one) => [
      surface.config(device).role === 'controller'
        ? `session/omp/${device}--${one.peer}`
        : `session/omp/${one.peer}--${device}`,
      one.state,
    ]),
  ),
} as const;
