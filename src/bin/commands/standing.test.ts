import { describe, expect, it } from 'vitest';
import { parseUntil } from './standing.ts';

describe('--until', () => {
  it.each([
    ['2027-01-31', '2027-02-01T00:00:00.000Z'],
    ['2028-02-29', '2028-03-01T00:00:00.000Z'],
    ['2027-01-31T18:00:00Z', '2027-01-31T18:00:00.000Z'],
    ['2027-01-31T18:00+02:00', '2027-01-31T16:00:00.000Z'],
  ])('%s ends at %s', (text, end) => {
    expect(parseUntil(text).toISOString()).toBe(end);
  });

  it.each(['', 'tomorrow', '2027-02-30', '2027-1-1', '31.01.2027', '2027-01-31T18:00', '2027-13-01'])(
    'refuses "%s"',
    (text) => {
      expect(() => parseUntil(text)).toThrow(/It must be a day/);
    },
  );
});
