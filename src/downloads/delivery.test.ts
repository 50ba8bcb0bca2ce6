import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import type { Hot } from '../db/hot.ts';
import { silent } from '../db/log.ts';
import { counted, settled } from './delivery.ts';
import type { Grant, SessionRow } from './queries.ts';

/** A database whose writes take as long as the test wants. */
function slowHot() {
  const written: unknown[][] = [];
  let letThrough = () => {};
  const write = async (_statement: unknown, values: unknown[]) => {
    await new Promise<void>((resolve) => {
      letThrough = resolve;
    });
    written.push(values);
    return [];
  };
  return { hot: { write } as unknown as Hot, written, letThrough: () => letThrough() };
}

it('a delivery is settled when its bytes are written down, not when its client is gone', async () => {
  const { hot, written, letThrough } = slowHot();
  const deps = { hot, log: silent } as unknown as Parameters<typeof counted>[0];
  const sink = new Writable();
  const pour = counted(deps, { id: '1' } as Grant, { id: '2' } as SessionRow, 10, async (_sink, onBytes) => {
    onBytes(5);
    sink.destroy();
  });
  await settled({ hot });
  const pouring = pour(sink);
  let done = false;
  const all = settled({ hot }).then(() => {
    done = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect([sink.destroyed, done]).toEqual([true, false]);
  letThrough();
  await all;
  expect(written).toEqual([['2', '1', 10, 15]]);
  await pouring;
});

it('a delivery that fails is settled as well', async () => {
  const { hot } = slowHot();
  const deps = { hot, log: silent } as unknown as Parameters<typeof counted>[0];
  const pour = counted(deps, { id: '1' } as Grant, { id: '2' } as SessionRow, 0, () => Promise.reject(new Error('x')));
  const pouring = pour(new Writable()).catch((error: Error) => error.message);
  await settled({ hot });
  expect(await pouring).toBe('x');
});
