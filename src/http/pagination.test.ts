import { describe, expect, it } from 'vitest';
import { pageOf, paginate } from './pagination.ts';

const rows = (...ids: number[]) => ids.map((id) => ({ id: String(id) }));
const listing = { publicUrl: 'https://shop.example/base', url: '/api/things?status=a%20b&limit=2' };

describe('a page', () => {
  it('holds fifty rows where nobody asks otherwise', () => {
    expect(pageOf({})).toEqual({ limit: 50, before: undefined });
  });

  it('goes on where the one before ended', () => {
    const page = pageOf({ limit: 2 });
    const { headers, rows: shown } = paginate(rows(9, 8, 7), page, listing);
    expect(shown).toEqual(rows(9, 8));
    const link = /^<(.*)>; rel="next"$/.exec(headers.Link ?? '')?.[1] ?? '';
    const next = new URL(link);
    expect(`${next.origin}${next.pathname}`).toBe('https://shop.example/base/api/things');
    expect(next.searchParams.get('status')).toBe('a b');
    expect(next.searchParams.get('limit')).toBe('2');
    expect(pageOf({ limit: 2, cursor: next.searchParams.get('cursor') ?? '' })).toEqual({ limit: 2, before: '8' });
  });

  it.each([
    ['an empty one', []],
    ['one that is not full', [9]],
    ['one that is just full', [9, 8]],
  ])('names no next page after %s', (_name, ids) => {
    expect(paginate(rows(...ids), pageOf({ limit: 2 }), listing)).toEqual({ rows: rows(...ids), headers: {} });
  });

  it.each(['', '!', 'MA', Buffer.from('1 or 1=1').toString('base64url'), Buffer.from('-5').toString('base64url')])(
    'refuses the cursor %j',
    (cursor) => {
      expect(() => pageOf({ cursor })).toThrow('invalid_format');
    },
  );
});
