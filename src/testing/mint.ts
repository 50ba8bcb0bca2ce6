import type { NewAccount } from '../organisations/actions.ts';
import type { TestClient } from './client.ts';

/** A download token for the product as a publisher mints it; `more` goes into the request body. */
export async function mint(
  { client }: { client: TestClient },
  { apiKey }: Pick<NewAccount, 'apiKey'>,
  productId: string,
  more: object = {},
): Promise<string> {
  const { status, json } = await client.post('/api/generate-download-url', {
    as: apiKey,
    json: { productId, ...more },
  });
  if (status !== 200) throw new Error(`minting answered ${status}: ${JSON.stringify(json)}`);
  return json.downloadToken;
}
