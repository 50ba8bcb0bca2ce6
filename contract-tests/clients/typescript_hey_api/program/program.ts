import { createHash } from 'node:crypto';
import { json } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { client } from './client/client.gen.js';
import {
  activateVersion,
  checkPacks,
  createManifest,
  generateDownloadUrl,
  getDownloadArchive,
  getUser,
  getVersion,
  getWhoami,
  listPurchases,
  uploadPack,
} from './client/index.js';
import type { Manifest } from './client/index.js';

interface Scenario {
  url: string;
  apiKey: string;
  productId: string;
  version: string;
  pack: { sha256: string; base64: string };
  manifest: Manifest;
  productHash: string;
  unknownProductId: string;
  pageSize: number;
}

const scenario = (await json(process.stdin)) as Scenario;
const { productId, version, pack, manifest, productHash } = scenario;
// The document lists alternatives, and this client would send the key in every way at once, `oauth_token` included.
client.setConfig({
  baseUrl: scenario.url,
  auth: ({ scheme }) => (scheme === 'bearer' ? scenario.apiKey : undefined),
});
const throwOnError = true;

const { response: whoami } = (await getWhoami({ throwOnError })).data;
const { response: user } = (await getUser({ throwOnError })).data;
const vendorId = user.organisation_id;

async function existing(): Promise<number> {
  const { data } = await checkPacks({ body: { vendorId, packHashes: [pack.sha256] }, throwOnError });
  return data.existing.length;
}
const existingBefore = await existing();
const bytes = new Blob([Buffer.from(pack.base64, 'base64')]);
await uploadPack({ path: { vendorId, sha256: pack.sha256 }, body: bytes, throwOnError });
const existingAfter = await existing();

const body = { vendorId, productId, version, productHash, manifest };
const { data: created } = await createManifest({ body, throwOnError });
const path = { productId, versionId: created.id };
let found = created;
while (found.status === 'processing') {
  await pause(50);
  found = (await getVersion({ path, throwOnError })).data;
}
const { data: activated } = await activateVersion({ path, throwOnError });

const { data: minted } = await generateDownloadUrl({ body: { productId, version }, throwOnError });
const { data: archive } = await getDownloadArchive({ query: { token: minted.downloadToken }, throwOnError });

const refused = await generateDownloadUrl({ body: { productId: scenario.unknownProductId } });
if (refused.error === undefined) throw new Error('an unknown product was minted');

const purchaseIds: string[] = [];
let pages = 0;
let cursor: string | undefined;
do {
  const query = { limit: scenario.pageSize, ...(cursor !== undefined && { cursor }) };
  const { data, response } = await listPurchases({ query, throwOnError });
  purchaseIds.push(...data.map(({ id }) => id));
  pages++;
  cursor = nextCursor(response.headers.get('link'));
} while (cursor !== undefined);

/** The cursor of `<…>; rel="next"`. */
function nextCursor(link: string | null): string | undefined {
  const [, next] = /<([^>]*)>; rel="next"/.exec(link ?? '') ?? [];
  return next === undefined ? undefined : (new URL(next).searchParams.get('cursor') ?? undefined);
}

console.log(
  JSON.stringify({
    email: whoami.email,
    userIdStr: user.id_str,
    userId: String(user.id),
    organisationId: vendorId,
    existingBefore,
    existingAfter,
    versionId: activated.id,
    status: activated.status,
    active: activated.active,
    archiveSha256: createHash('sha256')
      .update(Buffer.from(await archive.arrayBuffer()))
      .digest('hex'),
    errorStatus: refused.response?.status,
    errorFields: refused.error.error,
    purchaseIds,
    pages,
  }),
);
