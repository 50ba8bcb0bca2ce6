import { expect, it } from 'vitest';
import { dayWords, groupMark, groupWords } from './days.ts';

it.each([
  ['day', '30 Mar 2026', '30 Mar'],
  ['week', 'Week of 30 Mar 2026', '30 Mar 2026'],
  ['month', 'Mar 2026', 'Mar 2026'],
] as const)('a %s is written as people do', (groupBy, words, mark) => {
  expect([groupWords('2026-03-30', groupBy), groupMark('2026-03-30', groupBy)]).toEqual([words, mark]);
});

it('a day is the same wherever the server stands', () => {
  expect(dayWords('2026-01-01')).toBe('1 Jan 2026');
});
