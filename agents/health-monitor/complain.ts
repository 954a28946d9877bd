/** What is not normal now about a record that was read, in words. Pure. */
import type { Evidence, Severity } from '../../broker/contract.ts';
import { readTunnelEnds } from '../diagnosis/tunnel-ends.ts';
import { LIMITS } from './history.ts';

export interface Complaint {
  readonly words: string;
  readonly severity: Severity;
}

/** Applications of the cloud and of the tenant do badly below it: people complain. */
const GOOD_SCORE = 70;

const say = (severity: Severity, words: string): Complaint => ({ severity, words });

/** Undefined for what is normal. Idle LTE tunnels are so by design. */
export function complain({ resource, signal, value }: Evidence): Complaint | undefined {
  const isLte = readTunnelEnds(resource)?.some(({ color }) => color === 'lte') === true;
  const number = Number(value);
  const limit = LIMITS[signal];
  if (limit !== undefined) return number < limit ? undefined : say('major', `${signal} in percent:`);
  switch (signal) {
    case 'dev.reach':
      return value === 'reachable' ? undefined : say('critical', 'reachability is');
    case 'dev.process':
      return String(value).endsWith('running') ? undefined : say('major', 'has a process that does not run:');
    case 'dev.cert_days':
      return number > 7 ? undefined : say('major', 'certificate days left:');
    case 'dev.clock_offset':
      return Math.abs(number) <= 60 ? undefined : say('minor', 'clock offset in seconds:');
    case 'dev.env':
      return value === 'ok' || value === 'normal' ? undefined : say('major', 'hardware is');
    case 'bfd.state':
      return value === 'up' || isLte ? undefined : say('major', 'BFD is');
    case 'bgp.state':
      return value === 'established' ? undefined : say('critical', 'BGP is');
    case 'ospf.neighbor':
      return value === 'full' || value === '2-way' ? undefined : say('major', 'OSPF neighbour is');
    case 'app.score':
      return number >= GOOD_SCORE ? undefined : say('major', 'scores, of 100:');
    default:
      return undefined;
  }
}
