/** Signals of tunnels: BFD, IPsec, measured quality, SLA. Both ends report, each its own view. */
import type { TunnelState } from '../../protocols/device/state.ts';
import type { SignalValue } from '../comparison.ts';
import { ofDevices, type SignalReader } from './reader.ts';

const tunnel = (value: (one: TunnelState) => SignalValue): SignalReader =>
  ofDevices((surface, device) =>
    (surface.section(device, 'tunnels') ?? []).map((one) => [`tunnel/${one.tunnel}`, value(one)]),
  );

export const tunnelSignals = {
  'bfd.state': tunnel((one) => one.bfd),
  'bfd.transitions': tunnel((one) => one.bfdTransitions),
  'bfd.tx_interval': tunnel((one) => one.txIntervalMs),
  'tunnel.loss_pct': tunnel((one) => one.lossPct),
  'tunnel.latency_ms': tunnel((one) => one.latencyMs),
  'tunnel.jitter_ms': tunnel((one) => one.jitterMs),
  'tunnel.vqoe': tunnel((one) => one.vqoe),
  'tunnel.fwd_loss': tunnel((one) => one.fwdLoss),
  'tunnel.rev_loss': tunnel((one) => one.revLoss),
  'tunnel.fec': tunnel((one) => one.fec.rebuilt),
  'ipsec.sa': tunnel((one) => one.ipsec),
  'ipsec.rekey': tunnel((one) => one.rekeys),
  'ipsec.disconnects': tunnel((one) => one.disconnects),
  'ipsec.replay_drops': tunnel((one) => one.replayDrops),
  'ipsec.auth_drops': tunnel((one) => one.authDrops),
  'ipsec.nosa_drops': tunnel((one) => one.noSaDrops),
  'policy.sla_fail': ofDevices((surface, device) =>
    (surface.section(device, 'slaFailures') ?? []).map((one) => [
      `policy/${device}/approute-${one.application}/${one.color}`,
      one.failures,
    ]),
  ),
} as const;
