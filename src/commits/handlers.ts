import { fail } from '../errors/fail.ts';
import type { Handler } from '../http/handler.ts';
import { pageOf, paginate } from '../http/pagination.ts';
import { parseId } from '../ids/parse.ts';
import { requireProject } from '../projects/access.ts';
import { presentCommit } from './present.ts';
import { findCommit, listCommitRows } from './queries.ts';

export const listCommits: Handler<'listCommits'> = async ({ db, deps, principal, path, query, koa }, reply) => {
  const page = pageOf(query);
  const { organisationId, projectId } = await requireProject(db, principal, path.project_id);
  const found = await listCommitRows(db, organisationId, projectId, page);
  const { rows, headers } = paginate(found, page, { publicUrl: deps.config.publicUrl, url: koa.req.url ?? '' });
  return reply(200, { headers, body: { response: rows.map(presentCommit) } });
};

export const getCommit: Handler<'getCommit'> = async ({ db, principal, path }, reply) => {
  const { organisationId, projectId } = await requireProject(db, principal, path.project_id);
  const id = parseId(path.commit_id);
  const row = id && (await findCommit(db, organisationId, projectId, id));
  if (!row) throw fail('not_found', { field: 'commit_id' });
  return reply(200, { body: { response: presentCommit(row) } });
};
