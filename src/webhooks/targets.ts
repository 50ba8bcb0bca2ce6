import type { SaleLine } from './change.ts';

export interface Target {
  readonly external_id: string;
  readonly product_id: string;
  readonly mapped: boolean;
}

/**
 * The products that a line stands for: the one that the seller's metadata name, else those that the most exact of its
 * external ids is mapped to.
 */
export function productsOf(line: Pick<SaleLine, 'productId' | 'externalIds'>, targets: readonly Target[]): string[] {
  const named = targets.find(({ mapped, product_id }) => !mapped && product_id === line.productId);
  if (named) return [named.product_id];
  const mapped = targets.filter((target) => target.mapped);
  const exact = line.externalIds.find((id) => mapped.some(({ external_id }) => external_id === id));
  return mapped.filter(({ external_id }) => external_id === exact).map(({ product_id }) => product_id);
}
