/** What a tool observes on a model network without sockets: its own plan and reading over in-process answers. */
import type { CallArguments, Observation } from '../broker/contract.ts';
import type { Network } from '../simulators/model/network.ts';
import { findTool } from '../tools/registry.ts';
import type { ToolContext } from '../tools/tool.ts';
import { answerOperation } from './answer.ts';

/** One read or probe of a tool, as an agent asks for it. */
export interface ToolCall {
  readonly tool: string;
  readonly devices: readonly string[];
  readonly input: CallArguments['input'];
}

/** The facts that the broker would hand to a tool for this tenant. */
export function describeTenant(network: Network, tenant: string): ToolContext {
  const topology = network.topology();
  const devices = topology.devices.filter((one) => one.tenant === tenant);
  return {
    tenant,
    devices: devices.map((one) => {
      const { role, site, systemIp, bgp } = network.intendedConfig(one);
      return { name: one.device, role, site, systemIp, ...(bgp ? { asn: bgp.localAs } : {}) };
    }),
    hosts: topology.hosts.filter((one) => one.tenant === tenant),
    addresses: devices.flatMap(({ config }) => [
      ...config.interfaces.flatMap(({ ipv4 }) => (ipv4 ? [ipv4.address] : [])),
      ...config.tunnels.map(({ localAddress }) => localAddress),
    ]),
  };
}

/** The observations of one call now; a device that does not answer adds none. Throws `RangeError` for an unknown tool. */
export function observe(network: Network, tenant: string, { tool, devices, input }: ToolCall): readonly Observation[] {
  const found = findTool(tool);
  if (!found) throw new RangeError(`there is no tool ${tool}`);
  const context = describeTenant(network, tenant);
  const collectedAt = new Date(network.now()).toISOString();
  const operations = found.plan(input, { devices }, context);
  return found.read(
    operations.map((operation) => answerOperation(network, tenant, operation, collectedAt)),
    context,
    input,
  );
}
