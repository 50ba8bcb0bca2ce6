import type { NewAccount } from '../organisations/actions.ts';
import type { Answer } from './client.ts';
import { createPortalToken } from './portal.ts';
import { createProductPair, type ProductPair } from './product_pair.ts';
import { startTestServer, type TestServer } from './server.ts';

/** A server on which customers buy, by a clock that stands still until it is set. */
export interface Selling {
  readonly server: TestServer;
  readonly pair: ProductPair;
  /** Milliseconds since 1970. */
  readonly clock: { now: number };
  newEmail(): string;
  /** Answers the purchase's id; one of the pair's own product where nothing else is said. */
  buy(customerEmail: string, seller?: NewAccount, productId?: string, more?: object): Promise<string>;
  /** A customer with one purchase. */
  newCustomer(seller?: NewAccount): Promise<{ email: string; id: string; token: string }>;
  list(as: string, query?: object): Promise<Answer>;
  /** Asks for a fresh link. */
  link(as: string, id: string, json?: object): Promise<Answer>;
}

export async function openSelling(): Promise<Selling> {
  const clock = { now: Date.now() };
  const server = await startTestServer({ deps: (real) => ({ ...real, clock: () => new Date(clock.now) }) });
  const pair = await createProductPair(server);
  let buyers = 0;
  const newEmail = () => `customer${++buyers}@example.com`;
  const buy: Selling['buy'] = async (customerEmail, { apiKey } = pair.own, productId = pair.product, more = {}) => {
    const json = { productId, customerEmail, ...more };
    return (await server.client.post('/api/purchases', { as: apiKey, json })).json.id as string;
  };
  return {
    ...{ server, pair, clock, newEmail, buy },
    async newCustomer(seller = pair.own) {
      const email = newEmail();
      return { email, id: await buy(email, seller), token: await createPortalToken(server.deps, email) };
    },
    list: (as, query = {}) => server.client.get('/api/my/purchases', { as, query: { ...query } }),
    link: (as, id, json = {}) => server.client.post(`/api/my/purchases/${id}/download-url`, { as, json }),
  };
}
