import type { Recipes } from './plan.ts';

/** Streams end here: Dredd waits for the whole answer. */
export const firehose: Recipes = {
  happy: {
    followEvents: () => ({ query: { follow: 'false' } }),
  },
  special: {
    'followEvents 404': () => ({ query: { follow: 'false', since: '1' } }),
  },
};
