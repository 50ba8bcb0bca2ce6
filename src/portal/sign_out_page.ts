import { dropCustomer } from './cookies.ts';
import { closed, type PortalAnswer, type PortalRequest } from './page.ts';
import { deleteSession } from './session_queries.ts';
import { signOutEverywhere } from './sign_out.ts';

export const signOutPages = [
  closed('post', '/my/sign-out', leave),
  closed('post', '/my/sign-out-everywhere', leaveEverywhere),
];

async function leave({ deps, koa, customer }: PortalRequest): Promise<PortalAnswer> {
  await deleteSession(deps.db, customer.email, customer.sessionId);
  dropCustomer(deps, koa);
  return { redirect: '/my?done=signed_out' };
}

async function leaveEverywhere({ deps, koa, customer }: PortalRequest): Promise<PortalAnswer> {
  await signOutEverywhere(deps.db, deps, customer.email);
  dropCustomer(deps, koa);
  return { redirect: '/my?done=signed_out_everywhere' };
}
