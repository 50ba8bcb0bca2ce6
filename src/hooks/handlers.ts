import { operations } from '../../generated/operations.ts';
import type { Handler } from '../http/handler.ts';
import { presentReceipt } from './present.ts';
import { receivePush } from './receive.ts';

const LARGEST = operations.receiveGithubPush.maxBody;

export const receiveGithubPush: Handler<'receiveGithubPush'> = async ({ db, deps, path, koa }, reply) => {
  const receipt = await receivePush(db, deps, path.project_id, koa.req, LARGEST);
  return reply(200, { body: { response: presentReceipt(receipt) } });
};
