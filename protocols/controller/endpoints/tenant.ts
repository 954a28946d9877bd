/** Paths about a tenant as a whole: events, alarms, flows, records that people keep. */
import { z } from 'zod';
import type { FlowRecord } from '../../device/flow.ts';
import type { NetworkEvent } from '../../device/state.ts';
import type { Director } from '../director.ts';
import { ofTenant, parseQuery, type Query, QueryError, wholeNumber } from '../endpoint.ts';
import { color, count, text, time, vpn, word } from '../rows.ts';

export const eventRow = z.object({
  id: count,
  entry_time: time,
  eventname: word,
  severity: z.enum(['critical', 'major', 'minor', 'warning', 'info', 'cleared']),
  'vdevice-name': word,
  resource: word,
  details: text,
});

const dscp = count.max(63);

/** One flow record (RFC 7011), in the manager's words. */
export const flowRow = z.object({
  'vdevice-name': word,
  start_time: time,
  entry_time: time,
  'vpn-id': vpn,
  src_ip: z.ipv4(),
  dest_ip: z.ipv4(),
  src_port: count.max(65_535),
  dest_port: count.max(65_535),
  ip_proto: count.max(255),
  octets: count,
  packets: count,
  /** Union of the TCP flags seen (RFC 9293 §3.1). */
  tcp_cntrl_bits: count.max(255),
  dscp_input: dscp,
  dscp_output: dscp,
  application: word,
  /** Interface it left by; empty when it was dropped. */
  egress_intf_name: z.union([word, z.literal('')]),
  local_color: color.optional(),
  /** Name asked for, on DNS flows. */
  dns_query: text.optional(),
});

/** Who talked how much, most first. */
export const talkerRow = z.object({
  'vdevice-name': word,
  entry_time: time,
  application: word,
  'vpn-id': vpn,
  src_ip: z.ipv4(),
  octets: count,
  flows: count,
});

export const windowRow = z.object({ id: word, resource: word, from: time, until: time, summary: text });
export const ticketRow = z.object({
  id: word,
  device: word,
  implementer: text,
  from: time,
  until: time,
  summary: text,
});
export const knownSourceRow = z.object({
  name: word,
  role: z.enum(['scanner', 'management', 'vendor', 'time-server']),
  summary: text,
});

const DEFAULT_EVENTS = 100;
const MAX_EVENTS = 500;
const ALL_EVENTS = 1_000_000;

/** Newest first: `count` of them after the newest `skip`, which an earlier question brought. */
const renderEvents = (events: readonly NetworkEvent[], query: Query): readonly z.infer<typeof eventRow>[] =>
  events
    .slice(0, Math.max(0, events.length - skipOf(query)))
    .slice(-countOf(query))
    .reverse()
    .map((event) => ({
      id: event.seq,
      entry_time: event.at,
      eventname: event.name,
      severity: event.severity,
      'vdevice-name': event.device,
      resource: event.resource,
      details: event.detail,
    }));

function countOf({ count: asked }: Query): number {
  return Math.min(MAX_EVENTS, asked !== undefined && /^[1-9]\d{0,5}$/.test(asked) ? Number(asked) : DEFAULT_EVENTS);
}

const skipOf = ({ skip }: Query): number => (skip !== undefined && /^[1-9]\d{0,5}$/.test(skip) ? Number(skip) : 0);

/** The last event of each kind on a resource, when it tells of something that is wrong and was not cleared since. */
function findAlarms(events: readonly NetworkEvent[]): readonly NetworkEvent[] {
  const last = new Map(events.map((event) => [`${event.name} ${event.resource}`, event]));
  return [...last.values()]
    .filter(({ severity }) => severity !== 'cleared' && severity !== 'info')
    .sort((a, b) => a.seq - b.seq);
}

