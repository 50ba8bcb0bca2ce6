import { expect, test } from 'vitest';
import { createBatcher } from './batch.ts';

function recorder(fail?: (items: readonly number[]) => Error | undefined) {
  const batches: number[][] = [];
  const run = async (items: readonly number[]) => {
    batches.push([...items]);
    await new Promise((resolve) => setImmediate(resolve));
    const error = fail?.(items);
    if (error) throw error;
    return items.map((item) => item * 10);
  };
  return { batches, run };
}

test('what comes together goes together, and each gets its own result', async () => {
  const { batches, run } = recorder();
  const add = createBatcher(run, { atOnce: 2, largest: 3 });
  expect(await Promise.all([1, 2, 3, 4, 5, 6, 7].map(add))).toEqual([10, 20, 30, 40, 50, 60, 70]);
  expect(batches).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
});

test('no more batches are under way than allowed', async () => {
  let running = 0;
  let most = 0;
  const add = createBatcher(
    async (items: readonly number[]) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return items;
    },
    { atOnce: 2, largest: 1 },
  );
  await Promise.all([1, 2, 3, 4, 5, 6].map(add));
  expect(most).toBe(2);
});

test('a faulty item fails alone', async () => {
  const { run } = recorder((items) => (items.includes(2) ? new Error('two') : undefined));
  const add = createBatcher(run, { atOnce: 1, largest: 10 });
  const results = await Promise.allSettled([1, 2, 3].map(add));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

test('what may have been committed is not run again', async () => {
  const gone = Object.assign(new Error('terminating connection'), { code: '57P01' });
  const { batches, run } = recorder(() => gone);
  const add = createBatcher(run, { atOnce: 1, largest: 10 });
  const results = await Promise.allSettled([1, 2].map(add));
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(batches).toEqual([[1, 2]]);
});

test.each([
  ['57014', [1, 3]],
  ['53200', [1, 3]],
  ['08006', []],
  ['53100', []],
])('what one item is too much for (%s) is met by it alone', async (code, kept) => {
  const done: number[] = [];
  const add = createBatcher(
    async (items: readonly number[]) => {
      if (items.includes(2)) throw Object.assign(new Error('no'), { code });
      done.push(...items);
      return items;
    },
    { atOnce: 1, largest: 10 },
  );
  await Promise.allSettled([1, 2, 3].map(add));
  expect(done).toEqual(kept);
});
