import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { renderMigrationsIndex } from './migrations.ts';

test('the index lists every migration in file-name order', () => {
  const text = renderMigrationsIndex(['20270101T0000_b.ts', '20260101T0000_a.ts', 'README.md']);
  expect(text.indexOf('20260101T0000_a.ts')).toBeLessThan(text.indexOf('20270101T0000_b.ts'));
  expect(text).toContain("  '20270101T0000_b': m1,");
  expect(text).not.toContain('README');
});

test('generated/migrations.ts is up to date', () => {
  const root = new URL('../../', import.meta.url);
  const files = readdirSync(new URL('migrations/', root));
  expect(readFileSync(new URL('generated/migrations.ts', root), 'utf8')).toBe(renderMigrationsIndex(files));
});