const HOUR_MS = 3_600_000;
const MAX_FLOWS = 20_000;
const spanForm = z.object({
  /** Epoch milliseconds; one hour before the end when absent. */
  startDate: wholeNumber(0, Number.MAX_SAFE_INTEGER).optional(),
  /** Now when absent. */
  endDate: wholeNumber(0, Number.MAX_SAFE_INTEGER).optional(),
  deviceId: word.optional(),
  /** Names of devices, with commas between. */
  exporters: z.string().max(4_096).optional(),
});

/** Flows of the span that the query names, of the devices when it names some. At most a day. */
function readFlows({ view, tenant }: Director, query: Query) {
  const { startDate, endDate, deviceId, exporters } = parseQuery(spanForm, query);
  const until = Math.min(view.now(), endDate ?? view.now());
  const after = startDate ?? until - HOUR_MS;
  if (until - after > 24 * HOUR_MS || after > until)
    throw new QueryError('startDate must be before endDate, by at most a day');
  const named = deviceId ?? exporters;
  const of = named === undefined ? undefined : new Set(named.split(','));
  return { until, flows: view.flows(tenant, after, until, MAX_FLOWS, of) };
}

const renderFlow = (flow: FlowRecord): z.infer<typeof flowRow> => ({
  'vdevice-name': flow.device,
  start_time: flow.start,
  entry_time: flow.end,
  'vpn-id': flow.vrf,
  src_ip: flow.source,
  dest_ip: flow.destination,
  src_port: flow.sourcePort,
  dest_port: flow.destinationPort,
  ip_proto: flow.protocol,
  octets: flow.octets,
  packets: flow.packets,
  tcp_cntrl_bits: flow.tcpFlags,
  dscp_input: flow.dscpIn,
  dscp_output: flow.dscpOut,
  application: flow.application,
  egress_intf_name: flow.egress,
  ...(flow.color === undefined ? {} : { local_color: flow.color }),
  ...(flow.dnsName === undefined ? {} : { dns_query: flow.dnsName }),
});

function rankFlows(flows: readonly FlowRecord[], at: number): readonly z.infer<typeof talkerRow>[] {
  const rows = new Map<string, z.infer<typeof talkerRow>>();
  for (const flow of flows) {
    const key = `${flow.device}|${flow.application}|${flow.vrf}|${flow.source}`;
    const known = rows.get(key);
    rows.set(key, {
      'vdevice-name': flow.device,
      entry_time: at,
      application: flow.application,
      'vpn-id': flow.vrf,
      src_ip: flow.source,
      octets: (known?.octets ?? 0) + flow.octets,
      flows: (known?.flows ?? 0) + 1,
    });
  }
  return [...rows.values()].sort((a, b) => b.octets - a.octets);
}

export const TENANT_ENDPOINTS = [
  ofTenant('/dataservice/event', eventRow, ({ view, tenant }, query) =>
    renderEvents(view.events(tenant, 0, ALL_EVENTS), query),
  ),
  ofTenant('/dataservice/alarms', eventRow, ({ view, tenant }, query) =>
    renderEvents(findAlarms(view.events(tenant, 0, ALL_EVENTS)), query),
  ),
  ofTenant('/dataservice/statistics/flows', flowRow, (director, query) =>
    readFlows(director, query).flows.map(renderFlow),
  ),
  ofTenant('/dataservice/statistics/dpi', talkerRow, (director, query) => {
    const { flows, until } = readFlows(director, query);
    return rankFlows(flows, until);
  }),
  ofTenant('/dataservice/records/windows', windowRow, ({ view, tenant }) =>
    view.records(tenant).windows.map((one) => ({ ...one })),
  ),
  ofTenant('/dataservice/records/tickets', ticketRow, ({ view, tenant }) =>
    view.records(tenant).tickets.map((one) => ({ ...one })),
  ),
  ofTenant('/dataservice/records/known-sources', knownSourceRow, ({ view, tenant }) =>
    view.records(tenant).knownSources.map((one) => ({ ...one })),
  ),
] as const;
