import { SCOPES } from '../../src/oauth2/scopes.ts';
import { createAccessToken } from '../../src/testing/applications.ts';
import type { Documented } from '../../src/testing/document.ts';
import { hashSecret } from '../../src/users/principal.ts';
import { scopesOf } from '../recipes/generic.ts';
import type { World } from '../world.ts';

export const TURNS = ['API key', 'Basic', 'OAuth'] as const;
export type Turn = (typeof TURNS)[number];

/** How a request proves who asks: a header, or the query parameter for clients that cannot send headers. */
export interface Proof {
  readonly authorization?: string;
  readonly oauth_token?: string;
}

/**
 * The proof of the user whose key a recipe names, by the credential whose turn it is. Operations that take no access
 * token get the key, those for customers and runners their own token, which is what the recipe names there.
 */
export async function proofOf(world: World, turn: Turn, operation: Documented, key: string | null): Promise<Proof> {
  if (key === null) return {};
  const bearer = { authorization: `Bearer ${key}` };
  const user = turn === 'API key' ? undefined : await ownerOf(world, key);
  if (!user) return bearer;
  if (turn === 'Basic') return { authorization: `Basic ${Buffer.from(`${user.email}:${key}`).toString('base64')}` };
  if (!scopesOf(operation)) return bearer;
  const token = await createAccessToken(world.deps, { userId: user.id, orgId: user.organisation_id }, SCOPES);
  return operation.method === 'get' ? { oauth_token: token } : { authorization: `Bearer ${token}` };
}

function ownerOf({ deps }: World, key: string) {
  const users = deps.db.selectFrom('users').select(['id', 'email', 'organisation_id']);
  return users.where('api_key_hash', '=', hashSecret(key)).executeTakeFirst();
}
