/** Signals of a site's LAN and of its applications: leases, neighbours, translations, firewall, modems, scores. */

import { deviceRow } from '../../protocols/controller/endpoints/device.ts';
import { cellularRow } from '../../protocols/controller/endpoints/interfaces.ts';
import { poolUsePct, sessionUsePct } from '../../protocols/device/derive.ts';
import { interfaceName, nodeName, policyName } from '../../protocols/device/names.ts';
import { ofDevices } from './reader.ts';

export const siteSignals = {
  'nat.port_use_pct': ofDevices((surface, device) =>
    (surface.section(device, 'nat') ?? []).map((one) => [policyName(device, `nat-${one.pool}`), poolUsePct(one)]),
  ),
  'fw.session_use_pct': ofDevices((surface, device) => {
    const firewall = surface.section(device, 'firewall');
    return firewall === undefined ? [] : [[nodeName(device), sessionUsePct(firewall)]];
  }),
  'dhcp.leases': ofDevices((surface, device) =>
    (surface.section(device, 'dhcp') ?? []).map((one) => [policyName(device, `dhcp-${one.scope}`), one.leases]),
  ),
  'arp.entry': ofDevices((surface, device) =>
    (surface.section(device, 'arp') ?? []).map((one) => [
      interfaceName(device, one.interface),
      `${one.address} ${one.mac === '' ? 'unresolved' : one.mac}`,
    ]),
  ),
  'lte.signal': ofDevices((surface, device) => {
    const lost = surface
      .rest('/dataservice/device', deviceRow, { deviceId: device })
      .some((row) => row.reachability === 'unreachable');
    return surface.rest('/dataservice/device/cellular', cellularRow, { deviceId: device }).map((row) => [
      interfaceName(device, row['if-name']),
      // Rows of a lost device are memories: that nothing comes now is the news.
      lost ? 'no data' : `${row.registration} ${row.attachment} ${row.rssi} dBm`,
    ]);
  }),
  'app.score': ofDevices((surface, device) =>
    (surface.section(device, 'applications') ?? []).map((one) => [
      `application/${surface.config(device).site}/${one.application}`,
      one.score,
    ]),
  ),
} as const;
