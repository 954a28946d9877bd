/** The flow exporter of one device: numbers its records over all messages (RFC 7011 §3.1). */
import type { FlowRecord } from '../../../protocols/device/flow.ts';
import { encodeFlows } from '../../../protocols/ipfix/encode.ts';

/** Gives the messages for `flows`; `clockMs` is the device's own clock, epoch milliseconds. */
export type FlowExporter = (flows: readonly FlowRecord[], clockMs: number) => readonly Buffer[];

export function createFlowExporter(domain: number): FlowExporter {
  let next = 0;
  return (flows, clockMs) => {
    const { messages, sequence } = encodeFlows(flows, {
      domain,
      sequence: next,
      exportTime: Math.floor(clockMs / 1_000),
    });
    next = sequence;
    return messages;
  };
}
