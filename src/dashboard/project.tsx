import { createRequest } from '../build_requests/actions.ts';
import { countArtifactSuites, listRequestRows } from '../build_requests/queries.ts';
import { invite, removeFrom } from '../collaborators/actions.ts';
import { listCollaboratorRows } from '../collaborators/queries.ts';
import { Failure, fail } from '../errors/fail.ts';
import { pageOf } from '../http/pagination.ts';
import { checkBody } from '../http/validate.ts';
import { fieldErrors, type Wording } from '../pages/messages.ts';
import { listProductRows } from '../products/queries.ts';
import { type Access, requireOwned, requireProject, requireStanding } from '../projects/access.ts';
import { refreshSecret, remove, update } from '../projects/actions.ts';
import { findProject, type ProjectRow } from '../projects/queries.ts';
import { hookUrl } from '../projects/rules.ts';
import { listRunnerRows } from '../runners/queries.ts';
import { listSuiteRows } from '../suites/queries.ts';
import { buildPath } from './build_paths.ts';
import { ConfirmDeletion, ConfirmHookSecret, NewHookSecret, SettingsPage } from './project_settings.tsx';
import { get, type PageAnswer, type PageRequest, post } from './page.ts';
import { fieldsOf, projectErrors, projectIn, type TypedProject, typedOf } from './project_form.ts';
import type { Errors } from './typed.ts';
import { type BuildTyped, ProjectPage } from './project_page.tsx';
import { submitOnce } from './submit_once.ts';

export const PROJECTS = '/dashboard/projects';
const PATH = `${PROJECTS}/{project_id}`;
/** Entries that a list shows at once. */
const PAGE_LENGTH = 20;
const ALL = { limit: 200, before: undefined };

/** The pages of one project. What each may do is decided by the role in the organisation that owns it. */
export const project = [
  get(PATH, 'member', (req) => show(req)),
  post(`${PATH}/build`, 'member', build),
  get(`${PATH}/settings`, 'member', async (req) => {
    const opened = await openProject(req);
    requireOwned(opened.access, 'member');
    return settings(req, opened, typedOf(opened.row));
  }),
  post(`${PATH}/settings`, 'member', save),
  get(`${PATH}/hook-secret`, 'admin', async (req) => confirmSecret(req, await openOwned(req))),
  post(`${PATH}/hook-secret`, 'admin', refresh),
  get(`${PATH}/delete`, 'admin', confirmDeletion),
  post(`${PATH}/delete`, 'admin', destroy),
  post(`${PATH}/collaborators`, 'admin', inviteSomebody),
  post(`${PATH}/collaborators/{collaborator_id}/remove`, 'admin', removeSomebody),
];

export interface Opened {
  readonly access: Access;
  readonly row: ProjectRow;
}

type Asked = Pick<PageRequest, 'deps' | 'user' | 'params'>;

export async function openProject({ deps, user, params }: Asked): Promise<Opened> {
  const access = await requireProject(deps.db, user, params['project_id'] ?? '');
  const row = await findProject(deps.db, access.organisationId, access.projectId);
  if (!row) throw fail('not_found');
  return { access, row };
}

/** For an admin of the organisation that owns it. */
async function openOwned(req: Asked): Promise<Opened> {
  const opened = await openProject(req);
  requireOwned(opened.access, 'admin');
  return opened;
}

interface Wrong {
  readonly build?: { readonly typed: BuildTyped; readonly errors: Errors };
  readonly invited?: { readonly email: string; readonly errors: Errors };
}

async function show(req: PageRequest, wrong: Wrong = {}): Promise<PageAnswer> {
  const { deps, user, query, csrf } = req;
  const { access, row } = await openProject(req);
  const { organisationId, projectId, role } = access;
  const cursor = query.get('cursor');
  const page = pageOf({ limit: PAGE_LENGTH, ...(cursor === null ? {} : { cursor }) });
  const admin = role !== null && role !== 'member';
  const publishes = role !== null && (await countArtifactSuites(deps.db, organisationId, projectId)) === 1;
  return {
    title: row.name,
    current: PROJECTS,
    script: true,
    status: wrong.build || wrong.invited ? 422 : 200,
    content: (
      <ProjectPage
        {...{ row, role, csrf, ...wrong }}
        requests={await listRequestRows(deps.db, organisationId, projectId, page)}
        pageLength={PAGE_LENGTH}
        suites={await listSuiteRows(deps.db, organisationId, projectId, ALL)}
        products={publishes ? await productsOf(req) : []}
        collaborators={admin ? await listCollaboratorRows(deps.db, organisationId, projectId, ALL) : undefined}
        lacksRunner={role !== null && (await lacksRunner(req))}
        hook={role === null ? undefined : hookUrl(deps.config.publicUrl, projectId)}
        foreign={organisationId !== user.organisationId}
      />
    ),
  };
}

async function productsOf({ deps, user }: PageRequest) {
  return (await listProductRows(deps.db, user.organisationId)).filter(({ status }) => status !== 'archived');
}

async function lacksRunner({ deps, user }: PageRequest): Promise<boolean> {
  return (await listRunnerRows(deps.db, user.organisationId, { limit: 1, before: undefined })).length === 0;
}

