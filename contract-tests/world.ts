import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { archiveKey } from '../src/blobs/keys.ts';
import type { Deps } from '../src/deps.ts';
import type { NewAccount } from '../src/organisations/actions.ts';
import { setStanding } from '../src/testing/accounts.ts';
import type { PublishedSmall } from '../src/testing/publish_small.ts';
import type { TestServer } from '../src/testing/serve_on.ts';
import { hashSecret } from '../src/users/principal.ts';

/** An organisation with a user of each role and one published version, which further fixtures are copied from. */
export interface Tenant {
  readonly orgId: string;
  readonly owner: NewAccount;
  readonly admin: NewAccount;
  readonly member: NewAccount;
  readonly base: PublishedSmall;
}

export interface World {
  readonly server: TestServer;
  readonly deps: Deps;
  readonly main: Tenant;
  readonly foreign: Tenant;
  readonly unpaid: Tenant;
  readonly suspended: Tenant;
}

export async function createWorld(server: TestServer): Promise<World> {
  const { deps } = server;
  const main = await createTenant(server);
  const foreign = await createTenant(server);
  const unpaid = await createTenant(server);
  const suspended = await createTenant(server);
  await setStanding(deps, unpaid.orgId, { billing: 'overdue' });
  await setStanding(deps, suspended.orgId, { suspended: true });
  return { server, deps, main, foreign, unpaid, suspended };
}

export async function createTenant(server: TestServer): Promise<Tenant> {
  const owner = await server.createAccount('owner');
  const admin = await server.createAccount('admin', { org: owner.orgId });
  const member = await server.createAccount('member', { org: owner.orgId });
  const base = await server.publishSmall(owner);
  return { orgId: owner.orgId, owner, admin, member, base };
}

export const unique = (prefix: string): string => `${prefix}-${randomBytes(6).toString('hex')}`;

/** A draft product without versions. */
export async function freshProduct({ deps }: World, { orgId }: Tenant): Promise<string> {
  const id = unique('p');
  await deps.db.insertInto('products').values({ organisation_id: orgId, id, name: 'Fixture' }).execute();
  return id;
}

export interface FreshVersion {
  readonly productId: string;
  readonly versionId: string;
  readonly version: string;
}

/** A version of its own product with the content of the tenant's published one, in any state. */
export async function freshVersion(world: World, tenant: Tenant, status = 'ready'): Promise<FreshVersion> {
  const { db, ids, blobs } = world.deps;
  const productId = await freshProduct(world, tenant);
  const { id: _id, ...row } = await db
    .selectFrom('versions')
    .selectAll()
    .where('organisation_id', '=', tenant.orgId)
    .where('id', '=', tenant.base.versionId)
    .executeTakeFirstOrThrow();
  const versionId = ids.next();
  const activated_at = ['ready', 'yanked'].includes(status) ? row.activated_at : null;
  const failures = JSON.stringify(status === 'failed' ? [{ code: 'invalid_format', path: 'README.txt' }] : []);
  await db
    .insertInto('versions')
    .values({ ...row, id: versionId, product_id: productId, status, activated_at, failures })
    .execute();
  await sql`insert into version_packs (version_id, organisation_id, sha256)
    select ${versionId}, organisation_id, sha256 from version_packs where version_id = ${tenant.base.versionId}`.execute(
    db,
  );
  const index = await blobs.readBuffer(archiveKey(tenant.base.versionId));
  await blobs.put(archiveKey(versionId), [index] as never as AsyncIterable<Uint8Array>, { maxSize: index.length });
  return { productId, versionId, version: row.version };
}

export type TokenState = 'active' | 'expired' | 'revoked' | 'used_up';

export interface FreshToken extends FreshVersion {
  readonly token: string;
  readonly tokenId: string;
}

/** A download token for a version of its own. */
export async function freshToken(world: World, tenant: Tenant, state: TokenState = 'active'): Promise<FreshToken> {
  const version = await freshVersion(world, tenant);
  const token = randomBytes(32).toString('hex');
  const tokenId = world.deps.ids.next();
  const hour = state === 'expired' ? -1 : 1;
  await world.deps.db
    .insertInto('download_tokens')
    .values({
      id: tokenId,
      organisation_id: tenant.orgId,
      product_id: version.productId,
      version_id: version.versionId,
      token_hash: hashSecret(token),
      created_by: tenant.admin.userId,
      expires_at: new Date(Date.now() + hour * 60 * 60 * 1000),
      revoked_at: state === 'revoked' ? new Date() : null,
      max_downloads: state === 'used_up' ? 1 : null,
      download_count: state === 'used_up' ? 1 : 0,
    })
    .execute();
  return { ...version, token, tokenId };
}

/** An open pack-wise session under the token. */
export async function freshSession(world: World, tenant: Tenant, token: FreshToken): Promise<string> {
  const id = world.deps.ids.next();
  await world.deps.db
    .insertInto('download_sessions')
    .values({
      id,
      organisation_id: tenant.orgId,
      product_id: token.productId,
      version_id: token.versionId,
      token_id: token.tokenId,
      kind: 'packs',
      address: '192.0.2.1',
      user_agent: 'fixture',
      total_bytes: tenant.base.pack.bytes.length,
    })
    .execute();
  return id;
}
