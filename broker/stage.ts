/** What a pipeline stage is, and how stages become one function: each sees what the ones before it established, and calls `next` at most once. */
import type { Answer } from './contract.ts';

/** A stage receives `In`, may refuse by throwing `WayleaveError`, and hands a richer `Out` to the rest of the pipeline. */
export type Stage<In, Out extends In = In> = (context: In, next: (context: Out) => Promise<Answer>) => Promise<Answer>;

export interface Pipeline<In, Out extends In> {
  /** Appends a stage. */
  readonly through: <Next extends Out>(stage: Stage<Out, Next>) => Pipeline<In, Next>;
  /** Closes the pipeline with the function that produces the answer. */
  readonly end: (last: (context: Out) => Promise<Answer>) => (context: In) => Promise<Answer>;
}

/** Begins a pipeline with its outermost stage. */
export function pipeline<In, Out extends In>(outer: Stage<In, Out>): Pipeline<In, Out> {
  return {
    through: <Next extends Out>(inner: Stage<Out, Next>): Pipeline<In, Next> =>
      pipeline<In, Next>((context, next) =>
        outer(
          context,
          once((richer) => inner(richer, next)),
        ),
      ),
    end: (last) => (context) => outer(context, once(last)),
  };
}

/** A stage that calls `next` twice would execute twice: that is a defect, and it must not reach a device. */
function once<C>(next: (context: C) => Promise<Answer>): (context: C) => Promise<Answer> {
  let called = false;
  return (context) => {
    if (called) return Promise.reject(new Error('a stage called next twice'));
    called = true;
    return next(context);
  };
}
