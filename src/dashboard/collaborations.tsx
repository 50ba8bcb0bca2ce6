import { accept, leave } from '../collaborators/collaboration_actions.ts';
import { type CollaborationRow, listCollaborationRows } from '../collaborators/collaboration_queries.ts';
import { Failure } from '../errors/fail.ts';
import { cursorAfter, pageOf } from '../http/pagination.ts';
import { Card, Form, Head, Submit, Table, Time, Words } from '../pages/components.tsx';
import { get, type PageAnswer, type PageRequest, post } from './page.ts';

/** Mails lead here: `COLLABORATIONS_PAGE` of src/collaborators/actions.ts. */
const PATH = '/dashboard/collaborations';
const PROJECTS = '/dashboard/projects';
const PAGE_LENGTH = 50;

export const collaborations = [
  get(PATH, 'member', list),
  post(`${PATH}/{collaborator_id}/accept`, 'member', join),
  post(`${PATH}/{collaborator_id}/leave`, 'member', go),
];

const COLUMNS = [{ label: 'Project' }, { label: 'Of' }, { label: 'Invited' }, { label: '' }];

async function list({ deps, user, query, csrf }: PageRequest): Promise<PageAnswer> {
  const cursor = query.get('cursor');
  const page = pageOf({ limit: PAGE_LENGTH, ...(cursor === null ? {} : { cursor }) });
  const rows = await listCollaborationRows(deps.db, user, page);
  const shown = rows.slice(0, PAGE_LENGTH);
  const last = rows.length > PAGE_LENGTH ? shown.at(-1) : undefined;
  return {
    title: 'Collaborations',
    current: PATH,
    content: (
      <>
        <Head title="Collaborations" about="Projects of other organisations that you can see and build." />
        <Card>
          {shown.length === 0 && <p class="empty soft">Nobody has invited {user.email}.</p>}
          {shown.length > 0 && (
            <Table caption="Collaborations" columns={COLUMNS} rows={shown.map((row) => cellsOf(row, csrf))} />
          )}
          {last && (
            <p>
              <a href={`${PATH}?cursor=${cursorAfter(last.id)}`}>Older collaborations</a>
            </p>
          )}
        </Card>
      </>
    ),
  };
}

function cellsOf(
  { id, project_id, project_name, organisation_name, created_at, accepted_at }: CollaborationRow,
  csrf: string,
) {
  const waits = accepted_at === null;
  return [
    waits ? (
      <Words>{project_name}</Words>
    ) : (
      <a href={`${PROJECTS}/${project_id}`}>
        <Words>{project_name}</Words>
      </a>
    ),
    <Words>{organisation_name}</Words>,
    <Time at={created_at} />,
    <div class="choices">
      {waits && (
        <Form action={`${PATH}/${id}/accept`} csrf={csrf}>
          <Submit small what={project_name}>
            Accept
          </Submit>
        </Form>
      )}
      <Form action={`${PATH}/${id}/leave`} csrf={csrf}>
        <Submit kind="danger" small what={project_name}>
          {waits ? 'Decline' : 'Leave'}
        </Submit>
      </Form>
    </div>,
  ];
}

async function join({ deps, user, params }: PageRequest): Promise<PageAnswer> {
  const { project_id } = await accept(deps.db, deps, user, params['collaborator_id'] ?? '');
  return { redirect: `${PROJECTS}/${project_id}?done=collaboration_accepted` };
}

/** Leaving what is gone already is what was wanted, too. */
async function go({ deps, user, params }: PageRequest): Promise<PageAnswer> {
  try {
    await leave(deps.db, deps, user, params['collaborator_id'] ?? '');
  } catch (error) {
    if (!(error instanceof Failure && error.code === 'not_found')) throw error;
  }
  return { redirect: `${PATH}?done=collaboration_left` };
}
