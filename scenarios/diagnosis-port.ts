/** The port "read a tool" of a diagnosis over a model network without sockets and without a broker: for the codebook and for measuring. */
import type { Evidence } from '../broker/contract.ts';
import type { Network } from '../simulators/model/network.ts';
import { describeTopology } from './describe-topology.ts';
import { observe } from './observe.ts';

interface Call {
  readonly tool: string;
  readonly devices: readonly string[];
  readonly input: Readonly<Record<string, never>> | object;
}

/** What the broker's own records tell of a topology. */
function readRecords(network: Network, tenant: string, tool: string) {
  const { devices, circuits, hosts } = network.topology();
  const at = new Date(network.now()).toISOString();
  const isOurs = (one: { readonly tenant: string }): boolean => one.tenant === tenant;
  const known = describeTopology({
    ...network.topology(),
    devices: devices.filter(isOurs),
    circuits: circuits.filter(isOurs),
    hosts: hosts.filter(isOurs),
  });
  const tell = (resource: string, signal: string, { name: _, ...value }: { readonly name: string }) => ({
    resource,
    signal,
    value: JSON.stringify(value),
    observedAt: at,
    source: 'records',
  });
  if (tool === 'inventory.devices') return known.devices.map((one) => tell(`node/${one.name}`, 'device', one));
  return [
    ...known.circuits.map((one) => tell(`circuit/${one.name}`, 'circuit', one)),
    ...known.hosts.map((one) => tell(`host/${one.name}`, 'host', one)),
  ];
}

/** Reads of one network; ids count up, so that the same run gives the same evidence. */
export function createReads(network: Network, tenant: string) {
  let count = 0;
  return (call: Call): { readonly evidence: readonly Evidence[] } => {
    const isInventory = call.tool === 'inventory.devices' || call.tool === 'inventory.topology';
    const seen = isInventory
      ? readRecords(network, tenant, call.tool)
      : observe(network, tenant, call as Parameters<typeof observe>[2]);
    return {
      evidence: seen.map((one) => {
        count += 1;
        return {
          ...one,
          id: `evd_${String(count).padStart(6, '0')}`,
          tenant,
          collectedAt: new Date(network.now()).toISOString(),
          intent: 'int_0',
        };
      }),
    };
  };
}
