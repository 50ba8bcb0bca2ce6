import { expect, inject, test } from 'vitest';
import { onDatabase, TEMPLATE } from '../testing/databaseName.ts';
import { introspectDatabase } from './database.ts';
import { renderGenerated, staleFiles } from './main.ts';

test('generated/ holds exactly what openapi/ and migrations/ generate, and nothing else', async () => {
  const files = await renderGenerated(process.cwd());
  files.set('database.ts', await introspectDatabase(onDatabase(inject('databaseServer'), TEMPLATE)));
  expect(await staleFiles(process.cwd(), files)).toEqual([]);
});
