import { presentAnalytics } from '../analytics/present.ts';
import { type AnalyticsFilter, countDownloads } from '../analytics/queries.ts';
import { formatSize } from '../downloads/page_figures.ts';
import { rolesFrom } from '../http/operation.ts';
import { Card, Head, Table, Words } from '../pages/components.tsx';
import { fieldErrors } from '../pages/messages.ts';
import { dayWords } from './days.ts';
import { count, rate } from './figures.ts';
import { type Analytics, chartPictures, Charts } from './home_charts.tsx';
import { type Chosen, chosenIn, filterOf, wrongFrom } from './home_filter.ts';
import { FilterForm } from './home_form.tsx';
import { get, type PageAnswer, type PageRequest, type PageUser } from './page.ts';
import { listProductFigures, listProductNames, type ProductFigures } from './queries.ts';

export const home = [get('/dashboard', 'member', overview), ...chartPictures];

async function overview({ deps, user, query }: PageRequest): Promise<PageAnswer> {
  const { db } = deps;
  const chosen = chosenIn(query);
  const { filter, errors } = read(chosen, deps.clock());
  const [products, figures, counts] = await Promise.all([
    listProductNames(db, user.organisationId),
    listProductFigures(db, user.organisationId, filter),
    countDownloads(db, user.organisationId, filter),
  ]);
  const analytics = presentAnalytics(filter, counts);
  const about = wordsOf(chosen, filter);
  return {
    title: 'Overview',
    current: '/dashboard',
    images: true,
    status: Object.keys(errors).length > 0 ? 422 : 200,
    content: (
      <>
        <Head title={<Words>{user.organisationName}</Words>} about={`Downloads ${about}`}>
          <Ways role={user.role} />
        </Head>
        {products.length === 0 ? (
          <NoProducts />
        ) : (
          <>
            <FilterForm chosen={chosen} shown={filter} products={products} errors={errors} />
            <Figures products={figures} {...{ filter, analytics, about }} />
          </>
        )}
      </>
    ),
  };
}

/** What was chosen, or the last 30 days where that is no range, and why not. */
function read(chosen: Chosen, now: Date): { filter: AnalyticsFilter; errors: Record<string, string> } {
  try {
    return { filter: filterOf(chosen, now), errors: {} };
  } catch (error) {
    const errors = fieldErrors(error, {
      from: { invalid_format: wrongFrom(chosen, now) },
      to: { invalid_format: 'This must be a day.' },
    });
    return { filter: filterOf({ ...chosen, from: '', to: '' }, now), errors };
  }
}

function wordsOf(chosen: Chosen, { from, to }: AnalyticsFilter): string {
  if (chosen.from === '' && chosen.to === '') return 'in the last 30 days';
  return from === to ? `on ${dayWords(from)}` : `from ${dayWords(from)} to ${dayWords(to)}`;
}

/** To what a developer comes for. */
function Ways({ role }: Pick<PageUser, 'role'>) {
  return (
    <div class="choices">
      <a class="button quiet" href="/dashboard/settings/api-key">
        API key
      </a>
      {rolesFrom('admin').includes(role) && (
        <a class="button" href="/dashboard/applications/new">
          Create an application
        </a>
      )}
    </div>
  );
}

interface FiguresParts {
  readonly products: readonly ProductFigures[];
  readonly filter: AnalyticsFilter;
  readonly analytics: Analytics;
  readonly about: string;
}

function Figures({ products, filter, analytics, about }: FiguresParts) {
  const { started, completed, bytes } = analytics.totals;
  return (
    <>
      <dl class="tiles">
        <Tile label="Started" value={count(started)} />
        <Tile label="Completed" value={count(completed)} />
        <Tile label="Completion rate" value={rate(started, completed)} />
        <Tile label="Delivered" value={formatSize(bytes)} />
      </dl>
      {started > 0 && <Charts filter={filter} analytics={analytics} />}
      <Card title="Products">
        <Products products={products} />
        {started === 0 && <NoDownloads about={about} />}
      </Card>
    </>
  );
}

function Tile({ label, value }: { readonly label: string; readonly value: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}

const COLUMNS = [
  { label: 'Product' },
  { label: 'Version' },
  { label: 'Started', figure: true },
  { label: 'Completed', figure: true },
  { label: 'Rate', figure: true },
  { label: 'Delivered', figure: true },
];

function Products({ products }: { readonly products: readonly ProductFigures[] }) {
  const rows = products.map(({ id, name, version, started, completed, bytes }) => [
    <>
      <strong>
        <Words>{name}</Words>
      </strong>
      <br />
      <code class="soft">{id}</code>
    </>,
    version === null ? <span class="soft">none active</span> : <Words>{version}</Words>,
    count(Number(started)),
    count(Number(completed)),
    rate(Number(started), Number(completed)),
    formatSize(Number(bytes)),
  ]);
  return <Table caption="Products and their downloads" columns={COLUMNS} rows={rows} />;
}

const PUBLISH = `continuity publish FOLDER \\
  --product epic-drums \\
  --version 1.0.0 --activate`;

function NoProducts() {
  return (
    <Card title="No products yet">
      <p>Publish a folder as the first version of one, with the command line:</p>
      <pre>
        <code>{PUBLISH}</code>
      </pre>
      <p class="soft note">
        It signs in with your API key, see <a href="/dashboard/settings/api-key">Settings, API key</a>.
      </p>
    </Card>
  );
}

function NoDownloads({ about }: { readonly about: string }) {
  return (
    <p class="soft note">
      Nothing was downloaded {about}. Make a link with <code>POST /api/generate-download-url</code> and give it to a
      customer.
    </p>
  );
}
