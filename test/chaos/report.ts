/** What was injected and what was checked, as a table or as JSON. */
export interface Check {
  readonly what: string;
  readonly ok: boolean;
  readonly found: string;
  /** Why it could not be made here. */
  readonly skipped?: string;
}

export interface Report {
  readonly ok: boolean;
  readonly summary: {
    readonly seed: number;
    readonly seconds: number;
    /** How often each thing was done, by its name. */
    readonly injected: { readonly [what: string]: number };
    readonly acknowledged: {
      readonly reads: number;
      readonly changes: number;
      readonly runs: number;
      readonly answers: number;
    };
    readonly outcomes: { readonly [outcome: string]: number };
    /** Calls that were not acknowledged, by code. */
    readonly failures: { readonly [code: string]: number };
  };
  readonly checks: readonly Check[];
}

export function printReport({ ok, summary, checks }: Report): void {
  const list = (counts: { readonly [name: string]: number }): string =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(' · ');
  console.log(`seed ${summary.seed}, ${summary.seconds} s`);
  console.log(`injected      ${list(summary.injected)}`);
  console.log(`acknowledged  ${list(summary.acknowledged)}`);
  console.log(`outcomes      ${list(summary.outcomes)}`);
  console.log(`not answered  ${list(summary.failures) || 'none'}`);
  for (const check of checks) {
    const mark = check.skipped !== undefined ? '–' : check.ok ? '✓' : '✗';
    console.log(`${mark} ${check.what}\n    ${check.skipped ?? check.found}`);
  }
  console.log(ok ? 'all held' : 'NOT ALL HELD');
}
