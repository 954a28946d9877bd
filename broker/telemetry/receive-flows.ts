/** Takes flow records (IPFIX over UDP, RFC 7011 §10.3) from addresses and ports of the inventory. */
import { createIpfixDecoder, type IpfixDecoder, IpfixError } from '../../protocols/ipfix/decode.ts';
import { toFlowRecord } from '../../protocols/ipfix/flow-record.ts';
import type { Clock } from '../ports.ts';
import { dropped, type Receive } from './reception.ts';
import type { SourceDevice, Sources } from './sources.ts';

export function createFlowReceiver({ sources, clock }: { readonly sources: Sources; readonly clock: Clock }): Receive {
  // At most one for each device of the inventory.
  const decoders = new Map<SourceDevice, IpfixDecoder>();
  return (bytes, { host, port }) => {
    const source = sources.at(host, port);
    if (source === undefined) return dropped('unknown-source');
    const decoder = decoders.get(source) ?? createIpfixDecoder();
    decoders.set(source, decoder);
    try {
      const { tenant, device } = source;
      const { records } = decoder.decode(bytes);
      const receivedAt = new Date(clock.now()).toISOString();
      const flows = records.flatMap((record) => toFlowRecord(record, device) ?? []);
      if (flows.length === 0) return dropped('malformed');
      return {
        events: flows.map((flow) => ({
          ...{ tenant, device, channel: 'flow', name: 'flow', resource: `node/${device}`, severity: 'info' },
          detail: JSON.stringify(flow),
          ...{ observedAt: new Date(flow.end).toISOString(), receivedAt },
        })),
      };
    } catch (error) {
      if (error instanceof IpfixError) return dropped('malformed');
      throw error;
    }
  };
}
