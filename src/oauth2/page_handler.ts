import type { Context } from 'koa';
import { consentPage } from '../dashboard/consent.tsx';
import { deadRequest, isDeadRequest, pausedAccount } from '../dashboard/dead_request.tsx';
import { refusedOutOfBand } from '../dashboard/oob.tsx';
import type { PageAnswer } from '../dashboard/page.ts';
import { outcomeOfPage } from '../dashboard/render.tsx';
import { currentSession } from '../dashboard/session_cookie.ts';
import type { Deps } from '../deps.ts';
import { Failure } from '../errors/fail.ts';
import { type Parameters, parseParameters } from '../http/form.ts';
import type { Handler } from '../http/handler.ts';
import { findDestination, readQuestion } from './authorization.ts';

/** The page that asks the user. It grants nothing itself: that is what its form is for. */
export const authorizeApplication: Handler<'authorizeApplication'> = async ({ deps, koa }, reply) => {
  const page = await pageFor(deps, koa, parseParameters(koa.querystring));
  const { status, headers, body } = outcomeOfPage(koa, page, undefined);
  if ('redirect' in page) return reply(303, { headers: { Location: String(headers['Location']) } });
  return reply(status as 200 | 400 | 403, { type: 'text/html', body: String(body) });
};

/**
 * In this order: whom the answer goes to, who is asked, what is asked. Nobody is redirected who has not signed in first,
 * not even with an error: else a link to this server could lead to any application's site (RFC 9700 §4.11.2).
 */
async function pageFor(deps: Deps, koa: Context, parameters: Parameters): Promise<PageAnswer> {
  try {
    await findDestination(deps.db, parameters);
    const here = `${koa.path}?${koa.querystring}`;
    const session = await currentSession(deps, koa);
    if (!session) return { redirect: `/dashboard/sign-in?return_to=${encodeURIComponent(here)}` };
    if (session.user.suspended) return pausedAccount;
    const question = await readQuestion(deps, parameters);
    if (!('answer' in question)) return consentPage({ question, parameters, ...session, here });
    return 'redirect' in question.answer ? question.answer : refusedOutOfBand(question.answer.refused);
  } catch (thrown) {
    if (thrown instanceof Failure && isDeadRequest(thrown)) return deadRequest(thrown);
    throw thrown;
  }
}
