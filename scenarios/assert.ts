/** One assertion on telemetry: a signal, the places it is read at, a comparison, and how soon it must hold. */
import { z } from 'zod';
import { type Comparison, compare, comparison, type SignalValue } from './comparison.ts';

const places = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);

/** How a probe is sent, where its signal leaves it open. */
const probeOptions = z.strictObject({
  object: z.enum(['small', 'large']).optional(),
  /** Bytes. */
  size: z.int().min(28).max(9000).optional(),
  dscp: z.int().min(0).max(63).optional(),
  name: z.string().optional(),
  /** VRF that is looked at, or that a device's own probe starts in; 10 when absent. */
  vrf: z.int().min(0).max(65_535).optional(),
});

export const assertion = z
  .strictObject({
    says: z.string().min(1).max(200),
    /** One of the signals of the catalogue. */
    signal: z.string().min(1),
    /** Names of resources, `*` for any run of characters; of a probe `from > to`. */
    at: places,
    /** Places that are left out. */
    except: places.optional(),
    /** Devices whose report counts; all when absent. */
    seen_by: z.array(z.string()).min(1).optional(),
    with: probeOptions.optional(),
    some: comparison.optional(),
    every: comparison.optional(),
    none: comparison.optional(),
    /** Of how many readings there are. */
    count: comparison.optional(),
    /** Seconds of the network's clock until it must be so. */
    within: z.number().int().min(0).max(2_678_400).default(30),
  })
  .refine(
    (one) => [one.some, one.every, one.none, one.count].filter((value) => value !== undefined).length === 1,
    'give exactly one of some, every, none, count',
  );

export type Assertion = z.infer<typeof assertion>;

/** One value of a signal at one place. */
export interface Reading {
  readonly signal: string;
  /** Tenant-relative resource name. */
  readonly resource: string;
  readonly value: SignalValue;
  /** Device that reported it; absent when nobody in particular did. */
  readonly device?: string;
}

/** What tells two readings of one signal apart: the place, and who reported it. */
export const readingKey = ({ resource, device }: Reading): string => `${resource}|${device ?? ''}`;

/** True for a name that fits one of the patterns. */
export function fits(patterns: string | readonly string[], name: string): boolean {
  return [patterns].flat().some((pattern) => {
    const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${parts.join('.*')}$`).test(name);
  });
}

/** The readings that an assertion is about. */
export const relevant = (wanted: Assertion, readings: readonly Reading[]): readonly Reading[] =>
  readings.filter(
    (one) =>
      one.signal === wanted.signal &&
      fits(wanted.at, one.resource) &&
      !(wanted.except !== undefined && fits(wanted.except, one.resource)) &&
      (wanted.seen_by === undefined || (one.device !== undefined && wanted.seen_by.includes(one.device))),
  );

/** Whether it holds; `every` and `some` need a reading, so that none is empty. `before`: readings before the incident. */
export function holds(wanted: Assertion, readings: readonly Reading[], before: readonly Reading[] = []): boolean {
  const here = relevant(wanted, readings);
  if (wanted.count !== undefined) return compare(wanted.count, here.length, relevant(wanted, before).length);
  const earlier = new Map(relevant(wanted, before).map((one) => [readingKey(one), one.value]));
  const test = (how: Comparison) => (one: Reading) => compare(how, one.value, earlier.get(readingKey(one)));
  if (wanted.every !== undefined) return here.length > 0 && here.every(test(wanted.every));
  if (wanted.some !== undefined) return here.some(test(wanted.some));
  return wanted.none !== undefined && !here.some(test(wanted.none));
}
