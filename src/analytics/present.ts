import type { components } from '../../generated/types.ts';
import type { AnalyticsFilter, Counts, GroupRow, ProductRow } from './queries.ts';
import { groupStarts, labelOf } from './rules.ts';

type Schemas = components['schemas'];

const COUNTS = ['started', 'completed', 'failed', 'abandoned', 'bytes'] as const;
const NONE: Counts = { started: '0', completed: '0', failed: '0', abandoned: '0', bytes: '0' };

export function presentAnalytics(
  { from, to, groupBy }: AnalyticsFilter,
  { groups, products }: { groups: readonly GroupRow[]; products: readonly ProductRow[] },
): Schemas['DownloadAnalytics'] {
  const counted = new Map(groups.map((group) => [group.key, group]));
  return {
    from,
    to,
    groupBy,
    totals: presentCounts(groups),
    groups: groupStarts({ from, to }, groupBy).map((date) => ({
      date,
      label: labelOf(date, groupBy),
      ...presentCounts([counted.get(date) ?? NONE]),
    })),
    topProducts: products.map((product) => ({
      productId: product.key,
      productName: product.name,
      ...presentCounts([product]),
    })),
  };
}

function presentCounts(rows: readonly Counts[]): Schemas['DownloadTotals'] {
  const total = (name: keyof Counts) => rows.reduce((sum, row) => sum + Number(row[name]), 0);
  const [started = 0, completed = 0, failed = 0, abandoned = 0, bytes = 0] = COUNTS.map(total);
  const completionRate = started === 0 ? 0 : Math.round((completed / started) * 10_000) / 10_000;
  return { started, completed, failed, abandoned, completionRate, bytes };
}
