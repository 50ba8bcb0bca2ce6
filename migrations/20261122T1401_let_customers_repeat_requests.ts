import { type Kysely, sql } from 'kysely';

/** An Idempotency-Key belongs to a user or, in the portal, to a customer, who is an e-mail address. */
export async function up(db: Kysely<never>): Promise<void> {
  await sql`
    alter table idempotency_keys drop constraint idempotency_keys_pkey,
      alter column user_id drop not null,
      add column customer_email text,
      add unique (user_id, operation_id, key),
      add check (num_nonnulls(user_id, customer_email) = 1);
    create unique index idempotency_keys_of_customers on idempotency_keys (customer_email, operation_id, key)
      where customer_email is not null;
  `.execute(db);
}
