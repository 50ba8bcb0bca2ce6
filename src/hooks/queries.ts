import type { Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';

/** False where the delivery came before. @param projectId whose hook secret verified it */
export async function insertDelivery(tx: Transaction<DB>, projectId: string, deliveryId: string): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('github_deliveries')
    .values({ project_id: projectId, delivery_id: deliveryId })
    .onConflict((conflict) => conflict.columns(['project_id', 'delivery_id']).doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}
