/** The RPCs of a simulated device: probes, run by the model. */
import { RpcFailure, rpcError } from '../../protocols/netconf/messages.ts';
import { el, type XmlNode } from '../../protocols/netconf/xml.ts';
import { SDWAN_NS } from '../../protocols/yang/namespaces.ts';
import { buildProbeOutput, parseProbeRpc } from '../../protocols/yang/probe-rpc.ts';
import { type DeviceRef, ModelError, type Network } from '../model/network.ts';

/**
 * Runs an RPC of the device's own; the children of the answer are those of the reply. Undefined for an unknown RPC.
 * @throws {RpcFailure} when its input is wrong
 */
export function deviceRpc(network: Network, ref: DeviceRef, rpc: XmlNode): XmlNode | undefined {
  const request = parseProbeRpc(rpc);
  if (request === undefined) return undefined;
  try {
    return el(SDWAN_NS, 'output', buildProbeOutput(network.probe(ref, request)));
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    throw new RpcFailure(rpcError('invalid-value', error.message, { type: 'application' }));
  }
}
