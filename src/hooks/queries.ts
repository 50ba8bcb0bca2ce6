import type { Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';

/** False where the same bytes came before. @param projectId whose hook secret verified them */
export async function insertDelivery(tx: Transaction<DB>, projectId: string, bodySha256: Buffer): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('github_deliveries')
    .values({ project_id: projectId, body_sha256: bodySha256 })
    .onConflict((conflict) => conflict.columns(['project_id', 'body_sha256']).doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}
