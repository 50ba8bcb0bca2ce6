import { describe, expect, it } from 'vitest';
import { differences } from './answer.ts';

const judge = (language: string, text: string, output: string, ...words: string[]) =>
  differences({ language, words: ['answer', ...words], text }, output);

describe('a json answer', () => {
  it.each([
    ['{"a": 1, "b": [true, null]}', '{"b":[true,null],"a":1}'],
    ['{"a": 1, …}', '{"a":1,"b":2}'],
    ['{…, "a": …}', '{"b":2,"a":{"c":1}}'],
    ['[1, …]', '[1,2,3]'],
    ['[…]', '[]'],
    ['{"token": "ct_…", "x": "…"}', '{"token":"ct_abc","x":7}'],
    ['{"id": 123456789123456789}', '{"id":423456789123456780}'],
    ['{"at": "2026-04-02T00:00:00.000Z"}', '{"at":"2027-01-01T10:11:12Z"}'],
  ])('%s is %s', (shown, output) => {
    expect(judge('json', shown, output)).toEqual([]);
  });

  it.each([
    ['{"a": 1}', '{"a":1,"b":2}', ['$.b: not expected']],
    ['{"a": 1, …}', '{"b":2}', ['$.a: is missing']],
    ['{"a": 1}', '{"a":"1"}', ['$.a: expected 1']],
    ['{"a": "x"}', '{"a":null}', ['$.a: expected x']],
    ['[1, 2, …]', '[1]', ['$: expected 2 elements at least']],
    ['[1]', '[1,2]', ['$: expected 1 elements']],
    ['[{"a": "x…"}]', '[{"a":"yx"}]', ['$[0].a: expected x…']],
    ['{}', '[]', ['$: expected an object']],
    ['{}', 'null', ['$: expected an object']],
    ['{}', '', ['it printed no JSON']],
  ])('%s is not %s', (shown, output, problems) => {
    expect(judge('json', shown, output)).toEqual(problems);
  });

  it('tells one id from another when it is exact', () => {
    expect(judge('json', '{"id": 123456789123456789}', '{"id":123456789123456780}', 'exact')).toHaveLength(1);
  });
});

describe('a text answer', () => {
  it('takes any lines for … alone, any characters within one, other times and ids', () => {
    const shown = 'first\n…\nsold …: 2026-04-02T00:00:00.000Z\nid 123456789123456789\n';
    const output = 'first\nx\n\ny\nsold drums: 2026-11-22T09:00:00.000Z  \nid 7123456789123456789\n';
    expect(judge('text', shown, output)).toEqual([]);
  });

  it.each([
    ['a\nb', 'a'],
    ['a', 'a\nb'],
    ['a.c', 'abc'],
    ['…\nb', 'a\nbc'],
  ])('%j is not %j', (shown, output) => {
    expect(judge('text', shown, output)).not.toEqual([]);
  });
});

describe('an http answer', () => {
  const output =
    'HTTP/1.1 404 Not Found\nVary: Accept\nContent-Type: application/json\n\n{"error":{"generic":["not_found"]}}';

  it('asks for the headers shown and the body', () => {
    const shown = 'HTTP/1.1 404 Not Found\ncontent-type: application/json\n\n{"error": {"generic": ["not_found"]}}\n';
    expect(judge('http', shown, output)).toEqual([]);
  });

  it('names what is not so', () => {
    const shown = 'HTTP/1.1 200 OK\nRetry-After: 1\n\n{"error": {}}\n';
    const problems = ['expected HTTP/1.1 200 OK', 'missing header retry-after: 1', '$.error.generic: not expected'];
    expect(judge('http', shown, output)).toEqual(problems);
  });
});

it('no other language can be an answer', () => {
  expect(judge('yaml', '', '')).toEqual(['an answer is json, http or text, not yaml']);
});
