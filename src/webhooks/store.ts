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

/** A post that is larger goes alone, beside the batches: so none is above 1 MiB, and none waits for it. */
const LARGE = 32 * 1024;
const ALONE = { atOnce: 1, largest: 1 };

const stores = new WeakMap<Hot, Store>();

/** Stores what concurrent posts bring in few statements; one for each database. */
export function storeOf(hot: Hot): Store {
  const known = stores.get(hot);
  if (known) return known;
  const write = async (posts: readonly (readonly NewDelivery[])[]) => {
    await hot.write(STORE_DELIVERIES, deliveryParameters(posts.flat()));
    return posts.map(() => undefined);
  };
  const small: Store = createBatcher(write, BATCHES);
  const large: Store = createBatcher(write, ALONE);
  const store: Store = (deliveries) => (sizeOf(deliveries) > LARGE ? large : small)(deliveries);
  stores.set(hot, store);
  return store;
}

const sizeOf = (deliveries: readonly NewDelivery[]): number =>
  deliveries.reduce((sum, { sealedBody }) => sum + sealedBody.length, 0);
