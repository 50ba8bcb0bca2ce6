import { readFile } from 'node:fs/promises';
import type { OpenAPIV3 } from 'openapi-types';
import { beforeAll, expect, it } from 'vitest';
import { headingsOf } from '../docs/content/headings.ts';
import { listOperations } from '../docs/content/operations.ts';
import { prepareReference } from './prepare_reference.ts';

interface Entry {
  readonly id: string;
  readonly type: string;
  readonly title: string;
  readonly children?: readonly Entry[];
}

const GUIDES = '# One\n\ntext\n\n## `code` & more\n\n### too deep\n\n# Two\n\n## `code` & more\n';

let bundle: OpenAPIV3.Document;
let entries: readonly Entry[];
let prepared: { readonly info: object; readonly 'x-scalar-navigation': Entry };
beforeAll(async () => {
  bundle = JSON.parse(await readFile('generated/openapi.json', 'utf8')) as OpenAPIV3.Document;
  prepared = (await prepareReference(bundle, GUIDES)) as typeof prepared;
  entries = flatten(prepared['x-scalar-navigation'].children ?? []);
});

const flatten = (list: readonly Entry[]): readonly Entry[] =>
  list.flatMap((entry) => [entry, ...flatten(entry.children ?? [])]);

it('has every operation in the navigation, where links lead to', () => {
  const ids = entries.filter(({ type }) => type === 'operation').map(({ id }) => id);
  const expected = listOperations(bundle).map(({ id, tag }) => `continuity/tag/${tag}/${id}`);
  expect([...ids].sort()).toEqual(expected.sort());
});

it('has the guides in the navigation, with the anchors that they have in the page', () => {
  const shown = entries.filter(({ type }) => type === 'text').map(({ id, title }) => ({ id, title }));
  const headings = headingsOf(GUIDES).filter(({ depth }) => depth <= 2);
  expect(shown).toEqual(headings.map(({ anchor, title }) => ({ id: `continuity/${anchor}`, title })));
});

it('says what the document says, without the guides', () => {
  expect(prepared.info).toEqual(bundle.info);
  expect(prepared).toMatchObject({ openapi: '3.0.3' });
});
