/** The port "read a tool" of a diagnosis over a model network without sockets and without a broker: for the codebook and for measuring. */
import type { Evidence } from '../broker/contract.ts';
import type { Network } from '../simulators/model/network.ts';
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
  const tell = (resource: string, signal: string, value: object) => ({
    resource,
    signal,
    value: JSON.stringify(value),
    observedAt: at,
    source: 'records',
  });
  const ours = devices.filter((one) => one.tenant === tenant);
  if (tool === 'inventory.devices') {
    return ours.map(({ device, config: { role, site, systemIp, bgp } }) =>
      tell(`node/${device}`, 'device', { role, site, systemIp, ...(bgp ? { asn: bgp.localAs } : {}) }),
    );
  }
  return [
    ...circuits
      .filter((one) => one.tenant === tenant)
      .map(({ device, interface: port, color, provider }) => {
        const config = ours.find((one) => one.device === device)?.config;
        const address = config?.interfaces.find(({ name }) => name === port)?.ipv4?.address;
        return tell(`circuit/${config?.site}/${color}`, 'circuit', {
          device,
          interface: port,
          color,
          provider,
          ...(address ? { address } : {}),
        });
      }),
    ...hosts
      .filter((one) => one.tenant === tenant)
      .map(({ name, site, vrf, address, services }) => tell(`host/${name}`, 'host', { site, vrf, address, services })),
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
