/** What rows of the director's REST API are made of, and how they are read from a controller that is not trusted. */
import { z } from 'zod';

/** A name, in one word. */
export const word = z.string().regex(/^[\w.:/+-]{1,128}$/);
export const text = z.string().regex(/^[^\p{Cc}]{0,500}$/u);
export const color = z.enum(['mpls', 'biz-internet', 'lte']);
export const slaClass = z.enum(['voice', 'video', 'critical', 'bulk']);
export const upDown = z.enum(['up', 'down']);
/** Epoch milliseconds. */
export const time = z.int().min(0).max(8_640_000_000_000_000);
export const count = z.int().min(0);
export const figure = z.number().min(0);
export const percent = figure.max(100);
export const ratio = figure.max(1);
export const vpn = count.max(65_535);
export const prefix = z.cidrv4();

/** Which device a row is about, and when the director last heard what it says. */
export const row = z.object({ 'vdevice-name': word, lastupdated: time });

/** No more rows than this are read of one answer. */
const MAX_ROWS = 50_000;

/** The rows of an answer (`{"data": […]}`) that have the form; others are left out. */
export function readRows<Row>(form: z.ZodType<Row>, answer: unknown): readonly Row[] {
  const rows = z.object({ data: z.array(z.unknown()).max(MAX_ROWS) }).safeParse(answer);
  return (rows.data?.data ?? []).flatMap((each) => {
    const parsed = form.safeParse(each);
    return parsed.success ? [parsed.data] : [];
  });
}
