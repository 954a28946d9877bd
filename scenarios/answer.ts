/**
 * Answers protocol operations in process, with what the wire would answer: through the same mappings that the simulated
 * devices and the broker's drivers use. For replays and for the codebook of the diagnosis.
 */
import type { Operation, OperationReply, Varbind } from '../broker/contract.ts';
import { QueryError } from '../protocols/controller/endpoint.ts';
import { controllerRoutes, type Route } from '../protocols/controller/routes.ts';
import { mibRows } from '../protocols/mib/device-mib.ts';
import { parseOid } from '../protocols/mib/table.ts';
import { filterSubtree } from '../protocols/netconf/filter.ts';
import { RpcFailure } from '../protocols/netconf/messages.ts';
import { parseXml, renderXml, type XmlNode } from '../protocols/netconf/xml.ts';
import { toVarbind } from '../protocols/snmp/varbind.ts';
import type { DeviceRef, Network } from '../simulators/model/network.ts';
import { mibSource } from '../simulators/views/mib-view.ts';
import { netconfView } from '../simulators/views/netconf-view.ts';

/** Directors remember, so each network keeps its own, by tenant. */
const DIRECTORS = new WeakMap<Network, Map<string, ReadonlyMap<string, Route>>>();

/** Lets the director of a tenant take note of the network as it is now, so that it has something to remember. */
export function directorOf(network: Network, tenant: string): ReadonlyMap<string, Route> {
  const directors = DIRECTORS.get(network) ?? new Map<string, ReadonlyMap<string, Route>>();
  DIRECTORS.set(network, directors);
  const known = directors.get(tenant);
  if (known !== undefined) return known;
  const created = controllerRoutes(network, tenant);
  directors.set(tenant, created);
  return created;
}

/** What the operation would bring back. Changes are not answered here: they are a transaction, not a read. */
export function answerOperation(
  network: Network,
  tenant: string,
  operation: Operation,
  collectedAt: string,
): OperationReply {
  const base = { operation, collectedAt };
  const fail = (code: string, message: string): OperationReply => ({ ...base, ok: false, error: { code, message } });
  if (operation.protocol === 'records') return fail('NOT_FOUND', 'Records are the broker’s own.');
  const ref: DeviceRef = { tenant, device: operation.device };
  if (!network.devices().some((each) => each.tenant === tenant && each.device === ref.device))
    return fail('NOT_FOUND', 'There is no such device in this tenant.');
  const director = directorOf(network, tenant);
  if (operation.protocol === 'rest') {
    const route = director.get(operation.path);
    if (route === undefined) return fail('DEVICE_REFUSED', 'The director has no such path.');
    try {
      // Through JSON, as over the wire.
      const json = JSON.parse(JSON.stringify({ data: route(operation.query) }));
      return { ...base, ok: true, protocol: 'rest', json };
    } catch (error) {
      if (error instanceof QueryError) return fail('DEVICE_REFUSED', error.message);
      throw error;
    }
  }
  if (!network.reachable(ref)) return fail('DEVICE_UNREACHABLE', `${ref.device} does not answer.`);
  // Controllers have NETCONF and their director, and no agent.
  if (operation.protocol === 'snmp' && network.config(ref).role === 'controller')
    return fail('DEVICE_REFUSED', `${ref.device} has no SNMP endpoint`);
  if (operation.protocol === 'snmp')
    return { ...base, ok: true, protocol: 'snmp', varbinds: selectRows(network, ref, operation) };
  try {
    const xml = answerNetconf(network, ref, operation).map((node) => renderXml(node));
    return { ...base, ok: true, protocol: 'netconf', xml: xml.join('') };
  } catch (error) {
    if (error instanceof RpcFailure) return fail('DEVICE_REFUSED', error.message);
    throw error;
  }
}

function answerNetconf(
  network: Network,
  ref: DeviceRef,
  operation: Extract<Operation, { protocol: 'netconf' }>,
): readonly XmlNode[] {
  const view = netconfView(network, ref);
  switch (operation.kind) {
    case 'get': {
      const filter = parseXml(`<filter>${operation.filter}</filter>`);
      return [filterSubtree(view.state(new Set(filter.children.map(({ name }) => name))), filter, view.keys)];
    }
    case 'get-config':
      return [filterSubtree(view.running(), parseXml(`<filter>${operation.filter}</filter>`), view.keys)];
    case 'rpc': {
      const output = view.rpc(parseXml(operation.request));
      if (output === undefined)
        throw new RpcFailure({ type: 'protocol', tag: 'operation-not-supported', severity: 'error' });
      return output.children;
    }
    case 'edit-config':
    case 'restore-config':
    case 'contain':
      throw new RpcFailure({ type: 'protocol', tag: 'operation-not-supported', severity: 'error' });
  }
}

function selectRows(
  network: Network,
  ref: DeviceRef,
  operation: Extract<Operation, { protocol: 'snmp' }>,
): readonly Varbind[] {
  const wanted = (operation.kind === 'walk' ? operation.columns : operation.oids).map(parseOid);
  const rows = mibRows(mibSource(network, ref), wanted);
  const isBelow = (oid: readonly number[], base: readonly number[]): boolean =>
    base.every((part, index) => oid[index] === part) && (operation.kind === 'walk' || oid.length === base.length);
  return wanted.flatMap((base) => rows.filter(({ oid }) => isBelow(oid, base)).map(toVarbind));
}
