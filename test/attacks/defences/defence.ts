/**
 * What a defence is, and how it is taken out: the text that stands in its place lets everything pass.
 *
 * A replacement is applied to a copy of the sources only, by `measure.ts`. Each `find` must stand exactly once in its
 * file, so that a defence that was rewritten fails a test here instead of being measured no more.
 */
export interface Defence {
  /** What it does, in a sentence. */
  readonly what: string;
  readonly without: readonly { readonly file: string; readonly find: string; readonly replace: string }[];
}
