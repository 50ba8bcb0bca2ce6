import { Failure } from '../errors/fail.ts';
import { checkBody } from '../http/validate.ts';
import { fieldErrors } from '../pages/messages.ts';
import { requireOwned, requireStanding } from '../projects/access.ts';
import { create, remove, requireSuite, update } from '../suites/actions.ts';
import type { SuiteRow } from '../suites/queries.ts';
import { deleteSecret, setSecret } from '../suites/secret_actions.ts';
import { get, type PageAnswer, type PageRequest, post } from './page.ts';
import { type Opened, openProject, PROJECTS } from './project.tsx';
import type { Errors } from './typed.ts';
import { NO_SUITE, suiteErrors, suiteFields, suiteIn, type TypedSuite, typedSuiteOf } from './suite_form.ts';
import { ConfirmSuite, NewSuitePage, SuitePage } from './suite_page.tsx';

const SUITES = `${PROJECTS}/{project_id}/suites`;
const PATH = `${SUITES}/{suite_id}`;

/** The pages of one suite, for users of the organisation that owns its project. */
export const suite = [
  get(`${SUITES}/new`, 'member', async (req) => newPage(req, await openOwned(req), NO_SUITE)),
  post(`${SUITES}/new`, 'member', make),
  get(PATH, 'member', async (req) => {
    const opened = await openSuite(req);
    return page(req, opened, { typed: typedSuiteOf(opened.suite) });
  }),
  post(PATH, 'member', save),
  get(`${PATH}/delete`, 'member', confirm),
  post(`${PATH}/delete`, 'member', destroy),
  post(`${PATH}/secrets`, 'admin', keepSecret),
  post(`${PATH}/secrets/{name}/remove`, 'admin', dropSecret),
];

interface OpenedSuite extends Opened {
  readonly suite: SuiteRow;
}

async function openOwned(req: PageRequest, least: 'member' | 'admin' = 'member'): Promise<Opened> {
  const opened = await openProject(req);
  requireOwned(opened.access, least);
  return opened;
}

async function openSuite(req: PageRequest, least: 'member' | 'admin' = 'member'): Promise<OpenedSuite> {
  const opened = await openOwned(req, least);
  return { ...opened, suite: await requireSuite(req.deps.db, opened.access, req.params['suite_id'] ?? '') };
}

const statusOf = (errors: Errors): number => (Object.keys(errors).length > 0 ? 422 : 200);

function newPage({ csrf }: PageRequest, { row }: Opened, typed: TypedSuite, errors: Errors = {}): PageAnswer {
  return {
    title: 'Add a suite',
    current: PROJECTS,
    status: statusOf(errors),
    content: <NewSuitePage project={row} {...{ typed, errors, csrf }} />,
  };
}

async function make(req: PageRequest): Promise<PageAnswer> {
  const { deps, user, form } = req;
  const opened = await openOwned(req);
  requireStanding(opened.access);
  const typed = suiteIn(form);
  try {
    const body = suiteFields(typed);
    checkBody('createSuite', body);
    const { id } = await create(deps.db, deps, user, opened.access, body);
    return { redirect: `${PROJECTS}/${opened.row.id}/suites/${id}?done=suite_created` };
  } catch (error) {
    return newPage(req, opened, typed, suiteErrors(error));
  }
}

interface Shown {
  readonly typed: TypedSuite;
  readonly errors?: Errors;
  readonly secret?: { readonly name: string; readonly errors: Errors };
}

function page(
  { csrf }: PageRequest,
  { row, suite, access }: OpenedSuite,
  { errors = {}, ...shown }: Shown,
): PageAnswer {
  return {
    title: suite.name,
    current: PROJECTS,
    status: shown.secret ? 422 : statusOf(errors),
    content: <SuitePage project={row} admin={access.role !== 'member'} {...{ suite, errors, csrf, ...shown }} />,
  };
}

async function save(req: PageRequest): Promise<PageAnswer> {
  const { deps, user, form } = req;
  const opened = await openSuite(req);
  requireStanding(opened.access);
  const typed = suiteIn(form);
  try {
    const body = suiteFields(typed);
    checkBody('updateSuite', body);
    await update(deps.db, deps, user, { ...opened.access, suiteId: opened.suite.id }, body);
    return { redirect: `${pathOf(opened)}?done=suite_updated` };
  } catch (error) {
    return page(req, opened, { typed, errors: suiteErrors(error) });
  }
}

const pathOf = ({ row, suite }: OpenedSuite): string => `${PROJECTS}/${row.id}/suites/${suite.id}`;

async function confirm(req: PageRequest): Promise<PageAnswer> {
  const { row, suite } = await openSuite(req);
  const content = <ConfirmSuite project={row} suite={suite} csrf={req.csrf} />;
  return { title: 'Delete the suite?', current: PROJECTS, content };
}

/** Deleting what is gone already is what was wanted, too. */
async function destroy(req: PageRequest): Promise<PageAnswer> {
  const { deps, user, params } = req;
  const { access } = await openOwned(req);
  try {
    await remove(deps.db, deps, user, { ...access, suiteId: params['suite_id'] ?? '' });
  } catch (error) {
    if (!(error instanceof Failure && error.code === 'not_found')) throw error;
  }
  return { redirect: `${PROJECTS}/${access.projectId}?done=suite_deleted` };
}

const SECRET_WORDING = {
  name: {
    is_blank: 'Say which environment variable it is.',
    invalid_format: 'Take letters, digits and _, without a digit in front; 100 secrets at most.',
  },
  value: { is_blank: 'Please fill this in.', invalid_format: 'This is too long.' },
};

async function keepSecret(req: PageRequest): Promise<PageAnswer> {
  const { deps, user, form } = req;
  const opened = await openSuite(req, 'admin');
  requireStanding(opened.access);
  const name = (form.get('secret_name') ?? '').trim();
  const value = (form.get('value') ?? '').replaceAll('\r\n', '\n');
  try {
    checkBody('setSuiteSecret', { value });
    await setSecret(deps.db, deps, user, { ...opened.access, suiteId: opened.suite.id, name }, value);
    return { redirect: `${pathOf(opened)}?done=suite_secret_set` };
  } catch (error) {
    const errors = fieldErrors(error, SECRET_WORDING);
    return page(req, opened, { typed: typedSuiteOf(opened.suite), secret: { name, errors } });
  }
}

async function dropSecret(req: PageRequest): Promise<PageAnswer> {
  const { deps, user, params } = req;
  const opened = await openSuite(req, 'admin');
  const named = { ...opened.access, suiteId: opened.suite.id, name: params['name'] ?? '' };
  try {
    await deleteSecret(deps.db, deps, user, named);
  } catch (error) {
    if (!(error instanceof Failure && error.code === 'not_found')) throw error;
  }
  return { redirect: `${pathOf(opened)}?done=suite_secret_removed` };
}
