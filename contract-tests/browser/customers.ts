import { inTransaction } from '../../src/db/transaction.ts';
import type { NewAccount } from '../../src/organisations/actions.ts';
import { ensurePurchase } from '../../src/purchases/queries.ts';
import { setStanding } from '../../src/testing/accounts.ts';
import type { Scene } from './scene.ts';

/** Who bought much, from several publishers. */
export const COLLECTOR = 'collector@a.example';
/** More than a page holds. */
export const HOARDER = 'hoarder@a.example';
export const BEGINNER = 'beginner@a.example';
/** Bought nothing. */
export const NEWCOMER = 'somebody.with.a.very.long.name.indeed@customers.of.small.publishers.example';

export interface Customers {
  readonly scene: Scene;
  /** Slug of a product with several versions. */
  readonly product: string;
  buy(account: NewAccount, productId: string, email: string, orderId?: string): Promise<void>;
  /** Another publisher with a product. */
  openShop(name: string): Promise<{ account: NewAccount; product: string }>;
}

export async function openCustomers(scene: Scene): Promise<Customers> {
  const { server, account } = scene;
  await nameOrganisation(scene, account, 'Audio Company');
  const product = await publishDrums(scene);
  const customers: Customers = {
    scene,
    product,
    buy: (seller, productId, email, orderId) => buy(scene, seller, { productId, email, orderId }),
    async openShop(name) {
      const seller = await server.createAccount('admin');
      await nameOrganisation(scene, seller, name);
      return { account: seller, product: (await server.publishSmall(seller)).product };
    },
  };
  await collect(customers);
  await customers.buy(account, product, BEGINNER, 'order-1000');
  for (let n = 0; n < 51; n++) await customers.buy(account, product, HOARDER, `order-${n}`);
  return customers;
}

async function publishDrums(scene: Scene): Promise<string> {
  const product = await scene.publish('Epic Drums', { 'a.txt': 'a'.repeat(10_000), 'kits/b.txt': 'b' });
  for (const version of ['1.1.0', '2.0.0-beta.1']) {
    const files = { 'a.txt': version.repeat(100_000) };
    await scene.server.publishSmall(scene.account, { product, version, activate: version === '1.1.0', files });
  }
  return product;
}

async function collect({ scene, product, buy, openShop }: Customers): Promise<void> {
  const { server, account } = scene;
  const pads = await scene.publish('Ambient Pads and Evolving Textures, Deluxe Edition (2026 remaster)', { b: 'b' });
  await buy(account, product, COLLECTOR, 'order-1001');
  await buy(account, pads, COLLECTOR, '#7b6f0d5e-5a2a-4d7a-9f1c-1b7f6f6f2c11');
  await buy(account, await draft(scene), COLLECTOR);
  const paused = await openShop('دار الأصوات');
  await buy(paused.account, paused.product, COLLECTOR, 'A-7');
  await setStanding(server.deps, paused.account.orgId, { suspended: true });
}

/** A product with nothing to download. */
async function draft({ server, account }: Scene): Promise<string> {
  await server.client.post('/api/products', { as: account.apiKey, json: { name: 'Field Recordings', slug: 'field' } });
  return 'field';
}

async function nameOrganisation({ server }: Scene, { orgId }: NewAccount, name: string): Promise<void> {
  await server.deps.db.updateTable('organisations').set({ name }).where('id', '=', orgId).execute();
}

interface Wanted {
  readonly productId: string;
  readonly email: string;
  readonly orderId: string | undefined;
}

async function buy({ server }: Scene, { orgId }: NewAccount, { productId, email, orderId }: Wanted): Promise<void> {
  const { deps } = server;
  const id = deps.ids.next();
  const purchase = { id, productId, customerEmail: email, orderId: orderId ?? id };
  await inTransaction(deps.db, (tx) => ensurePurchase(tx, orgId, purchase));
}