const BUILD_WORDING: Wording = {
  ref: { is_blank: 'Say what to build.', invalid_format: 'Take a branch, a tag, a whole ref or a whole SHA.' },
  'publish.product_id': { not_found: 'Please choose one of your products.' },
  'publish.version': {
    is_blank: 'Say which number it gets.',
    invalid_format: 'Take letters, digits and . + _ -, at most 64.',
    already_exists: 'The product has this version already.',
  },
  publish: { invalid_format: 'Only a project with exactly one suite that has an artifact folder can publish.' },
};

async function build(req: PageRequest): Promise<PageAnswer> {
  const { deps, user, form } = req;
  const { access } = await openProject(req);
  requireStanding(access);
  const typed = buildIn(form);
  const { ref, productId: product_id, version, activate } = typed;
  const body = { ref, ...(product_id === '' ? {} : { publish: { product_id, version, activate } }) };
  if ('publish' in body) requireOwned(access, 'member');
  try {
    checkBody('createBuildRequest', body);
    const id = await createRequest(deps.db, deps, access, body, 'page', user.userId);
    return { redirect: buildPath('build-requests', id) };
  } catch (error) {
    return show(req, { build: { typed, errors: fieldErrors(error, BUILD_WORDING) } });
  }
}

function buildIn(form: URLSearchParams): BuildTyped {
  return {
    ref: (form.get('ref') ?? '').trim(),
    productId: form.get('product_id') ?? '',
    version: (form.get('version') ?? '').trim(),
    activate: form.has('activate'),
  };
}

function settings(
  { csrf }: PageRequest,
  { row, access }: Opened,
  typed: TypedProject,
  errors: Errors = {},
): PageAnswer {
  return {
    title: 'Project settings',
    current: PROJECTS,
    status: Object.keys(errors).length > 0 ? 422 : 200,
    content: <SettingsPage {...{ row, typed, errors, csrf }} admin={access.role !== 'member'} />,
  };
}

async function save(req: PageRequest): Promise<PageAnswer> {
  const { deps, user, form } = req;
  const opened = await openProject(req);
  requireOwned(opened.access, 'member');
  requireStanding(opened.access);
  const typed = projectIn(form);
  try {
    const body = changesOf(opened.row, typed);
    checkBody('updateProject', body);
    await update(deps.db, deps, user, opened.access, body);
    return { redirect: `${PROJECTS}/${opened.row.id}?done=project_updated` };
  } catch (error) {
    return settings(req, opened, typed, projectErrors(error));
  }
}

/** Host keys that stand there untouched are those of the old repository: they go with it. */
function changesOf(row: ProjectRow, typed: TypedProject) {
  const { known_hosts, ...fields } = fieldsOf(typed);
  return known_hosts === (row.known_hosts ?? '').trim() ? fields : { ...fields, known_hosts };
}

function confirmSecret({ deps, csrf }: PageRequest, { row }: Opened, stale = false): PageAnswer {
  return {
    title: 'Make a new hook secret?',
    current: PROJECTS,
    content: <ConfirmHookSecret {...{ row, csrf, stale }} now={deps.clock()} />,
  };
}

async function refresh(req: PageRequest): Promise<PageAnswer> {
  const { deps, user } = req;
  const opened = await openOwned(req);
  const sent = await submitOnce(req, 'refreshHookSecret', (tx) => refreshSecret(tx, deps, user, opened.access));
  if (sent === 'again') return { redirect: `${PROJECTS}/${opened.row.id}?done=secret_sent_before` };
  if (sent === 'stale') return confirmSecret(req, opened, true);
  return {
    title: 'New hook secret',
    current: PROJECTS,
    script: true,
    content: <NewHookSecret {...sent.first} url={hookUrl(deps.config.publicUrl, opened.row.id)} />,
  };
}

async function confirmDeletion(req: PageRequest): Promise<PageAnswer> {
  const { row } = await openOwned(req);
  const content = <ConfirmDeletion row={row} csrf={req.csrf} />;
  return { title: 'Delete the project?', current: PROJECTS, content };
}

/** Deleting what is gone already is what was wanted, too. */
async function destroy(req: PageRequest): Promise<PageAnswer> {
  const { deps, user } = req;
  try {
    const { access } = await openOwned(req);
    await remove(deps.db, deps, user, access);
  } catch (error) {
    if (!(error instanceof Failure && error.code === 'not_found')) throw error;
  }
  return { redirect: `${PROJECTS}?done=project_deleted` };
}

async function inviteSomebody(req: PageRequest): Promise<PageAnswer> {
  const { deps, user, form } = req;
  const { access } = await openOwned(req);
  requireStanding(access);
  const email = (form.get('email') ?? '').trim();
  try {
    checkBody('inviteCollaborator', { email });
    await invite(deps.db, deps, user, access, email);
    return { redirect: `${PROJECTS}/${access.projectId}?done=collaborator_invited` };
  } catch (error) {
    const wording = {
      invalid_format: 'This is no e-mail address.',
      already_exists: 'This address has access already, or is invited.',
    };
    return show(req, { invited: { email, errors: fieldErrors(error, { email: wording }) } });
  }
}

async function removeSomebody(req: PageRequest): Promise<PageAnswer> {
  const { deps, user, params } = req;
  const { access } = await openOwned(req);
  try {
    await removeFrom(deps.db, deps, user, access, params['collaborator_id'] ?? '');
  } catch (error) {
    if (!(error instanceof Failure && error.code === 'not_found')) throw error;
  }
  return { redirect: `${PROJECTS}/${access.projectId}?done=collaborator_removed` };
}
