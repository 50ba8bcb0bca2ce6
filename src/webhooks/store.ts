import { createBatcher } from '../db/batch.ts';
import type { Hot } from '../db/hot.ts';
import { deliveryParameters, type NewDelivery, STORE_DELIVERIES } from './statements.ts';

/** Keeps the reports of one post, all or none; resolves when they are on disk. */
type Store = (deliveries: readonly NewDelivery[]) => Promise<void>;

/**
 * Each commit that queues a job waits for the one before to reach the disk (PostgreSQL's lock of NOTIFY): many posts in
 * one commit wait once.
 */
const BATCHES = { atOnce: 1, largest: 32 };

const stores = new WeakMap<Hot, Store>();

/** Stores what concurrent posts bring in few statements; one for each database. */
export function storeOf(hot: Hot): Store {
  const known = stores.get(hot);
  if (known) return known;
  const store: Store = createBatcher(async (posts) => {
    await hot.write(STORE_DELIVERIES, deliveryParameters(posts.flat()));
    return posts.map(() => undefined);
  }, BATCHES);
  stores.set(hot, store);
  return store;
}
