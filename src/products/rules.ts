import { operations } from '../../generated/operations.ts';

/** First segments of the routes: a slug like that would be taken for a page of the server. */
const RESERVED = new Set(Object.values(operations).map(({ path }) => path.split('/')[1]?.toLowerCase()));

/** Pages and routes to come keep their names too. */
for (const word of ['dashboard', 'docs', 'my', 'webhooks', 'oauth2', 'metrics', 'openapi']) RESERVED.add(word);

export function isReservedSlug(slug: string): boolean {
  return RESERVED.has(slug);
}
