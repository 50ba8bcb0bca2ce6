import type { Entry } from '../transactions.ts';
import type { Result } from './results.ts';

export interface Report {
  readonly url: string;
  readonly results: readonly Result[];
  readonly unreached: ReadonlyMap<string, readonly Entry[]>;
}

/** As CI systems read it: one suite, what could not be reached as skipped. */
export function junitOf({ results, unreached }: Report): string {
  const failed = results.filter(({ problems }) => problems.length > 0);
  const skipped = [...unreached].flatMap(([reason, entries]) => entries.map((entry) => ({ entry, reason })));
  const cases = results.map(({ operation, what, seconds, problems }) => {
    const told =
      problems.length === 0
        ? ''
        : `<failure message="${escape(problems[0] ?? '')}">${escape(problems.join('\n'))}</failure>`;
    return `  <testcase classname="${operation}" name="${escape(what)}" time="${seconds.toFixed(3)}">${told}</testcase>`;
  });
  const left = skipped.map(({ entry: { operation, key }, reason }) => {
    const name = escape(key.slice(operation.id.length + 1));
    return `  <testcase classname="${operation.id}" name="${name}"><skipped message="needs ${escape(reason)}"/></testcase>`;
  });
  const total = results.reduce((sum, { seconds }) => sum + seconds, 0);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="contract" tests="${cases.length + left.length}" failures="${failed.length}" errors="0" skipped="${left.length}" time="${total.toFixed(3)}">`,
    ...cases,
    ...left,
    '</testsuite>\n',
  ].join('\n');
}

/** For people: what failed first. */
export function htmlOf({ url, results, unreached }: Report): string {
  const sorted = [...results].sort((one, other) => other.problems.length - one.problems.length);
  const rows = sorted.map(({ operation, what, problems }) => {
    const verdict = problems.length === 0 ? 'kept' : `<strong>broken</strong><br>${problems.map(escape).join('<br>')}`;
    return `<tr><td>${operation}<td>${escape(what)}<td>${verdict}`;
  });
  const failed = results.filter(({ problems }) => problems.length > 0).length;
  const left = [...unreached].map(([reason, entries]) => {
    const keys = entries.map(({ key }) => `<li>${escape(key)}`).join('');
    return `<details><summary>${escape(reason)} (${entries.length})</summary><ul>${keys}</ul></details>`;
  });
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Contract of ${escape(url)}</title>
<style>:root{color-scheme:light dark}body{font:1rem/1.5 system-ui;margin:2rem auto;max-width:70rem;padding:0 1rem}td,th{text-align:left;vertical-align:top;padding:.2rem 1rem .2rem 0}</style>
<h1>Contract of ${escape(url)}</h1>
<p>${results.length} answers looked at, ${failed} broken.</p>
<table><thead><tr><th>Operation<th>What<th>Answer</thead><tbody>
${rows.join('\n')}
</tbody></table>
<h2>Not reached from outside; it would take</h2>
${left.join('\n')}
</html>
`;
}

function escape(text: string): string {
  // What XML has no characters for is left out (XML 1.0 §2.2).
  const clean = text.replaceAll(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd]/g, '');
  return clean.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
