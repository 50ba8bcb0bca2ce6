import { describe, expect, it } from 'vitest';
import { nameAt, parseExact, secondsAt, textAt, timeAt } from './payload.ts';

const nested = (levels: number, inner = '') =>
  `${'[{"a":'.repeat(levels / 2)}${inner || '0'}${'}]'.repeat(levels / 2)}`;

describe('a payload', () => {
  it.each([
    ['{"a":1,"a":2}', { a: '2' }],
    ['{"a":{"b":1},"a":{"b":[2]}}', { a: { b: ['2'] } }],
    ['{"n\\u0000":"a","n\\u0000":"b"}', { 'n\0': 'b' }],
    ['{"a":9007199254740993.10}', { a: '9007199254740993.10' }],
    [nested(100), JSON.parse(nested(100, '"0"')) as unknown],
    [`["${'[{'.repeat(500)}","\\"${'['.repeat(500)}","\\\\"]`, ['[{'.repeat(500), `"${'['.repeat(500)}`, '\\']],
  ])('%.40s is read', (text, value) => {
    expect(parseExact(text)).toEqual(value);
  });

  it.each([nested(102), '['.repeat(20_000), `["\\\\",${nested(102)}]`, '{"a":01}'])('%.40s is refused', (text) => {
    expect(() => parseExact(text)).toThrow(SyntaxError);
  });

  it('of which a name is long keeps it apart from others', () => {
    const [one, other] = ['1', '2'].map((end) => nameAt({ id: 'x'.repeat(250) + end }, 'id'));
    expect([one?.length, other?.length, one === other]).toEqual([200, 200, false]);
    expect(nameAt({ id: `  ${'x'.repeat(200)} ` }, 'id')).toBe('x'.repeat(200));
    expect(textAt({ title: 'x'.repeat(250) }, 'title')).toBe('x'.repeat(200));
  });

  it.each([
    ['1679600215', '2023-03-23T19:36:55.000Z'],
    ['99999999999999', undefined],
    ['-1', undefined],
    ['soon', undefined],
  ])('with %s seconds', (text, time) => {
    const read = secondsAt({ at: text }, 'at');
    expect(Number.isNaN(read?.getTime()) ? undefined : read?.toISOString()).toBe(time);
  });

  it('with no time has none', () => {
    expect([timeAt({}, 'at'), secondsAt({ at: '' }, 'at')]).toEqual([null, null]);
  });
});
