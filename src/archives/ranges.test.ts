import { describe, expect, it } from 'vitest';
import { decideRange, parseRange } from './ranges.ts';

const archive = { size: 1_000, etag: '"abc"' };
const get = (headers: Parameters<typeof decideRange>[1]) => decideRange('GET', headers, archive);
const whole = { status: 200, start: 0, end: 1_000 };

describe('Range (RFC 9110 §14)', () => {
  it.each([
    ['bytes=0-0', { start: 0, end: 1 }],
    ['bytes=0-999', { start: 0, end: 1_000 }],
    ['bytes=999-', { start: 999, end: 1_000 }],
    ['bytes=10-5000', { start: 10, end: 1_000 }],
    ['BYTES=1-2', { start: 1, end: 3 }],
    [' bytes=1-2 ', { start: 1, end: 3 }],
    ['bytes=-1', { start: 999, end: 1_000 }],
    ['bytes=-5000', { start: 0, end: 1_000 }],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=1000-', 'unsatisfiable'],
    ['bytes=1000-1001', 'unsatisfiable'],
    ['bytes=99999999999999999999999999-', 'unsatisfiable'],
    ['bytes=9007199254740993-9007199254740992', undefined],
    ['bytes=0-99999999999999999999999999', { start: 0, end: 1_000 }],
    ['bytes=5-4', undefined],
    ['bytes=-', undefined],
    ['bytes=', undefined],
    ['bytes=a-b', undefined],
    ['bytes=1', undefined],
    ['bytes=+1-2', undefined],
    ['items=0-1', undefined],
    ['bytes=0-1,5-6', undefined],
    ['bytes 0-1', undefined],
    ['', undefined],
  ])('%s', (field, expected) => {
    expect(parseRange(field, 1_000)).toEqual(expected);
  });

  it('has no range in nothing', () => {
    expect(parseRange('bytes=0-', 0)).toBe('unsatisfiable');
    expect(parseRange('bytes=-1', 0)).toBeUndefined();
  });
});

describe('conditions (RFC 9110 §13)', () => {
  it.each([
    ['nothing', {}, whole],
    ['a range', { range: 'bytes=1-2' }, { status: 206, start: 1, end: 3 }],
    ['a range beyond', { range: 'bytes=1000-' }, { status: 416 }],
    ['a malformed range', { range: 'bytes=x' }, whole],
    ['several ranges', { range: 'bytes=0-1,2-3' }, whole],
    ['If-Range that holds', { range: 'bytes=1-2', ifRange: '"abc"' }, { status: 206, start: 1, end: 3 }],
    ['If-Range of other bytes', { range: 'bytes=1-2', ifRange: '"abd"' }, whole],
    ['a weak If-Range', { range: 'bytes=1-2', ifRange: 'W/"abc"' }, whole],
    ['If-Range with a date', { range: 'bytes=1-2', ifRange: 'Sat, 29 Oct 1994 19:43:31 GMT' }, whole],
    ['If-Range of other bytes, range beyond', { range: 'bytes=1000-', ifRange: '"x"' }, whole],
    ['If-Range alone', { ifRange: '"x"' }, whole],
    ['If-None-Match', { ifNoneMatch: '"abc"' }, { status: 304 }],
    ['a weak If-None-Match', { ifNoneMatch: '"x", W/"abc"' }, { status: 304 }],
    ['If-None-Match: *', { ifNoneMatch: '*' }, { status: 304 }],
    ['If-None-Match of others', { ifNoneMatch: '"x", "y"' }, whole],
    ['304 before a range', { ifNoneMatch: '"abc"', range: 'bytes=1-2' }, { status: 304 }],
  ])('%s', (_, headers, expected) => {
    expect(get(headers)).toEqual(expected);
  });

  it('ignores Range on HEAD', () => {
    expect(decideRange('HEAD', { range: 'bytes=1000-' }, archive)).toEqual(whole);
    expect(decideRange('HEAD', { ifNoneMatch: '"abc"' }, archive)).toEqual({ status: 304 });
  });
});
