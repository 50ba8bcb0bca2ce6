import { expect, it } from 'vitest';
import { silent } from '../db/log.ts';
import { createFeed } from './feed.ts';
import type { Position } from './position.ts';
import type { Page } from './queries.ts';

it('looks again for what is held back, though nobody wakes it', async () => {
  const position = {} as Position;
  let looks = 0;
  const read = async (): Promise<Page> => {
    looks += 1;
    return { rows: [], position, more: false, held: looks === 1 };
  };
  const feed = createFeed(read, position, silent);
  feed.wake();
  await expect.poll(() => looks).toBe(2);
  feed.close();
});
