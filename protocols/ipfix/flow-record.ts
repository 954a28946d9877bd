/** A record of IPFIX as a flow: values of reduced size are taken (RFC 7011 §6.2), others refused. */
import type { FlowRecord } from '../device/flow.ts';
import type { IpfixRecord } from './decode.ts';
import { FLOW_FIELDS, type FlowField, fieldKey } from './elements.ts';

const COLORS = ['mpls', 'biz-internet', 'lte'] as const;
const MAX_TEXT = 254;
/** Last millisecond that a date can name (ECMA-262 §21.4.1.1). */
const LAST_MS = 8_640_000_000_000_000;

/** The flow that `device` told of; undefined when a field is missing or impossible. */
export function toFlowRecord(record: IpfixRecord, device: string): FlowRecord | undefined {
  const raw = (name: FlowField): Buffer | undefined => record.get(fieldKey(FLOW_FIELDS[name]));
  const number = (name: FlowField): number => {
    const bytes = raw(name);
    const whole = bytes === undefined || bytes.length === 0 || bytes.length > FLOW_FIELDS[name].size;
    const value = whole ? Number.NaN : Number(BigInt(`0x${bytes.toString('hex')}`));
    return Number.isSafeInteger(value) ? value : Number.NaN;
  };
  const address = (name: FlowField): string => (raw(name)?.length === 4 ? [...(raw(name) ?? [])].join('.') : '');
  const text = (name: FlowField): string => (raw(name) ?? Buffer.alloc(0)).subarray(0, MAX_TEXT).toString('utf8');
  const color = COLORS.find((one) => one === text('color'));
  const dnsName = text('dnsName');
  const flow: FlowRecord = {
    ...{ device, start: number('start'), end: number('end'), vrf: number('vrf') },
    ...{ source: address('source'), destination: address('destination') },
    ...{ sourcePort: number('sourcePort'), destinationPort: number('destinationPort'), protocol: number('protocol') },
    ...{ octets: number('octets'), packets: number('packets'), tcpFlags: number('tcpFlags') },
    ...{ dscpIn: Math.floor(number('dscpIn') / 4), dscpOut: Math.floor(number('dscpOut') / 4) },
    ...{ application: text('application'), egress: text('egress') },
    ...(color === undefined ? {} : { color }),
    ...(dnsName === '' ? {} : { dnsName }),
  };
  const sound =
    Object.values(flow).every((value) => typeof value !== 'number' || Number.isSafeInteger(value)) &&
    flow.source !== '' &&
    flow.destination !== '' &&
    flow.start <= flow.end &&
    flow.end <= LAST_MS;
  return sound ? flow : undefined;
}
