import { inTransaction } from '../../src/db/transaction.ts';
import { insertCode } from '../../src/portal/code_queries.ts';
import { CODE_TRIES, codeExpiry, drawProofs, drawRequestId, hashCode } from '../../src/portal/rules.ts';
import { createPortalToken } from '../../src/testing/portal.ts';
import { type Tenant, unique, type World } from '../world.ts';
import type { Happy, Plan, Recipe, Recipes } from './plan.ts';
import { freshPurchase } from './purchases.ts';

const PLACE = '127.0.0.1';
const newEmail = () => `${unique('customer')}@example.com`;

/** A code that was mailed to an address of its own, as its customer would enter it. */
async function mailedCode({ deps }: World): Promise<{ requestId: string; code: string }> {
  const requestId = drawRequestId();
  const { code, token } = drawProofs();
  const [id, at] = [deps.ids.next(), deps.clock()];
  const proof = { id, requestId, email: newEmail(), codeHash: hashCode(requestId, code), token };
  await inTransaction(deps.db, (tx) => insertCode(tx, { ...proof, at, expiresAt: codeExpiry(at) }));
  return { requestId, code };
}

/** The contract run asks more often than a place may. */
const unslowed = async ({ deps }: World) => {
  await deps.throttles.portalCodeAddress.clear(PLACE);
  await deps.throttles.portalGuessAddress.clear(PLACE);
};

const newCode: Happy = async (world) => {
  await unslowed(world);
  return { json: { email: newEmail() } };
};

const newSession: Happy = async (world) => {
  await unslowed(world);
  return { json: await mailedCode(world) };
};

/** A customer with a purchase of the tenant's. */
async function ownedPurchase(world: World, tenant: Tenant): Promise<Plan & { id: string }> {
  const email = newEmail();
  const { id } = await freshPurchase(world, tenant, undefined, email);
  return { id, key: await createPortalToken(world.deps, email) };
}

const signedIn: Happy = async (world, tenant) => {
  const { key } = await ownedPurchase(world, tenant);
  return { key: key ?? null };
};

const onPurchase: Happy = async (world, tenant) => {
  const { id, key } = await ownedPurchase(world, tenant);
  return { key: key ?? null, params: { purchaseId: id }, json: { version: tenant.base.version } };
};

const anotherCode: Recipe = async ({ world }) => {
  const { requestId, code } = await mailedCode(world);
  return { json: { requestId, code: code === '000000' ? '000001' : '000000' } };
};

/** A code whose row is changed before it is entered. */
const codeWith =
  (change: (now: Date) => { tries: number } | { expires_at: Date }): Recipe =>
  async ({ world }) => {
    const json = await mailedCode(world);
    const newest = world.deps.db.selectFrom('portal_codes').select('id').orderBy('id', 'desc').limit(1);
    await world.deps.db.updateTable('portal_codes').set(change(world.deps.clock())).where('id', '=', newest).execute();
    return { json };
  };

const slowed: Readonly<Record<string, Recipe>> = {
  'createPortalCode 429': async ({ world, happy }) => {
    const plan = await happy(world.main);
    for (let times = 0; times < 5; times++) await world.deps.throttles.portalCode.take(String(plan.json?.email));
    return plan;
  },
  'createPortalSession 429': async ({ world, happy }) => {
    const plan = await happy(world.main);
    for (let times = 0; times < 100; times++) await world.deps.throttles.portalGuessAddress.take(PLACE);
    return { ...plan, after: () => unslowed(world) };
  },
};

export const portal: Recipes = {
  happy: {
    createPortalCode: newCode,
    createPortalSession: newSession,
    listPortalPurchases: signedIn,
    generatePortalDownloadUrl: onPurchase,
    deletePortalSession: signedIn,
    deletePortalSessions: signedIn,
  },
  special: {
    ...slowed,
    'createPortalSession 401': anotherCode,
    'createPortalSession 404': async ({ world }) => ({
      json: { ...(await mailedCode(world)), requestId: drawRequestId() },
    }),
    'createPortalSession 410 expired': codeWith((now) => ({ expires_at: now })),
    'createPortalSession 410 used_up': codeWith(() => ({ tries: CODE_TRIES })),
    'generatePortalDownloadUrl 400 is_blank': async ({ world, happy }) => ({
      ...(await happy(world.main)),
      json: { version: '' },
    }),
    'generatePortalDownloadUrl 404': async ({ world, happy }) => {
      const { key } = await happy(world.main);
      return { ...(await happy(world.foreign)), key: key ?? null };
    },
  },
};
