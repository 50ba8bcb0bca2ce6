import { createHash } from 'node:crypto';
import { json } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import createClient from 'openapi-fetch';
import type { components, paths } from './schema.js';

interface Scenario {
  url: string;
  apiKey: string;
  productId: string;
  version: string;
  pack: { sha256: string; base64: string };
  manifest: components['schemas']['Manifest'];
  productHash: string;
  unknownProductId: string;
  pageSize: number;
}

const scenario = (await json(process.stdin)) as Scenario;
const { productId, version, pack, manifest, productHash } = scenario;
/** Named here, because a GET can also answer JSON-P, which is for script tags. */
type Media = 'application/json' | 'application/zip';
const api = createClient<paths, Media>({
  baseUrl: scenario.url,
  headers: { authorization: `Bearer ${scenario.apiKey}` },
});

/** What a refused call threw, for whoever reads the output. */
function done<T>({ data, error, response }: { data?: T; error?: unknown; response: Response }): T {
  if (data === undefined) throw new Error(`${response.url} answered ${response.status} ${JSON.stringify(error)}`);
  return data;
}

const whoami = done(await api.GET('/whoami')).response;
const user = done(await api.GET('/user')).response;
const vendorId = user.organisation_id;

const check = async () =>
  done(await api.POST('/api/pack-check', { body: { vendorId, packHashes: [pack.sha256] } })).existing.length;
const existingBefore = await check();
await api
  .PUT('/api/blob/{vendorId}/packs/pack-{sha256}', {
    params: { path: { vendorId, sha256: pack.sha256 } },
    headers: { 'content-type': 'application/octet-stream' },
    // openapi-typescript writes `string` for binary; the serializer hands the bytes to fetch.
    body: '',
    bodySerializer: () => Buffer.from(pack.base64, 'base64'),
  })
  .then(done);
const existingAfter = await check();

const created = done(
  await api.POST('/api/manifest', { body: { vendorId, productId, version, productHash, manifest } }),
);
const path = { productId, versionId: created.id };
let found = created;
while (found.status === 'processing') {
  await pause(50);
  found = done(await api.GET('/api/products/{productId}/versions/{versionId}', { params: { path } }));
}
const activated = done(await api.POST('/api/products/{productId}/versions/{versionId}/activate', { params: { path } }));

const minted = done(await api.POST('/api/generate-download-url', { body: { productId, version } }));
const archive = done(
  await api.GET('/download/archive', { params: { query: { token: minted.downloadToken } }, parseAs: 'arrayBuffer' }),
);

const refused = await api.POST('/api/generate-download-url', { body: { productId: scenario.unknownProductId } });
if (refused.error === undefined) throw new Error('an unknown product was minted');

const purchaseIds: string[] = [];
let pages = 0;
let cursor: string | undefined;
do {
  const query = { limit: scenario.pageSize, ...(cursor !== undefined && { cursor }) };
  const answer = await api.GET('/api/purchases', { params: { query } });
  purchaseIds.push(...done(answer).map(({ id }) => id));
  pages++;
  cursor = nextCursor(answer.response.headers.get('link'));
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
    archiveSha256: createHash('sha256').update(Buffer.from(archive)).digest('hex'),
    errorStatus: refused.response.status,
    errorFields: refused.error.error,
    purchaseIds,
    pages,
  }),
);
