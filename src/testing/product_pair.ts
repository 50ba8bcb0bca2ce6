import type { NewAccount } from '../organisations/actions.ts';
import type { PublishedSmall } from './publish_small.ts';
import type { TestServer } from './serve_on.ts';

/** Two organisations that sell under the same slug and version number, out of equal packs. */
export interface ProductPair {
  readonly product: string;
  readonly own: NewAccount;
  readonly foreign: NewAccount;
  readonly ownVersion: PublishedSmall;
  readonly foreignVersion: PublishedSmall;
}

export async function createProductPair(
  server: Pick<TestServer, 'client' | 'createAccount' | 'publishSmall'>,
  product = 'same-slug',
): Promise<ProductPair> {
  const [own, foreign] = [await server.createAccount('admin'), await server.createAccount('admin')];
  const publish = async (account: NewAccount) => {
    await server.client.post('/api/products', { as: account.apiKey, json: { slug: product, name: account.orgId } });
    return server.publishSmall(account, { product });
  };
  return { product, own, foreign, ownVersion: await publish(own), foreignVersion: await publish(foreign) };
}
