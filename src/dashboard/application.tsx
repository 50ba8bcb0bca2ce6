import { remove, rotateSecret, update } from '../applications/actions.ts';
import { type ApplicationRow, findApplication } from '../applications/queries.ts';
import { Failure, fail } from '../errors/fail.ts';
import { checkBody } from '../http/validate.ts';
import { parseId } from '../ids/parse.ts';
import { ApplicationPage } from './application_page.tsx';
import { applicationErrors, fieldsOf, type Typed, typedIn, typedOf } from './application_form.ts';
import type { Errors } from './typed.ts';
import { secretPage } from './application_secret.tsx';
import { ConfirmDelete, ConfirmRotation } from './confirm_application.tsx';
import { get, type PageAnswer, type PageRequest, post } from './page.ts';
import { submitOnce } from './submit_once.ts';

const LIST = '/dashboard/applications';
const PATH = `${LIST}/{id}`;

/** The pages of one application: edit, rotate its secret, delete. */
export const application = [
  get(PATH, 'admin', async (req) => {
    const row = await load(req);
    return page(req, row, typedOf(row));
  }),
  post(PATH, 'admin', save),
  get(`${PATH}/rotate-secret`, 'admin', async (req) => confirmRotation(req, await load(req))),
  post(`${PATH}/rotate-secret`, 'admin', rotate),
  get(`${PATH}/delete`, 'admin', async ({ csrf, ...req }) => ({
    title: 'Delete the application?',
    current: LIST,
    content: <ConfirmDelete row={await load(req)} csrf={csrf} />,
  })),
  post(`${PATH}/delete`, 'admin', destroy),
];

async function load({ deps, user, params }: Pick<PageRequest, 'deps' | 'user' | 'params'>): Promise<ApplicationRow> {
  const id = parseId(params['id'] ?? '');
  const row = id && (await findApplication(deps.db, user.organisationId, id));
  if (!row) throw fail('not_found');
  return row;
}

function page({ deps, csrf }: PageRequest, row: ApplicationRow, typed: Typed, errors: Errors = {}): PageAnswer {
  const { publicUrl } = deps.config;
  return {
    title: 'Application',
    current: LIST,
    script: true,
    status: Object.keys(errors).length > 0 ? 422 : 200,
    content: <ApplicationPage {...{ row, typed, errors, csrf, publicUrl }} />,
  };
}

async function save(req: PageRequest): Promise<PageAnswer> {
  const { deps, user, form } = req;
  const row = await load(req);
  const typed = typedIn(form);
  try {
    const body = fieldsOf(typed);
    checkBody('updateApplication', body);
    await update(deps.db, deps, user, row.id, body);
    return { redirect: `${LIST}/${row.id}?done=application_updated` };
  } catch (error) {
    return page(req, row, typed, applicationErrors(error, typed));
  }
}

function confirmRotation({ deps, csrf }: PageRequest, row: ApplicationRow, stale = false): PageAnswer {
  // A public application has no secret; nothing links here.
  if (!row.confidential) throw fail('not_found');
  return {
    title: 'Make a new secret?',
    current: LIST,
    content: <ConfirmRotation {...{ row, csrf, stale, now: deps.clock() }} />,
  };
}

async function rotate(req: PageRequest): Promise<PageAnswer> {
  const { deps, user } = req;
  const row = await load(req);
  const sent = await submitOnce(req, 'rotateApplicationSecret', (tx) => rotateSecret(tx, deps, user, row.id));
  if (sent === 'again') return { redirect: `${LIST}/${row.id}?done=secret_sent_before` };
  if (sent === 'stale') return confirmRotation(req, row, true);
  return secretPage(sent.first, 'New secret', deps.config.publicUrl);
}

/** Deleting what is gone already is what was wanted, too. */
async function destroy({ deps, user, params }: PageRequest): Promise<PageAnswer> {
  try {
    await remove(deps.db, deps, user, params['id'] ?? '');
  } catch (error) {
    if (!(error instanceof Failure && error.code === 'not_found')) throw error;
  }
  return { redirect: `${LIST}?done=application_deleted` };
}
