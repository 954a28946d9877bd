/** MIB tables about the overlay, out of vendors' MIBs: BFD, tunnel quality, IPsec counters, SLA violations. */
import type { TunnelConfig } from '../device/config.ts';
import type { TunnelState } from '../device/state.ts';
import type { MibRow } from '../snmp/mib.ts';
import { APP_ROUTE, BFD, BFD_STATES, COLORS, IPSEC, SLA, SLA_CLASSES } from './oids.ts';
import { counter32, gauge, integer, type MibTable, parseOid, row } from './table.ts';

type End = Pick<TunnelConfig, 'peer' | 'color' | 'peerColor'>;
const keyOf = ({ peer, color, peerColor }: End): string => `${peer}|${color}|${peerColor}`;

/** A table with a row for each tunnel that is configured, by the overlay address of its far end. */
const ofTunnels = (
  root: string,
  rows: (tunnel: TunnelState, index: readonly number[]) => readonly MibRow[],
): MibTable => ({
  root,
  rows: ({ config, section }) => {
    const remotes = new Map(config.tunnels.map((end) => [keyOf(end), end.remoteAddress]));
    return section('tunnels').flatMap((tunnel) => {
      const remote = remotes.get(keyOf(tunnel));
      return remote === undefined ? [] : rows(tunnel, parseOid(remote));
    });
  },
});

/** A string in an index: its length, then its characters (RFC 2578 §7.7). */
const spell = (word: string): readonly number[] => [word.length, ...Buffer.from(word)];

export const OVERLAY_TABLES: readonly MibTable[] = [
  ofTunnels('1.3.6.1.4.1.41916.6.1', (state, index) =>
    row(BFD, index, {
      state: integer(BFD_STATES[state.bfd]),
      txInterval: gauge(state.txIntervalMs),
      transitions: counter32(state.bfdTransitions),
    }),
  ),
  ofTunnels('1.3.6.1.4.1.41916.9.2', (state, index) =>
    row(APP_ROUTE, index, {
      loss: gauge(state.lossPct),
      latency: gauge(state.latencyMs),
      jitter: gauge(state.jitterMs),
    }),
  ),
  ofTunnels('1.3.6.1.4.1.42359.2.2.1.2.1.9', (state, index) =>
    row(IPSEC, index, {
      replayDrops: counter32(state.replayDrops),
      authDrops: counter32(state.authDrops),
      noSaDrops: counter32(state.noSaDrops),
      rekeys: counter32(state.rekeys),
      disconnects: counter32(state.disconnects),
    }),
  ),
  {
    root: '1.3.6.1.4.1.42359.2.2.1.2.1.10',
    rows: ({ section }) =>
      section('slaFailures').flatMap((one) =>
        row(SLA, [...spell(one.application), SLA_CLASSES[one.class], COLORS[one.color]], {
          violations: counter32(one.failures),
        }),
      ),
  },
];
