import { formatSize } from '../downloads/page_figures.ts';
import { rolesFrom } from '../http/operation.ts';
import { firstIdOf } from '../ids/snowflake.ts';
import { Card, Head, Table, Words } from '../pages/components.tsx';
import { get, type PageAnswer, type PageRequest, type PageUser } from './page.ts';
import { listProductFigures, type ProductFigures } from './queries.ts';

const DAYS = 30;
const DAY = 24 * 60 * 60 * 1000;

export const home = [get('/dashboard', 'member', overview)];

async function overview({ deps, user }: PageRequest): Promise<PageAnswer> {
  const since = new Date(deps.clock().getTime() - DAYS * DAY);
  const products = await listProductFigures(deps.db, user.organisationId, since, firstIdOf(since));
  return {
    title: 'Overview',
    current: '/dashboard',
    content: (
      <>
        <Head title={<Words>{user.organisationName}</Words>} about={`Downloads of the last ${DAYS} days`}>
          <Ways role={user.role} />
        </Head>
        {products.length === 0 ? <NoProducts /> : <Figures products={products} />}
      </>
    ),
  };
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

function Figures({ products }: { readonly products: readonly ProductFigures[] }) {
  const total = (of: 'started' | 'completed' | 'bytes') =>
    products.reduce((sum, product) => sum + Number(product[of] ?? 0), 0);
  const [started, completed] = [total('started'), total('completed')];
  return (
    <>
      <dl class="tiles">
        <Tile label="Started" value={count(started)} />
        <Tile label="Completed" value={count(completed)} />
        <Tile label="Completion rate" value={rate(started, completed)} />
        <Tile label="Delivered" value={formatSize(total('bytes'))} />
      </dl>
      <Card title="Products">
        <Products products={products} />
        {started === 0 && <NoDownloads />}
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
    count(Number(started ?? 0)),
    count(Number(completed ?? 0)),
    rate(Number(started ?? 0), Number(completed ?? 0)),
    formatSize(Number(bytes ?? 0)),
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

function NoDownloads() {
  return (
    <p class="soft note">
      Nothing was downloaded in the last {DAYS} days. Make a link with <code>POST /api/generate-download-url</code> and
      give it to a customer.
    </p>
  );
}

function count(number: number): string {
  return number.toLocaleString('en');
}

function rate(started: number, completed: number): string {
  return started === 0 ? '–' : `${Math.floor((100 * completed) / started)} %`;
}
