/** A brake that outlives a restart: nobody lets changes go on by starting the broker anew. */
import { z } from 'zod';
import type { KeyedRecords } from '../identity/keyed-records.ts';
import { type Brake, createBrake } from '../policy/brake.ts';

export const brakeRecord = z.strictObject({ why: z.string().optional() });
export type BrakeRecord = Readonly<z.infer<typeof brakeRecord>>;

/** `reload` takes over that another broker pulled or released it. */
export interface KeptBrake extends Brake {
  reload(): Promise<void>;
}

export interface KeptBrakeDeps {
  readonly records: KeyedRecords<BrakeRecord>;
  /** Told of the first reason, also of the one that an earlier broker left; what it does may not fail. */
  readonly report: (why: string) => void;
  /** Told when the reason could not be kept: the brake holds all the same, until the next start. */
  readonly failed: (error: unknown) => void;
  /** Told after the record changed, so that other brokers read it. */
  readonly changed: () => Promise<void>;
}

const ID = 'brake';

/** Pulled from the start when it was pulled before. Rejects when that cannot be read: a broker that does not know must not start. */
export async function openKeptBrake({ records, report, failed, changed }: KeptBrakeDeps): Promise<KeptBrake> {
  let last: Promise<unknown> = Promise.resolve();
  /** What is pulled here is what the record says: only then may another broker release it. */
  let isKept = true;
  let isTheirs = false;
  const keep = (why: string | undefined): void => {
    isKept = false;
    last = last
      .then(() => records.update(ID, () => (why === undefined ? {} : { why })))
      .then(async () => {
        isKept = true;
        await changed();
      })
      .catch(failed);
  };
  const brake = createBrake((why) => {
    if (isTheirs) return; // whoever pulled it has told and kept it
    keep(why);
    report(why);
  });
  const before = (await records.get(ID))?.why;
  if (before !== undefined) brake.pull(before);
  return {
    ...brake,
    async reload() {
      await last;
      const why = (await records.get(ID))?.why;
      if (!isKept) return;
      isTheirs = true;
      if (why === undefined) brake.release();
      else brake.pull(why);
      isTheirs = false;
    },
    release() {
      const was = brake.release();
      if (was !== undefined) keep(undefined);
      return was;
    },
  };
}
