import { codeOf, isUndone } from './sqlstate.ts';

interface Waiting<T, R> {
  readonly item: T;
  resolve(result: R): void;
  reject(error: unknown): void;
}

const mayBeDone = (error: unknown): boolean => codeOf(error) === 'unavailable' && !isUndone(error);

export interface BatchOptions {
  /** Batches under way at once; what comes meanwhile waits for the next. */
  readonly atOnce: number;
  /** Most items in one batch. */
  readonly largest: number;
}

/**
 * Gathers what concurrent requests want done into few statements: one commit for many. `run` answers one result for
 * each item, in their order, and works all or nothing. An error of a batch is met by running its items one by one, so
 * that a faulty one fails alone; not where the database is gone, since the batch may have been committed.
 */
export function createBatcher<T, R>(
  run: (items: readonly T[]) => Promise<readonly R[]>,
  { atOnce, largest }: BatchOptions,
): (item: T) => Promise<R> {
  let waiting: Waiting<T, R>[] = [];
  let running = 0;
  let scheduled = false;

  async function settle(batch: readonly Waiting<T, R>[]): Promise<void> {
    try {
      const results = await run(batch.map(({ item }) => item));
      for (const [i, { resolve }] of batch.entries()) resolve(results[i] as R);
    } catch (error) {
      const [first, ...others] = batch;
      if (others.length === 0 || mayBeDone(error)) for (const { reject } of batch) reject(error);
      else await Promise.all([first, ...others].map((one) => one && settle([one])));
    }
  }

  function flush(): void {
    scheduled = false;
    while (running < atOnce && waiting.length > 0) {
      const batch = waiting.slice(0, largest);
      waiting = waiting.slice(largest);
      running += 1;
      void settle(batch).finally(() => {
        running -= 1;
        flush();
      });
    }
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      // After this turn of the event loop: requests that came together go together.
      if (!scheduled && running < atOnce) {
        scheduled = true;
        setImmediate(flush);
      }
    });
}
