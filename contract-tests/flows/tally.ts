/** Counts what a run proved; one printed line per statement. */
export interface Tally {
  check(statement: string, holds: boolean, detail?: unknown): void;
  skip(statement: string, reason: string): void;
  note(text: string): void;
}

export interface Totals {
  passed: number;
  failed: number;
}

export function createTally(name: string, totals: Totals): Tally {
  return {
    check(statement, holds, detail) {
      totals[holds ? 'passed' : 'failed']++;
      const why = holds || detail === undefined ? '' : ` — ${short(detail)}`;
      console.log(`${holds ? 'ok  ' : 'FAIL'} ${name}: ${statement}${why}`);
    },
    skip: (statement, reason) => console.log(`skip ${name}: ${statement} (${reason})`),
    note: (text) => console.log(`     ${name}: ${text}`),
  };
}

function short(detail: unknown): string {
  const text = detail instanceof Error ? (detail.stack ?? detail.message) : (JSON.stringify(detail) ?? String(detail));
  return text.slice(0, 1500);
}
