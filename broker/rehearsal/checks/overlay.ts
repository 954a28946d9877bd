/** Checks of the overlay: its peers were read, are the tenant's own, and no device loses the last that carries. */
import type { Check } from '../check.ts';

/** A silent peer is missing in the model: nothing that depends on it could be seen to break. */
export const groundObserved: Check = ({ input, old, changed }) => {
  const peers = new Set([...old.tunnels, ...changed.tunnels].map((tunnel) => tunnel.peer));
  const seen = new Set(input.observed.flatMap((one) => (one.running === undefined ? [] : [one.name])));
  return [...peers].filter((peer) => !seen.has(peer)).map((peer) => `${peer} could not be read`);
};

/** Whom a device trusts and where its tunnels lead stays inside the tenant. */
export const tenantKept: Check = ({ input, old, changed }) => {
  const configs = input.observed.flatMap((one) => (one.running === undefined ? [] : [one.running.config]));
  const names = new Set([...input.observed.map(({ name }) => name), ...configs.flatMap((one) => one.controllers)]);
  const addresses = new Set([
    ...input.topology.addresses,
    ...configs.flatMap((one) => one.tunnels.map((tunnel) => tunnel.localAddress)),
  ]);
  const had = {
    remotes: new Set(old.tunnels.map((one) => one.remoteAddress)),
    neighbors: new Set(old.bgp?.neighbors.map((one) => one.address) ?? []),
  };
  return [
    ...changed.tunnels
      .filter(({ peer }) => !names.has(peer))
      .map(({ peer }) => `a tunnel would lead to ${peer}, who is not of the tenant`),
    ...changed.ipsec.peers
      .filter(({ peer }) => !names.has(peer))
      .map(({ peer }) => `the key of ${peer} would be trusted, who is not of the tenant`),
    ...changed.controllers
      .filter((one) => !names.has(one))
      .map((one) => `${one} would become a controller, and is not of the tenant`),
    ...changed.tunnels
      .filter(({ remoteAddress }) => !had.remotes.has(remoteAddress) && !addresses.has(remoteAddress))
      .map(({ name, remoteAddress }) => `${name} would lead to ${remoteAddress}, which is no address of the tenant`),
    ...(changed.bgp?.neighbors ?? [])
      .filter(({ address }) => !had.neighbors.has(address) && !addresses.has(address))
      .map(({ address }) => `routes would be exchanged with ${address}, which is no address of the tenant`),
  ];
};

/** The device keeps one tunnel and one session that work now and would then; no other device loses its last. */
export const overlayKept: Check = ({ input, device: own, old, changed, before, after }) => {
  const { working } = input.observed.find((one) => one.name === own) ?? {};
  const found: string[] = [];
  if (old.tunnels.length > 0 && changed.tunnels.length === 0) found.push('the last tunnel is removed');
  if ((old.bgp?.neighbors.length ?? 0) > 0 && (changed.bgp?.neighbors.length ?? 0) === 0)
    found.push('the last BGP neighbour is removed');
  for (const kind of ['tunnels', 'sessions'] as const) {
    const works = working?.[kind] ?? new Set<string>();
    const was = before[kind].get(own) ?? new Set<string>();
    // What the model takes for up although it is down now (a provider that fails, a peer that refuses) carries nothing.
    const kept = [...(after[kind].get(own) ?? [])].filter((one) => works.has(one) || !was.has(one));
    if (works.size > 0 && kept.length === 0) found.push(`${own} would lose the last of its ${kind} that works`);
    for (const [device, names] of before[kind])
      if (device !== own && names.size > 0 && (after[kind].get(device)?.size ?? 0) === 0)
        found.push(`${device} would lose the last of its ${kind}`);
  }
  return found;
};
