import { describe, expect, it } from 'vitest';
import { draw } from './draw.ts';
import type { Counted, Drawing } from './drawing.ts';

const row = (started: number, completed: number, bytes = 0): Counted => ({ label: 'x', started, completed, bytes });
const drawn = (chart: Drawing['chart'], rows: readonly Counted[]) =>
  draw({ chart, size: 'wide', scheme: 'light', rows });

const FULL = 'fill="#3a31c9"';
const HOLLOW = 'fill="#ecebfb"';
const times = (svg: string, text: string) => svg.split(text).length - 1;

describe('a chart', () => {
  it.each([
    [7, '4 bytes'],
    [1500, '1.5 kB'],
    [2_500_000, '2 MB'],
    [94_000_000_000, '60 GB'],
    [30_000_000_000_000_000, '10,000 TB'],
  ])('of %d bytes has an axis in their unit', (bytes, mark) => {
    expect(drawn('volume', [row(1, 1, bytes)])).toContain(`>${mark}</text>`);
  });

  it('of the completion rate has an axis in per cent', () => {
    expect(drawn('completion', [row(2, 1)])).toContain('>75 %</text>');
  });

  it('tells what was completed from what was not without colours, and draws nothing of nothing', () => {
    // One of each is the legend's.
    const both = drawn('downloads', [row(0, 0), row(3, 1), row(2, 2)]);
    expect([times(both, FULL), times(both, HOLLOW)]).toEqual([3, 2]);
    expect(both).toContain('stroke="#3a31c9"');
    const none = drawn('downloads', [row(0, 0)]);
    expect([times(none, FULL), times(none, HOLLOW)]).toEqual([1, 1]);
  });
});
