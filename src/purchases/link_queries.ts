import { sql, type Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';

/** A paid purchase with what a mail about it says. */
export interface Line {
  readonly id: string;
  readonly product_id: string;
  readonly product_name: string;
  readonly organisation_name: string;
  readonly customer_email: string;
  readonly order_id: string;
  /** Null where the product is archived or has no active version: there is nothing to make a link to. */
  readonly version_id: string | null;
  readonly version: string | null;
}

/**
 * Those of the purchases that are paid, by id, each held as by `holdPurchase`, and from others that mail about it: how
 * that went is written down in its row.
 */
export async function holdLines(
  tx: Transaction<DB>,
  organisationId: string,
  purchaseIds: readonly string[],
): Promise<Line[]> {
  const { rows } = await sql<Line>`
    select s.id, s.product_id, p.name as product_name, o.name as organisation_name, s.customer_email, s.order_id,
      v.id as version_id, v.version
    from purchases s
    join organisations o on o.id = s.organisation_id
    join products p on p.organisation_id = s.organisation_id and p.id = s.product_id
    left join versions v on v.organisation_id = s.organisation_id and v.product_id = s.product_id
      and v.id = p.active_version_id and v.status = 'ready' and p.status <> 'archived'
    where s.organisation_id = ${organisationId} and s.id = any(${purchaseIds}::bigint[]) and s.status = 'paid'
    order by s.id
    for no key update of s`.execute(tx);
  return rows;
}

interface Link {
  readonly id: string;
  readonly tokenHash: Buffer;
  readonly expiresAt: Date;
}

/**
 * Makes the link of a line live until its end; one that is there lives longer, and follows the active version until it is
 * used first. Answers whether it is new.
 */
export async function saveLink(
  tx: Transaction<DB>,
  organisationId: string,
  line: Line,
  { id, tokenHash, expiresAt }: Link,
): Promise<boolean> {
  const { rows } = await sql<{ added: boolean }>`
    insert into download_tokens as t (id, organisation_id, product_id, version_id, token_hash, purchase_id, customer_email,
      order_id, expires_at)
    values (${id}::bigint, ${organisationId}, ${line.product_id}, ${line.version_id}::bigint, ${tokenHash},
      ${line.id}::bigint, ${line.customer_email}, ${line.order_id}, ${expiresAt})
    on conflict (token_hash) do update set expires_at = excluded.expires_at,
      version_id = case when t.download_count = 0 then excluded.version_id else t.version_id end
    returning xmax = 0 as added`.execute(tx);
  return rows[0]?.added === true;
}

/** Ends every link of the purchase; answers how many still had not been ended. */
export async function endLinks(
  tx: Transaction<DB>,
  organisationId: string,
  purchaseId: string,
  at: Date,
): Promise<number> {
  const { numUpdatedRows } = await tx
    .updateTable('download_tokens')
    .set({ revoked_at: at })
    .where('organisation_id', '=', organisationId)
    .where('purchase_id', '=', purchaseId)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return Number(numUpdatedRows);
}
