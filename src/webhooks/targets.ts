import type { SaleLine } from './change.ts';

export interface Target {
  readonly external_id: string;
  readonly product_id: string;
  readonly mapped: boolean;
}

/** What an item stands for. */
export interface Meaning {
  readonly products: readonly string[];
  /** The external id that is mapped to them; null where it was not by a mapping. */
  readonly by: string | null;
}

/** The product that the seller's metadata name, else those that the most exact of the external ids is mapped to. */
export function meaningOf(line: Pick<SaleLine, 'productId' | 'externalIds'>, targets: readonly Target[]): Meaning {
  const named = targets.find(({ mapped, product_id }) => !mapped && product_id === line.productId);
  if (named) return { products: [named.product_id], by: null };
  const exact = line.externalIds.find((id) => mappedTo(id, targets).length > 0) ?? null;
  return { products: exact === null ? [] : mappedTo(exact, targets), by: exact };
}

export const mappedTo = (externalId: string, targets: readonly Target[]): string[] =>
  targets.filter((target) => target.mapped && target.external_id === externalId).map(({ product_id }) => product_id);
