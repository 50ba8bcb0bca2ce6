import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { documented } from '../../src/testing/document.ts';
import type { Turn } from './credentials.ts';
import { EXCEPTIONS, RARE } from './exceptions.ts';

/** What one run came to. */
export interface Row {
  readonly turn: Turn;
  readonly operations: number;
  readonly links: string;
  readonly cases: number;
  readonly checks: number;
  readonly failures: number;
  readonly warnings: number;
  readonly seconds: number;
}

/** The part that we read of Schemathesis's JSON report. */
interface Report {
  readonly running_time: number;
  readonly operations: Readonly<Record<'total' | 'tested' | 'errored' | 'skipped', number>>;
  readonly phases: Readonly<Record<string, { status: string }>>;
  readonly test_cases: { readonly generated: number; readonly unique_failures: number; readonly errored: number };
  readonly warnings: Readonly<Record<string, readonly string[]>>;
}

/** What hooks.py counted. */
export interface Told {
  readonly uses: Readonly<Record<string, number>>;
  readonly checks: Readonly<Record<string, number>>;
  /** Operations that answered below 400 at least once. */
  readonly succeeded: readonly string[];
}

const PHASES = ['examples', 'coverage', 'fuzzing', 'stateful'];

/** Reads a finished run; whatever it did not do, or did not pass, is a problem. */
export async function readRun(
  turn: Turn,
  folder: string,
  output: string,
): Promise<{ row: Row; told: Told; problems: string[] }> {
  const [name = ''] = (await readdir(folder)).filter((file) => file.startsWith('json-'));
  const report = JSON.parse(await readFile(join(folder, name), 'utf8')) as Report;
  const told = JSON.parse(await readFile(join(folder, 'told.json'), 'utf8')) as Told;
  const warnings = Object.entries(report.warnings).flatMap(([kind, labels]) =>
    labels.map((label) => `${kind}: ${label}`),
  );
  const links = /API Links:\s+(\d+) covered \/ (\d+) selected/.exec(output);
  return {
    told,
    row: {
      turn,
      operations: report.operations.tested,
      links: links ? `${links[1]} of ${links[2]}` : '-',
      cases: report.test_cases.generated,
      checks: Object.values(told.checks).reduce((sum, count) => sum + count, 0),
      failures: report.test_cases.unique_failures + report.test_cases.errored,
      warnings: warnings.length,
      seconds: Math.round(report.running_time),
    },
    problems: [...warnings, ...gaps(report, told)].map((problem) => `${turn}: ${problem}`),
  };
}

function gaps({ operations, phases, test_cases }: Report, { succeeded }: Told): string[] {
  const [all, reached] = [documented.length, new Set(succeeded)];
  const { total, tested, errored, skipped } = operations;
  return [
    ...(total === all && tested === all
      ? []
      : [`the document has ${all} operations; ${tested} of ${total} were tested`]),
    ...(errored + skipped === 0 ? [] : [`${errored} operations met errors, ${skipped} were skipped`]),
    ...(test_cases.unique_failures === 0 ? [] : [`${test_cases.unique_failures} failures`]),
    ...PHASES.filter((phase) => phases[phase]?.status !== 'success').map(
      (phase) => `the phase ${phase} did not succeed`,
    ),
    ...documented.filter(({ id }) => !reached.has(id)).map(({ id }) => `${id} never succeeded`),
  ];
}

/** Exceptions that no run needed, and those that nobody gave a reason for. */
export function strayExceptions(all: readonly Told[]): string[] {
  const used = new Set(all.flatMap(({ uses }) => Object.keys(uses).filter((name) => (uses[name] ?? 0) > 0)));
  return [
    ...Object.keys(EXCEPTIONS)
      .filter((name) => !used.has(name) && !RARE.includes(name))
      .map((name) => `exceptions.ts: nothing needs ${name}`),
    ...[...used].filter((name) => !(name in EXCEPTIONS)).map((name) => `exceptions.ts has no reason for ${name}`),
  ];
}
