/** The two ends of a tunnel, out of its name. */

interface TunnelEnd {
  readonly device: string;
  readonly color: string;
}

/** `tunnel/br2_edge:mpls--hub1_edge:mpls` → both ends in the order of the name; undefined for anything else. */
export function readTunnelEnds(resource: string): readonly [TunnelEnd, TunnelEnd] | undefined {
  const [, a, aColor, b, bColor] = /^tunnel\/([^:]+):([^:]+)--([^:]+):([^:]+)$/.exec(resource) ?? [];
  if (!a || !aColor || !b || !bColor) return undefined;
  return [
    { device: a, color: aColor },
    { device: b, color: bColor },
  ];
}
