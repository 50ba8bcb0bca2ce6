import { expect, it } from 'vitest';
import type { Hot, Statement } from '../db/hot.ts';
import type { NewDelivery } from './statements.ts';
import { storeOf } from './store.ts';

const KIB = 1024;
let ids = 0;
const post = (bytes: number): NewDelivery[] => {
  const id = String(++ids);
  const names = { organisationId: 'acme', vendor: 'shopify', eventId: id, type: 'orders/paid' } as const;
  return [{ id, ...names, bodySha256: Buffer.alloc(32), sealedBody: Buffer.alloc(bytes) }];
};

/** A database whose statements end when they are told to. */
function slow() {
  const statements: { sizes: number[]; end(): void }[] = [];
  const write = (_statement: Statement, values: readonly unknown[]) =>
    new Promise<never[]>((resolve) => {
      const sizes = (values[6] as Buffer[]).map(({ length }) => length);
      statements.push({ sizes, end: () => resolve([]) });
    });
  return { hot: { write } as unknown as Hot, statements };
}

it('stores large posts alone and beside small ones, which wait for none and go together', async () => {
  const { hot, statements } = slow();
  const store = storeOf(hot);
  const large = [6 * KIB * KIB, 33 * KIB].map((bytes) => store(post(bytes)));
  const small = Array.from({ length: 33 }, () => store(post(32 * KIB)));
  await new Promise(setImmediate);
  expect(statements.map(({ sizes }) => sizes.length).sort()).toEqual([1, 32]);
  for (const { sizes } of statements)
    expect(sizes.length === 1 || sizes.reduce((sum, size) => sum + size) <= KIB * KIB).toBe(true);
  statements.find(({ sizes }) => sizes.length === 32)?.end();
  await Promise.all(small.slice(0, 32));
  await new Promise(setImmediate);
  expect(statements.map(({ sizes }) => sizes[0])).toEqual([6 * KIB * KIB, 32 * KIB, 32 * KIB]);
  for (const { end } of statements) end();
  await large[0];
  await new Promise(setImmediate);
  for (const { end } of statements) end();
  await Promise.all([...large, ...small]);
});
