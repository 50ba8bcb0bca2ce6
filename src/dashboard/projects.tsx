import { requirePaid } from '../http/authenticate.ts';
import { cursorAfter, pageOf } from '../http/pagination.ts';
import { checkBody } from '../http/validate.ts';
import { Card, Form, Head, Notice, Radios, Secret, Submit, Table, Time, Words } from '../pages/components.tsx';
import { createOwn, type WithSecret } from '../projects/actions.ts';
import { listProjectRows, type ProjectRow } from '../projects/queries.ts';
import { hookUrl } from '../projects/rules.ts';
import { FormKey, STALE } from './form_key.tsx';
import { get, type PageAnswer, type PageRequest, post } from './page.ts';
import { project, PROJECTS } from './project.tsx';
import { fieldsOf, NO_PROJECT, projectErrors, projectIn, type TypedProject } from './project_form.ts';
import type { Errors } from './typed.ts';
import { ProjectFields } from './project_fields.tsx';
import { submitOnce } from './submit_once.ts';
import { suite } from './suite.tsx';

const NEW = `${PROJECTS}/new`;
const PAGE_LENGTH = 50;

export const projects = [
  get(PROJECTS, 'member', list),
  get(NEW, 'member', (req) => {
    requirePaid(req.user);
    return formPage(req, { typed: NO_PROJECT });
  }),
  post(NEW, 'member', create),
  ...project,
  ...suite,
];

async function list({ deps, user, query }: PageRequest): Promise<PageAnswer> {
  const cursor = query.get('cursor');
  const page = pageOf({ limit: PAGE_LENGTH, ...(cursor === null ? {} : { cursor }) });
  const rows = await listProjectRows(deps.db, user, page);
  return {
    title: 'Projects',
    current: PROJECTS,
    content: (
      <>
        <Head title="Projects" about="Repositories that are built, tested and published.">
          <a class="button" href={NEW}>
            Create a project
          </a>
        </Head>
        <Projects rows={rows} organisationId={user.organisationId} />
      </>
    ),
  };
}

const COLUMNS = [{ label: 'Name' }, { label: 'Repository' }, { label: 'Created' }];

function Projects({ rows, organisationId }: { readonly rows: readonly ProjectRow[]; readonly organisationId: string }) {
  const shown = rows.slice(0, PAGE_LENGTH);
  const last = rows.length > PAGE_LENGTH ? shown.at(-1) : undefined;
  return (
    <Card>
      {shown.length === 0 && <p class="empty soft">No projects yet.</p>}
      {shown.length > 0 && (
        <Table caption="Projects" columns={COLUMNS} rows={shown.map((row) => cellsOf(row, organisationId))} />
      )}
      {last && (
        <p>
          <a href={`${PROJECTS}?cursor=${cursorAfter(last.id)}`}>Older projects</a>
        </p>
      )}
    </Card>
  );
}

function cellsOf(row: ProjectRow, organisationId: string) {
  return [
    <>
      <a href={`${PROJECTS}/${row.id}`}>
        <Words>{row.name}</Words>
      </a>
      {row.organisation_id !== organisationId && (
        <>
          {' '}
          <span class="tag">Collaborator</span>
        </>
      )}
    </>,
    <code>{row.repository_url}</code>,
    <Time at={row.created_at} />,
  ];
}

async function create(req: PageRequest): Promise<PageAnswer> {
  const { deps, user, form } = req;
  requirePaid(user);
  const typed = projectIn(form);
  try {
    const body = { ...fieldsOf(typed), key_type: typed.keyType };
    checkBody('createProject', body);
    const sent = await submitOnce(req, 'createProject', (tx) => createOwn(tx, deps, user, body));
    if (sent === 'again') return { redirect: `${PROJECTS}?done=project_sent_before` };
    if (sent === 'stale') return formPage(req, { typed, notice: STALE });
    return createdPage(sent.first, deps.config.publicUrl);
  } catch (error) {
    return formPage(req, { typed, errors: projectErrors(error) });
  }
}

interface Shown {
  readonly typed: TypedProject;
  readonly errors?: Errors;
  readonly notice?: string;
}

const KEYS = [
  { value: 'ed25519', label: 'Ed25519', hint: 'What every server of today knows.' },
  { value: 'rsa', label: 'RSA', hint: 'For a server that knows no other.' },
];

function formPage({ deps, csrf }: PageRequest, { typed, errors = {}, notice }: Shown): PageAnswer {
  const failed = Object.keys(errors).length > 0;
  return {
    title: 'Create a project',
    current: PROJECTS,
    ...(failed || notice !== undefined ? { status: 422 } : {}),
    content: (
      <>
        <Head title="Create a project" about="A git repository that runners of yours build." />
        {notice !== undefined && <Notice kind="bad">{notice}</Notice>}
        {failed && <Notice kind="bad">Nothing was created yet. Please look at the fields below.</Notice>}
        <Card>
          <Form action={NEW} csrf={csrf}>
            <FormKey now={deps.clock()} />
            <ProjectFields typed={typed} errors={errors} />
            <Radios name="key_type" label="Kind of SSH key" value={typed.keyType} choices={KEYS} />
            <div class="choices">
              <Submit>Create project</Submit>
              <a href={PROJECTS}>Cancel</a>
            </div>
          </Form>
        </Card>
      </>
    ),
  };
}

/** What is left to do elsewhere. Only this answer shows the hook secret. */
function createdPage({ row, secret }: WithSecret, publicUrl: string): PageAnswer {
  const path = `${PROJECTS}/${row.id}`;
  return {
    title: 'Project created',
    current: PROJECTS,
    script: true,
    content: (
      <>
        <Head title="Project created" about={<Words>{row.name}</Words>} />
        <Notice kind="good">Copy the hook secret now: it is shown once and never again.</Notice>
        <Card title="1. Let runners read the repository">
          <p>
            Add this key to the repository as a deploy key; it needs no write access. A public repository needs none.
          </p>
          <Secret id="public_key" label="Public key" value={row.ssh_public_key} />
        </Card>
        <Card title="2. Build what is pushed">
          <p>
            On GitHub, under Settings, Webhooks, add a webhook for pushes with this URL, the content type
            application/json and this secret.
          </p>
          <Secret id="hook_url" label="Payload URL" value={hookUrl(publicUrl, row.id)} />
          <Secret id="hook_secret" label="Secret" value={secret} />
        </Card>
        <Card title="3. Say what to run">
          <p>A suite is a command, such as npm test. Without one there is nothing to build.</p>
          <div class="choices">
            <a class="button" href={`${path}/suites/new`}>
              Add a suite
            </a>
            <a href={path}>Go to the project</a>
          </div>
        </Card>
      </>
    ),
  };
}
