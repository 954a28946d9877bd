/** `flows.read`: who talks to whom, how much, how often and how regularly, summed up from flow records. */
import { z } from 'zod';
import type { Observation, OperationReply } from '../broker/contract.ts';
import { flowRow } from '../protocols/controller/endpoints/tenant.ts';
import type { FlowRecord } from '../protocols/device/flow.ts';
import { countNewPerSecond, isHalfOpen, scorePeriodicity } from '../protocols/device/flow-figures.ts';
import { defineTool } from './define-tool.ts';
import { DIRECTOR, observe, rowsOf } from './replies.ts';

const PATH = '/dataservice/statistics/flows';
/** Sources that are told of, those with most flows and those with most octets first. */
const MAX_SOURCES = 400;
/** Names that one source asked for that are told. */
const MAX_NAMES = 30;

type Row = z.infer<typeof flowRow>;

export const flowsRead = defineTool({
  name: 'flows.read',
  domain: 'diagnostics',
  effect: 'read',
  description:
    'Sums up the flow records of a span by source: new flows a second, half-open ones, octets, destinations, drops, rhythm, names asked for, code points.',
  targets: 'none',
  input: z.strictObject({
    from: z.iso.datetime().describe('Beginning of the span'),
    until: z.iso.datetime().describe('Its end; at most one hour later'),
    exporters: z
      .array(z.string().regex(/^[\w.-]{1,64}$/))
      .min(1)
      .max(50)
      .exactOptional()
      .describe('Only what these devices exported'),
  }),
  plan: ({ from, until, exporters }) => [
    {
      protocol: 'rest',
      kind: 'get',
      device: DIRECTOR,
      path: PATH,
      query: {
        startDate: String(Date.parse(from)),
        endDate: String(Date.parse(until)),
        ...(exporters === undefined ? {} : { exporters: exporters.join(',') }),
      },
    },
  ],
  read: (replies) => replies.flatMap((reply) => sumUp(reply, rowsOf(reply, PATH, flowRow))),
});

const asFlow = (row: Row): Pick<FlowRecord, 'start' | 'protocol' | 'tcpFlags'> => ({
  start: row.start_time,
  protocol: row.ip_proto,
  tcpFlags: row.tcp_cntrl_bits,
});

function groupRows(rows: readonly Row[], keyOf: (row: Row) => string): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}

const distinct = (rows: readonly Row[], of: (row: Row) => string | number): number => new Set(rows.map(of)).size;
const sum = (rows: readonly Row[], of: (row: Row) => number): number => rows.reduce((all, row) => all + of(row), 0);
const tenth = (value: number): number => Math.round(10 * value) / 10;

/** Observations of one source: `address/10.1.10.11`, and of its pairs that show a rhythm. */
function tellSource(reply: OperationReply, source: string, rows: readonly Row[], spanMs: number): Observation[] {
  const flows = rows.map((row) => asFlow(row));
  const at = `address/${source}`;
  const busiest = [...groupRows(rows, (row) => row.dest_ip)].sort((a, b) => b[1].length - a[1].length)[0]?.[0] ?? '';
  const rewritten = rows.filter((row) => row.dscp_input !== 0 && row.dscp_output !== row.dscp_input);
  const names = rows.flatMap(({ dns_query: name }) => (name === undefined ? [] : [name]));
  return [
    observe(reply, at, 'flow.new_per_s', tenth(countNewPerSecond(flows, spanMs))),
    observe(reply, at, 'flow.halfopen', flows.filter(isHalfOpen).length),
    observe(
      reply,
      at,
      'flow.top',
      sum(rows, (row) => row.octets),
    ),
    observe(
      reply,
      at,
      'flow.spread',
      `${distinct(rows, (row) => row.dest_ip)} addresses ${distinct(rows, (row) => row.dest_port)} ports ` +
        `${rows.filter((row) => row.egress_intf_name === '').length} dropped of ${rows.length}, most to ${busiest}`,
    ),
    ...tellLargest(reply, at, rows),
    ...(rewritten[0] === undefined
      ? []
      : [
          observe(
            reply,
            at,
            'flow.dscp',
            `${rewritten[0].dscp_input} in, ${rewritten[0].dscp_output} out by ${rewritten[0].egress_intf_name} of ${rewritten[0]['vdevice-name']}`,
          ),
        ]),
    ...(names.length === 0
      ? []
      : [observe(reply, at, 'flow.dns_query', [...new Set(names)].slice(0, MAX_NAMES).join(' '))]),
    ...[...groupRows(rows, (row) => `${row.dest_ip}:${row.dest_port}`)].flatMap(([to, pair]) => {
      const score = scorePeriodicity(pair.map((row) => asFlow(row)));
      return score === 0 ? [] : [observe(reply, `${at} > ${to}`, 'flow.periodicity', score)];
    }),
  ];
}

/** Where most of its octets go, and what the device took them for. */
function tellLargest(reply: OperationReply, at: string, rows: readonly Row[]): Observation[] {
  const pairs = [...groupRows(rows, (row) => `${row.dest_ip}:${row.dest_port}`)].map(([to, pair]) => ({
    ...{ to, octets: sum(pair, (row) => row.octets), application: pair[0]?.application ?? 'unknown' },
  }));
  const [most] = pairs.sort((a, b) => b.octets - a.octets);
  return most === undefined
    ? []
    : [observe(reply, at, 'flow.largest', `${most.octets} octets to ${most.to} as ${most.application}`)];
}

function sumUp(reply: OperationReply, rows: readonly Row[]): readonly Observation[] {
  const { operation } = reply;
  if (operation.protocol !== 'rest') return [];
  const { startDate = '0', endDate = '0' } = operation.query;
  const spanMs = Number(endDate) - Number(startDate);
  const groups = [...groupRows(rows, (row) => row.src_ip)];
  const byCount = groups.toSorted((a, b) => b[1].length - a[1].length).slice(0, MAX_SOURCES / 2);
  const byOctets = groups.toSorted((a, b) => sum(b[1], (row) => row.octets) - sum(a[1], (row) => row.octets));
  const chosen = new Map([...byCount, ...byOctets.slice(0, MAX_SOURCES / 2)]);
  return [...chosen].flatMap(([source, group]) => tellSource(reply, source, group, spanMs));
}
