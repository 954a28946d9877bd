/** Paths of the director's REST API: each with the form of its rows and how they follow from what the director knows. */
import { z } from 'zod';
import type { DeviceState } from '../device/state.ts';
import type { DeviceRef, Director, Known } from './director.ts';
import type { row } from './rows.ts';

export type Query = { readonly [name: string]: string };

export interface Endpoint<Form extends z.ZodType = z.ZodType> {
  readonly path: string;
  /** For readers. */
  readonly form: Form;
  rows(director: Director, query: Query): readonly z.infer<Form>[];
}

/** A query that cannot be answered; `message` says what is wrong and what would do. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
  readonly code = 'BAD_QUERY';
}

/** Reads a query strictly. @throws {QueryError} */
export function parseQuery<Value>(form: z.ZodType<Value>, query: Query): Value {
  const parsed = form.safeParse(query);
  if (parsed.success) return parsed.data;
  throw new QueryError(z.prettifyError(parsed.error).slice(0, 500));
}

/** Whole number in a query. */
export const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,16}$/, 'a whole number')
    .transform(Number)
    .pipe(z.int().min(least).max(most));

type Base = z.infer<typeof row>;
type RowForm = z.ZodType<Base>;
type Rest<Form extends RowForm> = Omit<z.infer<Form>, keyof Base>;

/** `live`: what devices say when asked; `statistics`: what they said at the last sample. */
type Age = 'live' | 'statistics';

/** Devices that a query is about: those it names, with commas between (less those that are not known), or all. */
export const devicesOf = (director: Director, { deviceId }: Query): readonly DeviceRef[] =>
  deviceId === undefined
    ? director.devices()
    : [...new Set(deviceId.split(','))].flatMap((name) => director.find(name) ?? []);

/**
 * Rows about devices out of sections of what they report. `device/…` paths need a `deviceId`, as the manager's do; the
 * others answer for all devices without one.
 */
export function ofDevice<Form extends RowForm, Key extends keyof DeviceState>(
  path: string,
  form: Form,
  age: Age,
  keys: readonly Key[],
  render: (known: Known<Key>, director: Director) => readonly Rest<Form>[],
): Endpoint<Form> {
  const needsDevice = path.startsWith('/dataservice/device/');
  return {
    path,
    form,
    rows: (director, query) =>
      needsDevice && query['deviceId'] === undefined
        ? []
        : devicesOf(director, query).flatMap((ref) => {
            const known = age === 'live' ? director.ask(ref, ...keys) : director.sample(ref, ...keys);
            if (known === undefined) return [];
            const base = { 'vdevice-name': ref.device, lastupdated: known.at };
            // The base and the rest are the whole row; TypeScript cannot put them together again.
            return render(known, director).map((rest) => ({ ...base, ...rest }) as z.infer<Form>);
          }),
  };
}

/** Rows about the tenant. */
export const ofTenant = <Form extends z.ZodType>(
  path: string,
  form: Form,
  rows: Endpoint<Form>['rows'],
): Endpoint<Form> => ({ path, form, rows });
