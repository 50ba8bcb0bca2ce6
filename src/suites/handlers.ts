import type { Handler } from '../http/handler.ts';
import { pageOf, paginate } from '../http/pagination.ts';
import { requireOwned, requireProject, requireStanding } from '../projects/access.ts';
import { create, remove, requireSuite, update } from './actions.ts';
import { presentSuite } from './present.ts';
import { listSuiteRows } from './queries.ts';
import { deleteSecret, setSecret } from './secret_actions.ts';

export const listSuites: Handler<'listSuites'> = async ({ db, deps, principal, path, query, koa }, reply) => {
  const { organisationId, projectId } = await requireProject(db, principal, path.project_id);
  const page = pageOf(query);
  const found = await listSuiteRows(db, organisationId, projectId, page);
  const { rows, headers } = paginate(found, page, { publicUrl: deps.config.publicUrl, url: koa.req.url ?? '' });
  return reply(200, { headers, body: { response: rows.map(presentSuite) } });
};

export const createSuite: Handler<'createSuite'> = async ({ db, deps, principal, path, body }, reply) => {
  const access = await requireProject(db, principal, path.project_id);
  requireOwned(access, 'member');
  requireStanding(access);
  const row = await create(db, deps, principal, access, body);
  const Location = `${deps.config.publicUrl}/projects/${row.project_id}/suites/${row.id}`;
  return reply(201, { headers: { Location }, body: { response: presentSuite(row) } });
};

export const getSuite: Handler<'getSuite'> = async ({ db, principal, path }, reply) => {
  const access = await requireProject(db, principal, path.project_id);
  return reply(200, { body: { response: presentSuite(await requireSuite(db, access, path.suite_id)) } });
};

export const updateSuite: Handler<'updateSuite'> = async ({ db, deps, principal, path, body }, reply) => {
  const access = await requireProject(db, principal, path.project_id);
  requireOwned(access, 'member');
  requireStanding(access);
  const row = await update(db, deps, principal, { ...access, suiteId: path.suite_id }, body);
  return reply(200, { body: { response: presentSuite(row) } });
};

export const deleteSuite: Handler<'deleteSuite'> = async ({ db, deps, principal, path }, reply) => {
  const access = await requireProject(db, principal, path.project_id);
  requireOwned(access, 'member');
  const row = await remove(db, deps, principal, { ...access, suiteId: path.suite_id });
  return reply(200, { body: { response: presentSuite(row) } });
};

export const setSuiteSecret: Handler<'setSuiteSecret'> = async ({ db, deps, principal, path, body }, reply) => {
  const access = await requireProject(db, principal, path.project_id);
  requireOwned(access, 'admin');
  requireStanding(access);
  const secret = { ...access, suiteId: path.suite_id, name: path.name };
  return reply(200, { body: { response: presentSuite(await setSecret(db, deps, principal, secret, body.value)) } });
};

export const deleteSuiteSecret: Handler<'deleteSuiteSecret'> = async ({ db, deps, principal, path }, reply) => {
  const access = await requireProject(db, principal, path.project_id);
  requireOwned(access, 'admin');
  const secret = { ...access, suiteId: path.suite_id, name: path.name };
  return reply(200, { body: { response: presentSuite(await deleteSecret(db, deps, principal, secret)) } });
};
