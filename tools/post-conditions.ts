/** Statements that must hold after a change, shared by the tools that make them. */
import type { OperationReply, Target } from '../broker/contract.ts';
import { readInterfaces } from '../protocols/mib/read-mib.ts';
import { buildProbeRpc, readProbeOutput } from '../protocols/yang/probe-rpc.ts';
import { readBgp, readConfigSection, readTunnels } from '../protocols/yang/state-from-xml.ts';
import { INTERFACE_COLUMNS } from './interfaces-read.ts';
import { callRpc, getRunning, getState, snmpWalk } from './operations.ts';
import { varbindsOf, xmlOf } from './replies.ts';
import type { PostCondition, ToolContext } from './tool.ts';

/** BGP comes back within a connect retry and an open exchange (RFC 4271 §8), tunnels within a detection time. */
const WITHIN_SECONDS = 30;
/** The application that every branch depends on, and the VRF its users are in. */
const SERVICE = 'erp';
const CORP_VRF = 10;

export const bgpEstablished = ({ devices }: Target): readonly PostCondition[] =>
  devices.map((device) => ({
    says: `Every BGP session of ${device} is established.`,
    operations: [getState(device, 'bgp')],
    holds: (replies) => {
      const sessions = replies.flatMap((reply) => readBgp(xmlOf(reply)));
      return allAnswered(replies) && sessions.length > 0 && sessions.every(({ state }) => state === 'established');
    },
    withinSeconds: WITHIN_SECONDS,
  }));

export const tunnelsUp = ({ devices }: Target): readonly PostCondition[] =>
  devices.map((device) => ({
    says: `Every tunnel of ${device} has BFD up and IPsec established.`,
    operations: [getState(device, 'tunnels')],
    holds: (replies) => {
      const tunnels = replies.flatMap((reply) => readTunnels(xmlOf(reply)));
      const isUp = tunnels.every(({ bfd, ipsec }) => bfd === 'up' && ipsec === 'established');
      return allAnswered(replies) && tunnels.length > 0 && isUp;
    },
    withinSeconds: WITHIN_SECONDS,
  }));

/** The ERP accepts connections from the corp VRF of the devices; nothing to say in a tenant without an ERP. */
export function erpAnswers({ devices }: Target, { hosts }: ToolContext): readonly PostCondition[] {
  const services = hosts.flatMap(({ address, services: offered }) =>
    offered.filter(({ name }) => name.toLowerCase() === SERVICE).map(({ port }) => ({ address, port })),
  );
  return devices.flatMap((device) =>
    services.slice(0, 1).map(({ address, port }) => ({
      says: `The ERP (${address}:${port}) answers from the corp VRF of ${device}.`,
      operations: [callRpc(device, buildProbeRpc({ kind: 'tcp', vrf: CORP_VRF, destination: address, port }))],
      holds: (replies) =>
        replies.length > 0 && replies.every((reply) => readProbeOutput(xmlOf(reply))?.result === 'ok'),
      withinSeconds: WITHIN_SECONDS,
    })),
  );
}

/** A port shows what was asked for, `undefined` leaves a value open. */
export const portShows = (
  { devices }: Target,
  port: string,
  says: string,
  wanted: { readonly oper?: 'up' | 'down'; readonly description?: string },
): readonly PostCondition[] =>
  devices.map((device) => ({
    says,
    operations: [snmpWalk(device, INTERFACE_COLUMNS)],
    holds: (replies) => {
      const found = replies.flatMap((reply) => readInterfaces(varbindsOf(reply))).find(({ name }) => name === port);
      if (found === undefined) return false;
      const { oper = found.oper, description = found.description } = wanted;
      return found.oper === oper && found.description === description;
    },
    withinSeconds: WITHIN_SECONDS,
  }));

type Section = Parameters<typeof readConfigSection>[1];

/** The running configuration of each device has a section that is as wanted; `says` goes after the device's name. */
export const configShows = <Key extends Section>(
  { devices }: Target,
  section: Key,
  says: string,
  isWanted: (value: NonNullable<ReturnType<typeof readConfigSection<Key>>>) => boolean,
): readonly PostCondition[] =>
  devices.map((device) => ({
    says: `${device} ${says}.`,
    operations: [getRunning(device, section)],
    holds: (replies) => {
      const value = readConfigSection(replies.flatMap(xmlOf), section);
      return allAnswered(replies) && value !== undefined && isWanted(value);
    },
    withinSeconds: WITHIN_SECONDS,
  }));

const allAnswered = (replies: readonly OperationReply[]): boolean => replies.every(({ ok }) => ok);
