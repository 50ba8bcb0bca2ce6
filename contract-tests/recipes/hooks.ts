import { sign } from '@octokit/webhooks-methods';
import { createTestProject } from '../../src/testing/projects.ts';
import { type Tenant, unique, type World } from '../world.ts';
import { byCode } from './generic.ts';
import type { Plan, Recipe, Recipes } from './plan.ts';

const ID = 'receiveGithubPush';
const PUSH = JSON.stringify({ ref: 'refs/heads/main', after: '5d41402abc4b2a76b9719d911017c592a1b2c3d4' });

/** A delivery to a project of its own, as GitHub signs it. */
export async function signPush({ deps }: World, { owner }: Tenant, body = PUSH): Promise<Plan> {
  const { row, secret } = await createTestProject(deps, owner, { name: unique('project') });
  const headers = {
    'X-GitHub-Event': 'push',
    'X-GitHub-Delivery': unique('delivery'),
    'X-Hub-Signature-256': await sign(secret, body),
  };
  return { params: { project_id: row.id }, body, headers };
}

const altered =
  (alter: (plan: Plan) => Plan): Recipe =>
  async ({ world, happy }) =>
    alter(await happy(world.main));

export const hooks: Recipes = {
  happy: { [ID]: (world, tenant) => signPush(world, tenant) },
  special: {
    [`${ID} 400 invalid_json`]: ({ world }) => signPush(world, world.main, '{'),
    [`${ID} 401`]: altered(({ headers: _signature, ...plan }) => plan),
    [`${ID} 404`]: altered((plan) => ({ ...plan, params: { project_id: 'a\0b' } })),
    [`${ID} 413`]: byCode['payload_too_large'] as Recipe,
    [`${ID} 415`]: byCode['unsupported_media_type'] as Recipe,
    [`${ID} 500`]: byCode['internal_server_error'] as Recipe,
    [`${ID} 503`]: byCode['unavailable'] as Recipe,
  },
};
