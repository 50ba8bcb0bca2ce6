import { expect, test, vi } from 'vitest';
import { ClockDrift, createSnowflake, EPOCH } from './snowflake.ts';

const START = EPOCH + 28_000_000_000;

function parts(id: string): { time: number; worker: number; sequence: number } {
  const value = BigInt(id);
  return {
    time: Number(value >> 22n) + EPOCH,
    worker: Number((value >> 12n) & 1023n),
    sequence: Number(value & 4095n),
  };
}

test('41 bits of time, 10 of worker, 12 of sequence', () => {
  const ids = createSnowflake({ workerId: 1023, now: () => START });
  expect(parts(ids.next())).toEqual({ time: START, worker: 1023, sequence: 0 });
  expect(parts(ids.next())).toEqual({ time: START, worker: 1023, sequence: 1 });
});

test('a million ids are unique, increasing and positive in 64 bits', () => {
  let calls = 0;
  const ids = createSnowflake({
    workerId: 7,
    now: () => START + Math.floor(calls++ / 5_000),
  });
  let last = 0n;
  for (let count = 0; count < 1_000_000; count += 1) {
    const id = BigInt(ids.next());
    if (id <= last) throw new Error(`${id} after ${last}`);
    last = id;
  }
  expect(last).toBeLessThan(2n ** 63n);
});

test('the last millisecond of the range is still positive', () => {
  const id = createSnowflake({
    workerId: 1023,
    now: () => EPOCH + 2 ** 41 - 1,
  }).next();
  expect(BigInt(id)).toBe(2n ** 63n - 1n - 4095n);
});

test('a full millisecond borrows the next', () => {
  const onExhausted = vi.fn();
  const ids = createSnowflake({ workerId: 0, now: () => START, onExhausted });
  for (let count = 0; count < 4_096; count += 1) ids.next();
  expect(onExhausted).not.toHaveBeenCalled();
  expect(parts(ids.next())).toEqual({
    time: START + 1,
    worker: 0,
    sequence: 0,
  });
  expect(onExhausted).toHaveBeenCalledOnce();
});

test('borrowing ends five seconds ahead of the clock', () => {
  let now = START;
  const ids = createSnowflake({
    workerId: 0,
    now: () => now,
    startAt: START + 5_000,
  });
  for (let count = 0; count < 4_096; count += 1) ids.next();
  expect(() => ids.next()).toThrow(ClockDrift);
  now += 1;
  expect(parts(ids.next()).time).toBe(START + 5_001);
});

test('a clock that goes back keeps the order, and too far is refused until it has caught up', () => {
  let now = START;
  const ids = createSnowflake({ workerId: 0, now: () => now });
  const first = ids.next();
  now -= 5_000;
  const second = ids.next();
  expect(BigInt(second)).toBe(BigInt(first) + 1n);
  now -= 1;
  expect(() => ids.next()).toThrow(ClockDrift);
  now += 1;
  expect(BigInt(ids.next())).toBe(BigInt(second) + 1n);
});

test('a worker id outside of 10 bits is refused', () => {
  expect(() => createSnowflake({ workerId: 1024, now: () => START })).toThrow(RangeError);
});
