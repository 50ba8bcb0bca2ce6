import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { fail } from '../errors/fail.ts';
import { findProduct } from '../products/queries.ts';
import { findVersionByNumber } from '../versions/queries.ts';
import { countArtifactSuites } from './queries.ts';

export interface Publish {
  readonly product_id: string;
  readonly version: string;
  readonly activate?: boolean;
}

/**
 * Refuses at once what could not be published at the end: no such product (404), a version number that is taken, a project
 * that makes no artifact or several. What changes meanwhile is an error of the request.
 */
export async function requirePublishable(
  db: Kysely<DB>,
  { organisationId, projectId }: { readonly organisationId: string; readonly projectId: string },
  { product_id, version }: Publish,
): Promise<void> {
  if (!(await findProduct(db, organisationId, product_id))) throw fail('not_found', { field: 'publish.product_id' });
  if (await isTaken(db, organisationId, product_id, version))
    throw fail('already_exists', { field: 'publish.version' });
  if ((await countArtifactSuites(db, organisationId, projectId)) !== 1)
    throw fail('invalid_format', { field: 'publish' });
}

/** Whether there is such a version, whatever it holds; one that failed its verification takes other content. */
export async function isTaken(
  db: Kysely<DB>,
  organisationId: string,
  productId: string,
  version: string,
): Promise<boolean> {
  const existing = await findVersionByNumber(db, organisationId, productId, version);
  return existing !== undefined && existing.status !== 'failed';
}
