import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { formatFiles, formatSize, formatWait } from './page_figures.ts';
import { createMeter } from './page_script/meter.ts';
import { inPackOrder, planSpans } from './page_script/plan.ts';
import { createHash as createScriptHash } from './page_script/sha256.ts';

describe('SHA-256 piece by piece', () => {
  it.each([0, 1, 55, 56, 63, 64, 65, 119, 120, 1000])(
    'agrees with Node on %i bytes, however they are cut',
    (length) => {
      const bytes = Buffer.from(Array.from({ length }, (_, i) => (i * 7 + 3) & 255));
      for (const cut of [1, 3, 64, 100]) {
        const hash = createScriptHash();
        for (let at = 0; at < length; at += cut) hash.update(bytes.subarray(at, at + cut));
        expect(hash.digest()).toBe(createHash('sha256').update(bytes).digest('hex'));
      }
    },
  );
});

const file = (path: string, segments: { pack: number; offset: number; length: number }[]) => ({
  path,
  size: segments.reduce((sum, { length }) => sum + length, 0),
  sha256: '',
  segments,
});

describe('the plan of what to fetch', () => {
  const a = file('a', [{ pack: 0, offset: 0, length: 10 }]);
  const b = file('b', [{ pack: 0, offset: 20, length: 10 }]);
  const c = file('c', [{ pack: 1, offset: 5, length: 5 }]);
  const d = file('d', [
    { pack: 1, offset: 0, length: 5 },
    { pack: 0, offset: 5, length: 10 },
  ]);
  const packs = [
    { sha256: '', size: 30 },
    { sha256: '', size: 10 },
  ];
  const plan = planSpans({ packs, files: [a, b, c, d] });

  it('takes a pack as a whole only where all of it is referred to', () => {
    expect(plan.spanOf({ pack: 0, offset: 5, length: 10 })).toEqual({ pack: 0, start: 0, end: 15, whole: false });
    expect(plan.spanOf({ pack: 0, offset: 20, length: 10 })).toEqual({ pack: 0, start: 20, end: 30, whole: false });
    expect(plan.spanOf({ pack: 1, offset: 5, length: 5 })).toEqual({ pack: 1, start: 0, end: 10, whole: true });
  });

  it('counts each span once', () => {
    expect(plan.bytesOf([a, b, c, d])).toBe(35);
    expect(plan.bytesOf([b])).toBe(10);
    expect(plan.bytesOf([])).toBe(0);
  });

  it('refuses a segment outside of every span', () => {
    expect(() => plan.spanOf({ pack: 0, offset: 14, length: 2 })).toThrow('contradicts');
    expect(() => plan.spanOf({ pack: 7, offset: 0, length: 1 })).toThrow('contradicts');
  });

  it('goes through the packs in their order, empty files first', () => {
    expect(inPackOrder([c, b, d, file('e', []), a]).map(({ path }) => path)).toEqual(['e', 'a', 'b', 'd', 'c']);
  });
});

describe('figures', () => {
  it.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [999, '999 bytes'],
    [1000, '1.00 kB'],
    [9_994, '9.99 kB'],
    [9_996, '10.0 kB'],
    [99_960, '100 kB'],
    [999_600, '1.00 MB'],
    [21_471_544, '21.5 MB'],
    [5e15, '5000 TB'],
  ])('write %i bytes as %s', (bytes, text) => expect(formatSize(bytes)).toBe(text));

  it('count files and wait', () => {
    expect([formatFiles(1), formatFiles(2000)]).toEqual(['1 file', '2,000 files']);
    expect([0.2, 59.5, 61, 5400].map(formatWait)).toEqual(['1 s', '60 s', '2 min', '2 h']);
  });

  it('show speed and what is left, of the last seconds only', () => {
    let now = 0;
    const meter = createMeter(10_000_000, () => now);
    expect(meter.text()).toBe('0 % · 0 bytes of 10.0 MB');
    for (now = 250; now <= 2000; now += 250) meter.add(250_000);
    now = 2000;
    expect(meter.text()).toBe('20 % · 2.00 MB of 10.0 MB · 1.00 MB/s · 8 s left');
    meter.rest();
    now = 60_000;
    meter.rest();
    expect(meter.text()).toBe('20 % · 2.00 MB of 10.0 MB');
  });
});
