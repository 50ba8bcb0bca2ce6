import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { readmeTable, readResults, table } from './results.ts';

test('README shows the results that are committed', async () => {
  expect(await readmeTable()).toBe(table((await readResults()).rows));
});

test('there is a result of every client, without a problem', async () => {
  const { rows } = await readResults();
  const entries = await readdir(new URL('.', import.meta.url), { withFileTypes: true });
  expect(rows).toHaveLength(entries.filter((entry) => entry.isDirectory()).length);
  for (const { warnings, scenario } of rows)
    expect({ warnings, scenario }).toEqual({ warnings: 0, scenario: 'passed' });
});
