/** Paths about tunnels: BFD, measured quality, IPsec, SLA. */
import { z } from 'zod';
import type { TunnelState } from '../../device/state.ts';
import { ofDevice } from '../endpoint.ts';
import { color, count, figure, percent, ratio, row, slaClass, time, upDown, word } from '../rows.ts';

/** Which tunnel a row of live state is about, seen from its device. */
const ends = { 'local-color': color, 'remote-color': color, 'remote-host-name': word };
const endsOf = (tunnel: TunnelState) => ({
  'local-color': tunnel.color,
  'remote-color': tunnel.peerColor,
  'remote-host-name': tunnel.peer,
});
/** The same in statistics. */
const statisticsEnds = { local_color: color, remote_color: color, remote_host_name: word };
const statisticsEndsOf = (tunnel: TunnelState) => ({
  local_color: tunnel.color,
  remote_color: tunnel.peerColor,
  remote_host_name: tunnel.peer,
});

export const bfdSessionRow = row.extend({
  ...ends,
  state: upDown,
  transitions: count,
  'tx-interval': count,
  'detect-multiplier': count,
});

export const appRouteRow = row.extend({
  ...statisticsEnds,
  /** End of the poll that the figures are means of. */
  entry_time: time,
  loss_percentage: percent,
  latency: figure,
  jitter: figure,
  vqoe_score: figure.max(10),
  fec_tx: count,
  fec_rx: count,
  /** Packets rebuilt. */
  fec_re: count,
  sla_class_list: z.array(slaClass),
});

/** Loss in both directions: from here to there, and back. */
export const lossRow = row.extend({ ...statisticsEnds, fwdLossRatio: ratio, revLossRatio: ratio });

const association = { ...ends, 'sa-state': z.enum(['established', 'no-handshake', 'down']), rekeys: count };
export const outboundSaRow = row.extend(association);
export const inboundSaRow = row.extend({
  ...association,
  disconnects: count,
  'replay-drops': count,
  'auth-drops': count,
  'no-sa-drops': count,
});

export const slaFailureRow = row.extend({ application: word, 'sla-class': slaClass, color, failures: count });

const bfdOf = (tunnel: TunnelState) => ({
  ...endsOf(tunnel),
  state: tunnel.bfd,
  transitions: tunnel.bfdTransitions,
  'tx-interval': tunnel.txIntervalMs,
  'detect-multiplier': tunnel.multiplier,
});
const associationOf = (tunnel: TunnelState) => ({
  ...endsOf(tunnel),
  'sa-state': tunnel.ipsec,
  rekeys: tunnel.rekeys,
});

export const OVERLAY_ENDPOINTS = [
  ofDevice('/dataservice/device/bfd/sessions', bfdSessionRow, 'live', ['tunnels'], ({ state }) =>
    state.tunnels.map(bfdOf),
  ),
  ofDevice('/dataservice/data/device/state/BFDSessions', bfdSessionRow, 'live', ['tunnels'], ({ state }) =>
    state.tunnels.map(bfdOf),
  ),
  ofDevice('/dataservice/statistics/approute', appRouteRow, 'live', ['tunnels'], ({ state }) =>
    // A poll is a statistic by itself: the mean of its whole interval, known only when that is over.
    state.tunnels.map((tunnel) => ({
      ...statisticsEndsOf(tunnel),
      entry_time: tunnel.poll.at,
      loss_percentage: tunnel.poll.lossPct,
      latency: tunnel.poll.latencyMs,
      jitter: tunnel.poll.jitterMs,
      vqoe_score: tunnel.vqoe,
      fec_tx: tunnel.fec.sent,
      fec_rx: tunnel.fec.received,
      fec_re: tunnel.fec.rebuilt,
      sla_class_list: [...tunnel.slaClasses],
    })),
  ),
  ofDevice('/dataservice/statistics/slam', lossRow, 'statistics', ['tunnels'], ({ state }) =>
    state.tunnels.map((tunnel) => ({
      ...statisticsEndsOf(tunnel),
      fwdLossRatio: tunnel.fwdLoss,
      revLossRatio: tunnel.revLoss,
    })),
  ),
  ofDevice('/dataservice/device/ipsec/outbound', outboundSaRow, 'live', ['tunnels'], ({ state }) =>
    state.tunnels.map(associationOf),
  ),
  ofDevice('/dataservice/device/ipsec/inbound', inboundSaRow, 'live', ['tunnels'], ({ state }) =>
    state.tunnels.map((tunnel) => ({
      ...associationOf(tunnel),
      disconnects: tunnel.disconnects,
      'replay-drops': tunnel.replayDrops,
      'auth-drops': tunnel.authDrops,
      'no-sa-drops': tunnel.noSaDrops,
    })),
  ),
  ofDevice('/dataservice/statistics/sla', slaFailureRow, 'live', ['slaFailures'], ({ state }) =>
    state.slaFailures.map((one) => ({
      application: one.application,
      'sla-class': one.class,
      color: one.color,
      failures: one.failures,
    })),
  ),
] as const;
