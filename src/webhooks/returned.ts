import type { Returned } from './order_queries.ts';

/** All lines of an order. */
export const ALL = '*';

/** Whether what came back for the line is all that was paid for it. */
export function isReturned(
  { key, amount }: { readonly key: string; readonly amount: number | null },
  refunds: readonly Returned[],
): boolean {
  return refunds.some(
    (each) =>
      each.line_key === ALL || (each.line_key === key && (each.amount === null || each.amount >= (amount ?? 0))),
  );
}
