/** Runs the steps of a tour one after the other, records what each one checked, and tells it as a story. */

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

export interface StepResult {
  readonly name: string;
  readonly ok: boolean;
  readonly wall_ms: number;
  readonly checks: readonly Check[];
}

export interface TourResult {
  readonly ok: boolean;
  readonly wall_ms: number;
  readonly steps: readonly StepResult[];
}

/** What a step works with: it tells (prose for people) and it checks (facts for the result). */
export interface Narrator {
  tell(line: string): void;
  /** Records a fact and shows it; returns `ok`. */
  check(name: string, ok: boolean, detail?: string): boolean;
}

export interface Step {
  readonly name: string;
  readonly run: (narrator: Narrator) => Promise<void>;
}

export interface TourOutput {
  /** A new step begins. */
  heading(number: number, total: number, name: string): void;
  line(text: string): void;
  check(check: Check): void;
}

/**
 * Stops at the first step that fails: what follows would only fail for the same reason. A step without a single check
 * has shown nothing and fails as well.
 */
export async function runTour(steps: readonly Step[], output: TourOutput, now: () => number): Promise<TourResult> {
  const begun = now();
  const results: StepResult[] = [];
  for (const [index, step] of steps.entries()) {
    const started = now();
    const checks: Check[] = [];
    const note = (check: Check): boolean => {
      checks.push(check);
      output.check(check);
      return check.ok;
    };
    output.heading(index + 1, steps.length, step.name);
    try {
      await step.run({
        tell: (line) => output.line(line),
        check: (name, ok, detail = '') => note({ name, ok, detail }),
      });
    } catch (error) {
      note({
        name: 'the step ran to its end',
        ok: false,
        detail: error instanceof Error ? error.message : String(error),
      });
    }
    const ok = checks.length > 0 && checks.every((check) => check.ok);
    results.push({ name: step.name, ok, wall_ms: Math.round(now() - started), checks });
    if (!ok) break;
  }
  return {
    ok: results.length === steps.length && results.every((step) => step.ok),
    wall_ms: Math.round(now() - begun),
    steps: results,
  };
}
