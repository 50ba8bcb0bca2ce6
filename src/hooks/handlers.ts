import { operations } from '../../generated/operations.ts';
import type { Handler } from '../http/handler.ts';
import { readRaw } from '../http/raw_body.ts';
import { presentReceipt } from './present.ts';
import { receivePush } from './receive.ts';

const LARGEST = operations.receiveGithubPush.maxBody;

export const receiveGithubPush: Handler<'receiveGithubPush'> = async ({ db, deps, path, koa }, reply) => {
  const post = { raw: await readRaw(koa.req, LARGEST), headers: koa.req.headers };
  const receipt = await receivePush(db, deps, path.project_id, post);
  return reply(200, { body: { response: presentReceipt(receipt) } });
};
