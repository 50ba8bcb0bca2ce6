import { isDeepStrictEqual } from 'node:util';
import type { TestServer } from '../../src/testing/serve_on.ts';
import type { Client, ScenarioResult } from './client.ts';
import { archiveSha256, PAGES, type Tenant } from './tenant.ts';

/** What in the result is not as the server knows it; empty when all of it is. */
export async function judge(
  server: TestServer,
  tenant: Tenant,
  client: Client,
  seen: ScenarioResult,
): Promise<string[]> {
  const { admin, purchaseIds, scenario } = tenant;
  const { json: versions } = await server.client.get(`/api/products/${scenario.productId}/versions`, {
    as: admin.apiKey,
  });
  const expected: ScenarioResult = {
    email: admin.email,
    userIdStr: admin.userId,
    userId: client.exactIntegers ? admin.userId : String(Number(admin.userId)),
    organisationId: admin.orgId,
    existingBefore: 0,
    existingAfter: 1,
    versionId: versions[0]?.id,
    status: 'ready',
    active: true,
    archiveSha256: await archiveSha256(server, tenant),
    errorStatus: 404,
    errorFields: { productId: ['not_found'] },
    purchaseIds,
    pages: PAGES,
  };
  const names = new Set([...Object.keys(expected), ...Object.keys(seen)]) as Set<keyof ScenarioResult>;
  return [...names]
    .filter((name) => !isDeepStrictEqual(seen[name], expected[name]))
    .map((name) => `${name} is ${JSON.stringify(seen[name])}, not ${JSON.stringify(expected[name])}`);
}
