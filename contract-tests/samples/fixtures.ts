import { randomBytes } from 'node:crypto';
import { setSecret } from '../../src/integrations/actions.ts';
import type { Documented } from '../../src/testing/document.ts';
import { createTestProject } from '../../src/testing/projects.ts';
import type { Vendor } from '../../src/webhooks/vendors.ts';
import { happyPlan } from '../recipes/index.ts';
import type { Plan } from '../recipes/plan.ts';
import { createTenant, type Tenant, unique, type World } from '../world.ts';

export interface Fixture {
  readonly plan: Plan;
  /** What the sender of a webhook signs by. */
  readonly secret?: string;
}

const PUSH = { ref: 'refs/heads/main', after: '5d41402abc4b2a76b9719d911017c592a1b2c3d4' };

/** What must be escaped in at least one of the languages. */
const AWKWARD = `it's "so" \\ \\n #{x} #$x #@x \${x} $x $(x) \`x\` {x} %s %20 é € \u{1F941}\n\t.`;

/** What a sample asks for: the successful request of the contract run, on fixtures of its own. */
export async function fixtureFor(world: World, operation: Documented): Promise<Fixture> {
  const tenant = isSharedState(operation) ? await createTenant(world.server) : world.main;
  if (operation.operation['x-credentials'] !== 'signature') return { plan: await planOf(world, tenant, operation) };
  if (operation.id === 'receiveGithubPush') {
    const { row, secret } = await createTestProject(world.deps, tenant.owner, { name: unique('project') });
    return { plan: { key: null, params: { project_id: row.id }, body: JSON.stringify(PUSH) }, secret };
  }
  const vendor = operation.path.split('/').at(-1) as Vendor;
  const secret = await secretFor(world, tenant, vendor);
  const body = JSON.stringify({ id: unique('evt'), type: 'customer.created', events: [] });
  const query = vendor === 'vibracartpro' ? { query: { secret } } : {};
  return { plan: { key: null, params: { orgId: tenant.orgId }, body, ...query }, secret };
}

/** The secrets of vendors and the queue of runners belong to the whole organisation. */
function isSharedState({ id, operation }: Documented): boolean {
  const [tag] = operation['tags'] as string[];
  return id === 'leaseTask' || tag === 'webhooks' || tag === 'integrations';
}

async function planOf(world: World, tenant: Tenant, operation: Documented): Promise<Plan> {
  const plan = await happyPlan(world, tenant, operation);
  // The samples of a language are prepared together, so that the last may run a minute later.
  if (operation.id === 'createAccessToken') await keepCodes(world);
  if (operation.id === 'createProduct') return { ...plan, json: { ...plan.json, description: AWKWARD } };
  // The example of the document publishes it, which takes a version.
  if (operation.id === 'updateProduct') return { ...plan, params: { productId: tenant.base.product } };
  // A stream without end is no sample that ends.
  return operation.operation['x-stream'] === true ? { ...plan, query: { ...plan.query, follow: 'false' } } : plan;
}

async function secretFor({ deps }: World, { orgId, admin }: Tenant, vendor: Vendor): Promise<string> {
  const given = vendor === 'vibracartpro' ? undefined : randomBytes(24).toString('hex');
  const drawn = await setSecret(deps.db, deps, { organisationId: orgId, userId: admin.userId }, vendor, given);
  return drawn ?? given ?? '';
}

/** A code for a test lives for a minute. */
async function keepCodes({ deps }: World): Promise<void> {
  const expires_at = new Date(Date.now() + 60 * 60 * 1000);
  await deps.db.updateTable('authorization_codes').set({ expires_at }).execute();
}
