import { describe, expect, it } from 'vitest';
import { Failure } from '../errors/fail.ts';
import { isCleanText, parseQuery } from './query.ts';

const parse = (text: string, ...known: string[]) => ({
  ...parseQuery(text, (name) => known.length === 0 || known.includes(name)),
});

function refused(text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    return error instanceof Failure ? error.fields : error;
  }
}

describe('a query', () => {
  it.each([
    ['', {}],
    ['&', {}],
    ['a', { a: '' }],
    ['a=', { a: '' }],
    ['a=1&b=2', { a: '1', b: '2' }],
    ['a=1=2', { a: '1=2' }],
    ['a=x+y%20z%2B', { a: 'x y z+' }],
    ['%61=1', { a: '1' }],
    ['a=%F0%9F%A5%81', { a: '🥁' }],
  ])('%j is %j', (text, value) => {
    expect(parse(text)).toEqual(value);
  });

  it.each([
    ['a=1&a=1', { a: ['invalid_format'] }],
    ['a=1&%61=2', { a: ['invalid_format'] }],
    ['a=%', { a: ['invalid_format'] }],
    ['a=%00', { a: ['invalid_format'] }],
    ['a=%ed%a0%80', { a: ['invalid_format'] }],
    ['a=%zz&b=%zz', { a: ['invalid_format'], b: ['invalid_format'] }],
  ])('%j is refused', (text, fields) => {
    expect(refused(text)).toEqual(fields);
  });

  it('refuses what is wrong with a parameter called __proto__', () => {
    expect(() => parse('__proto__=%zz')).toThrow(Failure);
  });

  it('looks at nothing but what is known', () => {
    expect(parse('a=1&b=%zz&c=1&c=2', 'a')).toEqual({ a: '1' });
  });
});

describe('clean text', () => {
  it('has no NUL and no half characters', () => {
    expect(['', 'a', '🥁', '\n', 'a\0', '\ud800', '\udc00\ud800'].map(isCleanText)).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
