/** What an attack is: one way to do harm, tried for real, and the defence that stops it. */
import type { DefenceName } from './defences.ts';

/** What came of an attempt. `refused` is false as soon as one of its variants got through. */
export interface Attempt {
  readonly refused: boolean;
  /** What refused it, or what got through: a status and a reason, in a few words. */
  readonly how: string;
}

export interface Attack {
  /** As in `attacks.json`, which says what is tried and what must be seen. */
  readonly id: string;
  /** The defence that refuses it. With that one taken out the attack must get through, or it proves nothing. */
  readonly guard: DefenceName;
  readonly attempt: () => Promise<Attempt>;
}

const closers: (() => Promise<void>)[] = [];

/** A laboratory that is opened when the first attack needs it, kept for the others until `closeLaboratories`, and opened anew after that. */
export function laboratory<T extends { readonly close: () => Promise<void> }>(
  open: () => Promise<T>,
): () => Promise<T> {
  let opened: Promise<T> | undefined;
  return () => {
    opened ??= open().then((lab) => {
      closers.push(() => {
        opened = undefined;
        return lab.close();
      });
      return lab;
    });
    return opened;
  };
}

export async function closeLaboratories(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}

/** One attack in several spellings: refused if each of them is. Without variants nothing was tried, which is a defect of the case. */
export async function attemptAll(
  variants: Iterable<readonly [what: string, attempt: () => Promise<Attempt>]>,
): Promise<Attempt> {
  const ways = new Map<string, number>();
  let tried = 0;
  for (const [what, attempt] of variants) {
    const { refused, how } = await attempt();
    if (!refused) return { refused, how: `${what}: ${how}` };
    ways.set(how, (ways.get(how) ?? 0) + 1);
    tried += 1;
  }
  if (tried === 0) throw new Error('an attack without a variant');
  return { refused: true, how: [...ways].map(([how, times]) => (times === 1 ? how : `${how} ×${times}`)).join(', ') };
}
