import { pourStream, startStream } from '../firehose/outlet.ts';
import type { Handler } from '../http/handler.ts';
import { pageOf, paginate } from '../http/pagination.ts';
import { followLog } from './follow_log.ts';
import { presentBuild } from './present.ts';
import { listBuildRows } from './queries.ts';
import { requireBuild, requireRequest } from './visible.ts';

export const listBuilds: Handler<'listBuilds'> = async ({ db, deps, principal, path, query, koa }, reply) => {
  const page = pageOf(query);
  const { organisation_id, id } = await requireRequest(db, principal, path.build_request_id);
  const found = await listBuildRows(db, organisation_id, id, page);
  const { rows, headers } = paginate(found, page, { publicUrl: deps.config.publicUrl, url: koa.req.url ?? '' });
  return reply(200, { headers, body: { response: rows.map(presentBuild) } });
};

export const getBuild: Handler<'getBuild'> = async ({ db, principal, path }, reply) => {
  const row = await requireBuild(db, principal, path.build_id);
  return reply(200, { body: { response: presentBuild(row) } });
};

export const followBuild: Handler<'followBuild'> = async ({ deps, principal, path, query, koa, recheck }, reply) => {
  const { db, notices, firehoses } = deps;
  const { id, organisation_id: organisationId } = await requireBuild(db, principal, path.build_id);
  const check = async () => requireBuild(db, await recheck(), id);
  const pulse = { every: firehoses.keepAlive, sign: undefined, check };
  const body = pourStream(notices, pulse, async (outlet) => {
    if (query.follow !== false) startStream(koa.res, outlet);
    const parts = followLog(deps, { organisationId }, id, 0, outlet.over, query.follow);
    for await (const { bytes } of parts) await outlet.pour(bytes);
  });
  return reply(200, { type: 'text/plain', headers: { 'X-Accel-Buffering': 'no' }, body });
};
