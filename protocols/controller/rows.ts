/** Rows of the director's REST API: their form, and how they are read from a controller that is not trusted. */
import { z } from 'zod';

/** A name, in one word. */
const word = z.string().regex(/^[\w.:/+-]{1,128}$/);
const text = z.string().regex(/^[^\p{Cc}]{0,500}$/u);
const color = z.enum(['mpls', 'biz-internet', 'lte']);
/** Epoch milliseconds. */
const time = z.int().min(0).max(8_640_000_000_000_000);
const count = z.int().min(0);

/** When the director last heard of what the row says. */
const row = z.object({ 'vdevice-name': word, lastupdated: time });

export const deviceRow = z.object({
  deviceId: word,
  'host-name': word,
  'system-ip': z.ipv4(),
  'site-id': count,
  personality: z.enum(['edge', 'hub', 'controller']),
  reachability: z.enum(['reachable', 'unreachable']),
  /** Boot time. */
  'uptime-date': time,
  lastupdated: time,
});

export const bfdSessionRow = row.extend({
  'local-color': color,
  'remote-color': color,
  'remote-host-name': word,
  state: z.enum(['up', 'down']),
  transitions: count,
  'tx-interval': count,
  'detect-multiplier': count,
});

export const controlConnectionRow = row.extend({
  'peer-name': word,
  'local-color': color,
  state: z.enum(['up', 'down']),
  reason: word,
  since: time,
});

export const appRouteRow = row.extend({
  local_color: color,
  remote_color: color,
  remote_host_name: word,
  loss_percentage: z.number().min(0).max(100),
  latency: z.number().min(0),
  jitter: z.number().min(0),
});

export const eventRow = z.object({
  id: count,
  entry_time: time,
  eventname: word,
  severity: z.enum(['critical', 'major', 'minor', 'warning', 'info', 'cleared']),
  'vdevice-name': word,
  resource: word,
  details: text,
});

export const cellularRow = row.extend({
  'if-name': word,
  registration: z.enum(['registered', 'not-registered']),
  attachment: z.enum(['attached', 'detached']),
  rssi: z.number().min(-200).max(0),
});

export const attachedConfigRow = z.object({ deviceId: word, config: z.string().max(4_000_000) });

export type DeviceRow = z.infer<typeof deviceRow>;
export type BfdSessionRow = z.infer<typeof bfdSessionRow>;
export type ControlConnectionRow = z.infer<typeof controlConnectionRow>;
export type AppRouteRow = z.infer<typeof appRouteRow>;
export type EventRow = z.infer<typeof eventRow>;
export type CellularRow = z.infer<typeof cellularRow>;
export type AttachedConfigRow = z.infer<typeof attachedConfigRow>;

/** No more rows than this are read of one answer. */
const MAX_ROWS = 20_000;

/** The rows of an answer (`{"data": […]}`) that have the form; others are left out. */
export function readRows<Row>(form: z.ZodType<Row>, answer: unknown): readonly Row[] {
  const rows = z.object({ data: z.array(z.unknown()).max(MAX_ROWS) }).safeParse(answer);
  return (rows.data?.data ?? []).flatMap((each) => {
    const parsed = form.safeParse(each);
    return parsed.success ? [parsed.data] : [];
  });
}
