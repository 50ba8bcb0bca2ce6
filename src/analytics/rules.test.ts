import { describe, expect, it } from 'vitest';
import { groupStarts, labelOf, rangeOf } from './rules.ts';

const now = new Date('2026-03-01T00:30:00Z');

describe('rangeOf', () => {
  it.each([
    [{}, '2026-01-31', '2026-03-01'],
    [{ period: '7d' }, '2026-02-23', '2026-03-01'],
    [{ period: '30d' }, '2026-01-31', '2026-03-01'],
    [{ period: '90d' }, '2025-12-02', '2026-03-01'],
    [{ period: '1y' }, '2025-03-02', '2026-03-01'],
    [{ from: '2026-02-27' }, '2026-02-27', '2026-03-01'],
    [{ to: '2024-03-01' }, '2024-02-01', '2024-03-01'],
    [{ to: '0001-01-03' }, '0001-01-01', '0001-01-03'],
    [{ from: '2016-02-22', to: '2026-03-01' }, '2016-02-22', '2026-03-01'],
  ] as const)('%j is %s to %s', (query, from, to) => {
    expect(rangeOf(query, now)).toEqual({ from, to });
  });

  it.each([
    [{ period: '7d', from: '2026-02-01' }, 'period'],
    [{ period: '7d', to: '2026-02-01' }, 'period'],
    [{ from: '2026-03-02' }, 'from'],
    [{ from: '2016-02-21', to: '2026-03-01' }, 'from'],
    [{ to: '0000-06-01' }, 'to'],
  ] as const)('refuses %j for %s', (query, field) => {
    expect(() => rangeOf(query, now)).toThrow(expect.objectContaining({ fields: { [field]: ['invalid_format'] } }));
  });
});

describe('groups', () => {
  const labels = (from: string, to: string, groupBy: 'day' | 'week' | 'month') =>
    groupStarts({ from, to }, groupBy).map((start) => [start, labelOf(start, groupBy)]);

  it('have a 53rd week where a year has one, and the Monday before its first of January', () => {
    expect(labels('2026-12-31', '2027-01-04', 'week')).toEqual([
      ['2026-12-28', '2026-W53'],
      ['2027-01-04', '2027-W01'],
    ]);
    expect(labels('2024-12-29', '2024-12-30', 'week')).toEqual([
      ['2024-12-23', '2024-W52'],
      ['2024-12-30', '2025-W01'],
    ]);
    expect(labels('2021-01-03', '2021-01-03', 'week')).toEqual([['2020-12-28', '2020-W53']]);
  });

  it('have a leap day', () => {
    expect(labels('2024-02-28', '2024-03-01', 'day').map(([day]) => day)).toEqual([
      '2024-02-28',
      '2024-02-29',
      '2024-03-01',
    ]);
    expect(labels('2024-01-31', '2024-03-01', 'month')).toEqual([
      ['2024-01-01', '2024-01'],
      ['2024-02-01', '2024-02'],
      ['2024-03-01', '2024-03'],
    ]);
  });

  it('end with the calendar', () => {
    expect(labels('9999-12-31', '9999-12-31', 'month')).toEqual([['9999-12-01', '9999-12']]);
    expect(labels('9999-12-31', '9999-12-31', 'week')).toEqual([['9999-12-27', '9999-W52']]);
    expect(labels('0001-01-01', '0001-01-01', 'week')).toEqual([['0001-01-01', '0001-W01']]);
  });
});
