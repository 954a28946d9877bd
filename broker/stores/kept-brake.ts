/** A brake that outlives a restart: nobody lets changes go on by starting the broker anew. */
import { z } from 'zod';
import type { KeyedRecords } from '../identity/keyed-records.ts';
import { type Brake, createBrake } from '../policy/brake.ts';

export const brakeRecord = z.strictObject({ why: z.string().optional() });
export type BrakeRecord = Readonly<z.infer<typeof brakeRecord>>;

export interface KeptBrakeDeps {
  readonly records: KeyedRecords<BrakeRecord>;
  /** Told of the first reason, also of the one that an earlier broker left; what it does may not fail. */
  readonly report: (why: string) => void;
  /** Told when the reason could not be kept: the brake holds all the same, until the next start. */
  readonly failed: (error: unknown) => void;
}

const ID = 'brake';

/** Pulled from the start when it was pulled before. Rejects when that cannot be read: a broker that does not know must not start. */
export async function openKeptBrake({ records, report, failed }: KeptBrakeDeps): Promise<Brake> {
  let last: Promise<unknown> = Promise.resolve();
  const keep = (why: string | undefined): void => {
    last = last.then(() => records.update(ID, () => (why === undefined ? {} : { why }))).catch(failed);
  };
  const brake = createBrake((why) => {
    keep(why);
    report(why);
  });
  const before = (await records.get(ID))?.why;
  if (before !== undefined) brake.pull(before);
  return {
    ...brake,
    release() {
      const was = brake.release();
      if (was !== undefined) keep(undefined);
      return was;
    },
  };
}
