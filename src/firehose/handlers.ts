import { fail } from '../errors/fail.ts';
import type { Handler } from '../http/handler.ts';
import { parseId } from '../ids/parse.ts';
import { tellBacklog } from './backlog.ts';
import { pourStream, startStream } from './outlet.ts';
import { readMoment } from './queries.ts';
import { KEEP_ALIVE, type StreamType } from './render.ts';

const TYPES: StreamType[] = ['application/x-ndjson', 'text/event-stream'];

export const followEvents: Handler<'followEvents'> = async ({ deps, principal, query, koa, recheck }, reply) => {
  const { hot, notices, firehoses } = deps;
  const { organisationId } = principal;
  const moment = await momentOf(deps, organisationId, koa.get('Last-Event-ID') || query.since);
  const type = (koa.accepts(TYPES) || TYPES[0]) as StreamType;
  const pulse = { every: firehoses.keepAlive, sign: KEEP_ALIVE[type], check: recheck };
  const body = pourStream(notices, pulse, (outlet) => {
    if (query.follow === false) return tellBacklog(hot, { organisationId, moment, type }, outlet);
    startStream(koa.res, outlet);
    return firehoses.follow({ organisationId, moment, type }, outlet);
  });
  return reply(200, { type, headers: { 'X-Accel-Buffering': 'no' }, body });
};

type Needs = Parameters<Handler<'followEvents'>>[0]['deps'];

/** The moment in which the stream begins, and the event that the client has been told last, if it says so. */
async function momentOf({ hot }: Needs, organisationId: string, since: string | undefined) {
  if (since === undefined) return readMoment(hot, organisationId, undefined);
  const id = parseId(since);
  const moment = id === undefined ? undefined : await readMoment(hot, organisationId, id);
  if (!moment?.event) throw fail('not_found', { field: 'since' });
  return moment;
}
