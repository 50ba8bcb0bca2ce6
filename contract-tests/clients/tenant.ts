import { createHash, randomBytes } from 'node:crypto';
import { productHash } from '../../src/manifests/product_hash.ts';
import { createOrganisation, createUser, type NewAccount } from '../../src/organisations/actions.ts';
import { packSmall, sha256 } from '../../src/testing/publish_small.ts';
import type { TestServer } from '../../src/testing/serve_on.ts';
import type { Scenario } from './client.ts';

/** What the server knows of one client's organisation. */
export interface Tenant {
  readonly admin: NewAccount;
  /** Newest first, as the list answers them. */
  readonly purchaseIds: readonly string[];
  readonly scenario: Scenario;
}

/** More than two pages, the last of them not full. */
const PURCHASES = 5;
const PAGE_SIZE = 2;
export const PAGES = Math.ceil(PURCHASES / PAGE_SIZE);

export async function createTenant(server: TestServer): Promise<Tenant> {
  const name = `c${randomBytes(6).toString('hex')}`;
  const { deps, client, url } = server;
  await createOrganisation(deps.db, deps, name, 'Clients', { email: `owner@${name}.example` });
  const admin = await createUser(deps.db, deps, name, { email: `admin@${name}.example`, role: 'admin' });
  const as = admin.apiKey;
  const productId = `kit-${name}`;
  await client.post('/api/products', { as, json: { name: 'Kit', slug: productId } });
  const purchaseIds: string[] = [];
  for (let n = 1; n <= PURCHASES; n++) {
    const sale = { productId, customerEmail: `customer${n}@${name}.example`, orderId: `order-${n}` };
    const { json } = await client.post('/api/purchases', { as, json: sale });
    purchaseIds.unshift(json.id);
  }
  // Every value of a byte, so that whatever decodes the archive as text destroys it.
  const allBytes = Buffer.from(Array.from({ length: 4096 }, (_, at) => (at * 7) % 256));
  const files = { 'README.txt': `Made for ${name}.\n`, 'kits/Größe 🥁.wav': allBytes, 'empty.txt': '' };
  const { pack, manifest } = packSmall(files);
  return {
    admin,
    purchaseIds,
    scenario: {
      url,
      apiKey: as,
      productId,
      version: '1.0.0',
      pack: { sha256: sha256(pack), base64: pack.toString('base64') },
      manifest,
      productHash: productHash(manifest.files),
      unknownProductId: `no-${name}`,
      pageSize: PAGE_SIZE,
    },
  };
}

/** The SHA-256 of the archive as the server sends it to everybody. */
export async function archiveSha256({ client }: TestServer, { scenario, admin }: Tenant): Promise<string> {
  const { productId, version } = scenario;
  const minted = await client.post('/api/generate-download-url', { as: admin.apiKey, json: { productId, version } });
  const archive = await client.get('/download/archive', { query: { token: minted.json.downloadToken } });
  return createHash('sha256').update(archive.body).digest('hex');
}
