import { type ApplicationRow, listApplicationRows } from '../applications/queries.ts';
import { cursorAfter, pageOf } from '../http/pagination.ts';
import { Card, Head, Table, Time, Words } from '../pages/components.tsx';
import { ApiKeyState } from './api_key.tsx';
import { application } from './application.tsx';
import { newApplication } from './new_application.tsx';
import { get, type PageAnswer, type PageRequest } from './page.ts';

const PATH = '/dashboard/applications';
const PAGE_LENGTH = 50;

export const applications = [get(PATH, 'member', list), ...newApplication, ...application];

async function list({ deps, user, query }: PageRequest): Promise<PageAnswer> {
  const admin = user.role !== 'member';
  const cursor = query.get('cursor');
  const page = pageOf({ limit: PAGE_LENGTH, ...(cursor === null ? {} : { cursor }) });
  const rows = admin ? await listApplicationRows(deps.db, user.organisationId, page) : [];
  return {
    title: 'Your apps',
    current: PATH,
    content: (
      <>
        <Head title="Your apps" about={admin ? 'Programs that people can grant access to their accounts.' : undefined}>
          {admin && (
            <a class="button" href={`${PATH}/new`}>
              Create an application
            </a>
          )}
        </Head>
        {admin && <Applications rows={rows} />}
        <Card title="API key">
          <ApiKeyState createdAt={user.apiKeyCreatedAt} />
          <div class="choices">
            <a class="button quiet" href="/dashboard/settings/api-key">
              {user.apiKeyCreatedAt === null ? 'Create an API key' : 'Re-create the API key'}
            </a>
          </div>
        </Card>
      </>
    ),
  };
}

const COLUMNS = [{ label: 'Name' }, { label: 'Type' }, { label: 'Created' }];

function Applications({ rows }: { readonly rows: readonly ApplicationRow[] }) {
  const shown = rows.slice(0, PAGE_LENGTH);
  const last = rows.length > PAGE_LENGTH ? shown.at(-1) : undefined;
  return (
    <Card title="Applications">
      {shown.length === 0 && <p class="empty soft">No applications yet.</p>}
      {shown.length > 0 && <Table caption="Applications" columns={COLUMNS} rows={shown.map(cellsOf)} />}
      {last && (
        <p>
          <a href={`${PATH}?cursor=${cursorAfter(last.id)}`}>Older applications</a>
        </p>
      )}
    </Card>
  );
}

function cellsOf(row: ApplicationRow) {
  return [
    <>
      <a href={`${PATH}/${row.id}`}>
        <Words>{row.name}</Words>
      </a>
      <br />
      <code class="soft">{row.id}</code>
    </>,
    <span class="tag">{row.confidential ? 'Confidential' : 'Public'}</span>,
    <Time at={row.created_at} />,
  ];
}
