import { expect, it } from 'vitest';
import { parseSnapshot, wants, wantsAllAfter } from './position.ts';

const start = { position: { tx: 10n, id: 0n }, now: parseSnapshot('10:20:12,15') };

it.each([
  ['had ended before all that were under way', 9n, false],
  ['had ended between those that were under way', 11n, false],
  ['was under way', 12n, true],
  ['had not begun', 20n, true],
])('what a transaction told that %s', (_what, tx, wanted) => {
  expect(wants(start, { tx, id: 5n })).toBe(wanted);
});

it('is all wanted only when nothing that had ended can follow', () => {
  expect(wantsAllAfter(start, { tx: 19n, id: 0n })).toBe(false);
  expect(wantsAllAfter(start, { tx: 20n, id: 0n })).toBe(true);
  expect(wantsAllAfter({ position: start.position, now: undefined }, { tx: 10n, id: 1n })).toBe(true);
});
