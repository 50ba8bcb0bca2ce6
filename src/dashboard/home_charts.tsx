import type { components } from '../../generated/types.ts';
import { presentAnalytics } from '../analytics/present.ts';
import { type AnalyticsFilter, countDownloads } from '../analytics/queries.ts';
import { fail } from '../errors/fail.ts';
import { formatSize } from '../downloads/page_figures.ts';
import { Card, Table } from '../pages/components.tsx';
import {
  type Chart,
  CHARTS,
  type Counted,
  type Drawing,
  SCHEMES,
  type Scheme,
  SIZES,
  type Size,
} from './charts/drawing.ts';
import { groupMark, groupWords } from './days.ts';
import { count, rate } from './figures.ts';
import { chosenIn, filterOf } from './home_filter.ts';
import { get, type PageAnswer, type PageRequest } from './page.ts';

export type Analytics = components['schemas']['DownloadAnalytics'];

const PATH = '/dashboard/charts/{chart}';

export const chartPictures = [get(PATH, 'member', picture)];

async function picture({ deps, user, params, query }: PageRequest): Promise<PageAnswer> {
  const chart = CHARTS.find((name) => name === params['chart']);
  const size = (Object.keys(SIZES) as Size[]).find((name) => name === query.get('size'));
  const scheme = SCHEMES.find((name) => name === query.get('scheme'));
  if (!chart || !size || !scheme) throw fail('not_found');
  const filter = filterOf(chosenIn(query), deps.clock());
  const counted = presentAnalytics(filter, await countDownloads(deps.db, user.organisationId, filter));
  return { svg: await deps.charts.draw({ chart, size, scheme, rows: rowsOf(chart, counted) }) };
}

function rowsOf(chart: Chart, { groups, groupBy, topProducts }: Analytics): Drawing['rows'] {
  if (chart === 'products') return topProducts.map((product) => countedOf(product.productName, product));
  return groups.map((group) => countedOf(groupMark(group.date, groupBy), group));
}

function countedOf(label: string, { started, completed, bytes }: Omit<Counted, 'label'>): Counted {
  return { label, started, completed, bytes };
}

interface ChartsParts {
  readonly filter: AnalyticsFilter;
  readonly analytics: Analytics;
}

/** What the tables below them say as well. */
export function Charts({ filter, analytics }: ChartsParts) {
  const by = `by ${filter.groupBy}`;
  const { started, completed, bytes } = analytics.totals;
  return (
    <>
      <Card title={`Downloads ${by}`}>
        <Picture
          chart="downloads"
          filter={filter}
          alt={`Bars: ${count(started)} started, ${count(completed)} completed.`}
        />
        <Groups {...analytics} caption={`Downloads ${by}`} />
      </Card>
      <Card title={`Delivered ${by}`}>
        <Picture
          chart="volume"
          filter={filter}
          alt={`Bars: ${formatSize(bytes)} in all; by ${filter.groupBy} above.`}
        />
      </Card>
      <Card title={`Completion rate ${by}`}>
        <Picture chart="completion" filter={filter} alt={`Line: ${rate(started, completed)} of all were completed.`} />
        <p class="soft note">Of what was started, how much was completed; the figures are in the table above.</p>
      </Card>
      {filter.productId === undefined && (
        <Card title="Top products">
          <Picture
            chart="products"
            filter={filter}
            alt={`Bars: the ${analytics.topProducts.length} products that were downloaded most; the table below lists all.`}
          />
        </Card>
      )}
    </>
  );
}

const NARROW = '(max-width:44rem)';
const DARK = '(prefers-color-scheme:dark)';

/** Drawn for the screen's width and colours, so that its text is neither small nor dim. */
function Picture({
  chart,
  filter,
  alt,
}: {
  readonly chart: Chart;
  readonly filter: AnalyticsFilter;
  readonly alt: string;
}) {
  const { from, to, productId = '' } = filter;
  const source = (size: Size, scheme: Scheme) =>
    `/dashboard/charts/${chart}?${new URLSearchParams({ from, to, product: productId, size, scheme })}`;
  return (
    <picture class="chart">
      <source media={`${NARROW} and ${DARK}`} srcset={source('narrow', 'dark')} {...SIZES.narrow} />
      <source media={NARROW} srcset={source('narrow', 'light')} {...SIZES.narrow} />
      <source media={DARK} srcset={source('wide', 'dark')} {...SIZES.wide} />
      <img src={source('wide', 'light')} alt={alt} {...SIZES.wide} />
    </picture>
  );
}

const COLUMNS = [
  { label: 'When' },
  { label: 'Started', figure: true },
  { label: 'Completed', figure: true },
  { label: 'Rate', figure: true },
  { label: 'Delivered', figure: true },
];

function Groups({ groups, groupBy, caption }: Pick<Analytics, 'groups' | 'groupBy'> & { readonly caption: string }) {
  const rows = groups
    .filter(({ started, bytes }) => started + bytes > 0)
    .map(({ date, started, completed, bytes }) => [
      groupWords(date, groupBy),
      count(started),
      count(completed),
      rate(started, completed),
      formatSize(bytes),
    ]);
  return (
    <details>
      <summary>As a table</summary>
      <Table caption={caption} columns={COLUMNS} rows={rows} />
    </details>
  );
}
