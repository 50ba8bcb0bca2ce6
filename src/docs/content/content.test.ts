import { readFile } from 'node:fs/promises';
import type { OpenAPIV3 } from 'openapi-types';
import { expect, it } from 'vitest';
import { catalogue } from '../../errors/catalogue.ts';
import { createSlugger } from './anchors.ts';
import { errorsTable } from './errors_table.ts';
import { readGuides } from './guides.ts';
import { brokenLinks, resolveLinks } from './links.ts';
import { listOperations } from './operations.ts';
import { renderPage } from './page.tsx';
import { textAbove } from './text.ts';

const bundle = JSON.parse(await readFile('generated/openapi.json', 'utf8')) as OpenAPIV3.Document;
const guides = await readGuides('openapi/guides');
const markdown = textAbove(bundle, guides);
const html = renderPage({ document: bundle, markdown, script: 'a.js', style: 'a.css', content: 'a.json' });

const idsOf = (page: string) => [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);

it('has every guide, in the order of their numbers', () => {
  const titles = [...markdown.matchAll(/^# (.+)$/gm)].map(([, title]) => title);
  expect(guides.length).toBeGreaterThan(0);
  expect(titles).toEqual(expect.arrayContaining(['Introduction', ...guides.map(({ title }) => title)]));
});

it('links to no guide and no operation that there is not', () => {
  expect(brokenLinks(markdown)).toEqual([]);
});

it('leads each link to a place of the page', () => {
  const places = new Set(idsOf(html));
  const anchors = [...html.matchAll(/href="#([^"]+)"/g)].map(([, anchor]) => anchor);
  expect(anchors.filter((anchor) => !places.has(anchor))).toEqual([]);
});

it('has each place once', () => {
  const ids = idsOf(html);
  expect(ids).toEqual([...new Set(ids)]);
});

it('lists every operation for who reads without script', () => {
  const ids = new Set(idsOf(html));
  const operations = listOperations(bundle);
  expect(operations.length).toBeGreaterThan(100);
  expect(operations.filter(({ id, tag }) => !ids.has(`tag/${tag}/${id}`))).toEqual([]);
});

it('names every error code of the catalogue', () => {
  const codes = [...errorsTable().matchAll(/^\| `(\w+)`/gm)].map(([, code]) => code);
  expect([...new Set(codes)].sort()).toEqual(Object.keys(catalogue).sort());
});

it('turns names into anchors, and leaves what it does not know', () => {
  const targets = { guides: new Map([['ids', 'ids-1']]), operations: new Map([['getUser', 'users']]) };
  const text = resolveLinks('[a](guide:ids) [b](operation:getUser) [c](guide:no) [d](https://x.example)', targets);
  expect(text).toBe('[a](#guide/ids-1) [b](#tag/users/getUser) [c](guide:no) [d](https://x.example)');
  expect(brokenLinks(text)).toEqual(['guide:no']);
});

it('makes slugs as the reference does', () => {
  const slug = createSlugger();
  expect(['JSON-P', 'Errors', 'Errors', 'What is `id_str`?', 'Errors', 'Errors-1'].map(slug)).toEqual([
    'json-p',
    'errors',
    'errors-1',
    'what-is-id_str',
    'errors-2',
    'errors-1-1',
  ]);
});
