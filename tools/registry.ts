/** All tools, as a literal list: what is not here cannot be asked for. */
import { accountDisable } from './account-disable.ts';
import { aclRead } from './acl-read.ts';
import { aclRemoveEntry } from './acl-remove-entry.ts';
import { approuteRead } from './approute-read.ts';
import { approuteSetColors } from './approute-set-colors.ts';
import { auditRead } from './audit-read.ts';
import { bgpRead } from './bgp-read.ts';
import { bgpSetLocalAs } from './bgp-set-local-as.ts';
import { configDiff } from './config-diff.ts';
import { configLeaves } from './config-leaves.ts';
import { configRead } from './config-read.ts';
import { configRestore } from './config-restore.ts';
import { controlRead } from './control-read.ts';
import { destinationBlock } from './destination-block.ts';
import { deviceCertify } from './device-certify.ts';
import { eventsRead } from './events-read.ts';
import { evidenceGet } from './evidence-get.ts';
import { flowsRead } from './flows-read.ts';
import { hostQuarantine } from './host-quarantine.ts';
import { hostsRead } from './hosts-read.ts';
import { incidentList } from './incident-list.ts';
import { incidentOpen } from './incident-open.ts';
import { incidentUpdate } from './incident-update.ts';
import { interfaceSetDescription } from './interface-set-description.ts';
import { interfaceSetEnabled } from './interface-set-enabled.ts';
import { interfacesRead } from './interfaces-read.ts';
import { inventoryChanges } from './inventory-changes.ts';
import { inventoryDevices } from './inventory-devices.ts';
import { inventoryRecords } from './inventory-records.ts';
import { inventoryTopology } from './inventory-topology.ts';
import { ipsecSetIdentityKey } from './ipsec-set-identity-key.ts';
import { lanRead } from './lan-read.ts';
import { lteRead } from './lte-read.ts';
import { modelRecord } from './model-record.ts';
import { probeDfSize } from './probe-df-size.ts';
import { probeDns } from './probe-dns.ts';
import { probeHttp } from './probe-http.ts';
import { probePing } from './probe-ping.ts';
import { probeTcp } from './probe-tcp.ts';
import { qosSetClass } from './qos-set-class.ts';
import { readingsHistory } from './readings-history.ts';
import { routesRead } from './routes-read.ts';
import { statisticsRead } from './statistics-read.ts';
import { systemRead } from './system-read.ts';
import { telemetryRead } from './telemetry-read.ts';
import type { Tool } from './tool.ts';
import { tunnelSetDscp } from './tunnel-set-dscp.ts';
import { tunnelsRead } from './tunnels-read.ts';
import { vrrpRead } from './vrrp-read.ts';

export const TOOLS: readonly Tool[] = [
  inventoryDevices,
  inventoryTopology,
  inventoryChanges,
  inventoryRecords,
  incidentOpen,
  incidentUpdate,
  incidentList,
  evidenceGet,
  readingsHistory,
  modelRecord,
  systemRead,
  interfacesRead,
  tunnelsRead,
  controlRead,
  bgpRead,
  routesRead,
  aclRead,
  vrrpRead,
  lteRead,
  approuteRead,
  lanRead,
  statisticsRead,
  hostsRead,
  flowsRead,
  eventsRead,
  telemetryRead,
  configRead,
  configDiff,
  configLeaves,
  auditRead,
  probePing,
  probeTcp,
  probeDns,
  probeHttp,
  probeDfSize,
  bgpSetLocalAs,
  aclRemoveEntry,
  ipsecSetIdentityKey,
  interfaceSetEnabled,
  interfaceSetDescription,
  configRestore,
  approuteSetColors,
  qosSetClass,
  tunnelSetDscp,
  deviceCertify,
  hostQuarantine,
  destinationBlock,
  accountDisable,
];

/** The tool of exactly this name. */
export const findTool = (name: string): Tool | undefined => TOOLS.find((tool) => tool.name === name);
