import { expect, it } from 'vitest';
import { createPatience } from './patience.ts';

const never = new AbortController().signal;

function setUp(broken: () => boolean) {
  const pauses: number[] = [];
  const told: string[] = [];
  const patience = createPatience({
    probe: async () => {
      if (broken()) throw new Error('no space');
    },
    pause: async (ms) => void pauses.push(ms / 1000),
    tell: (line) => void told.push(line),
  });
  return { patience, pauses, told };
}

it('a runner that is fit does not wait', async () => {
  const { patience, pauses } = setUp(() => true);
  await patience.untilWell(never);
  patience.note(true);
  await patience.untilWell(never);
  expect(pauses).toEqual([]);
});

it('waits longer and longer while it is broken, and says why', async () => {
  let left = 8;
  const { patience, pauses, told } = setUp(() => left-- > 0);
  patience.note(false);
  await patience.untilWell(never);
  expect(pauses).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300]);
  expect(told).toContain('nothing can be built here: no space');
});

it('waits longer also where only tasks show that it is broken, until one ends well', async () => {
  const { patience, pauses } = setUp(() => false);
  for (const fit of [false, false, true, false]) {
    patience.note(fit);
    await patience.untilWell(never);
  }
  expect(pauses).toEqual([5, 10, 5]);
});

it('stops with the runner', async () => {
  const stop = new AbortController();
  const { patience, pauses } = setUp(() => {
    stop.abort();
    return true;
  });
  patience.note(false);
  await patience.untilWell(stop.signal);
  expect(pauses).toEqual([5]);
});
