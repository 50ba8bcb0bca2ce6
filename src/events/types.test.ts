import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import document from '../../generated/openapi.json' with { type: 'json' };

const SRC = new URL('../', import.meta.url);

/** Types in the files that write events, by TypeScript or SQL: words like `'version.ready'`. */
function writtenTypes(): string[] {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
    (file) => /\.tsx?$/.test(file) && !/\.test\.|^testing\//.test(file),
  );
  const texts = files.map((file) => readFileSync(new URL(file, SRC), 'utf8'));
  const writers = texts.filter((text) => /events\/record\.ts'|insert into events/.test(text));
  expect(writers.length).toBeGreaterThan(10);
  return [
    ...new Set(writers.flatMap((text) => [...text.matchAll(/'([a-z_]+\.[a-z_]+)'/g)].map(([, type = '']) => type))),
  ];
}

it('every type that is written is documented, and every documented one is written', () => {
  const { description = '' } = document.tags.find(({ name }) => name === 'events') ?? {};
  const documented = [...description.matchAll(/^\| `([a-z_.]+)` \|/gm)].map(([, type = '']) => type);
  expect(documented).toEqual(documented.toSorted());
  expect(documented).toEqual(writtenTypes().toSorted());
});
