import { readFile, writeFile } from 'node:fs/promises';
import { EXCEPTIONS } from './exceptions.ts';
import type { Row } from './report.ts';

const README = new URL('../../README.md', import.meta.url);
const MARKED = /(<!-- schemathesis: .*? -->\n)[^]*?(<!-- \/schemathesis -->)/;

/** The rows as a table for people. */
export function tableOf(rows: readonly Row[]): string {
  const head = ['credential', 'operations', 'links', 'cases', 'checks', 'failures', 'warnings', 'seconds'];
  const lines = rows.map((row) => [
    row.turn,
    row.operations,
    row.links,
    row.cases.toLocaleString('en'),
    row.checks.toLocaleString('en'),
    row.failures,
    row.warnings,
    row.seconds,
  ]);
  return [head, head.map((_, index) => (index === 0 ? '---' : '--:')), ...lines]
    .map((cells) => `| ${cells.join(' | ')} |\n`)
    .join('');
}

/** Puts the table, and the exceptions with their reasons, between the marks in README.md. */
export async function writeReadme(rows: readonly Row[]): Promise<void> {
  const text = await readFile(README, 'utf8');
  if (!MARKED.test(text)) throw new Error('README.md has no marks for the table');
  const reasons = Object.entries(EXCEPTIONS).map(([name, reason]) => `- ${name}: ${reason}\n`);
  const made = `\n${tableOf(rows)}\n${reasons.join('')}\n`;
  await writeFile(
    README,
    text.replace(MARKED, (_all, open: string, close: string) => `${open}${made}${close}`),
  );
}
