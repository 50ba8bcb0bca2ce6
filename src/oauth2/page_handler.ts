import type { Context } from 'koa';
import { consentPage } from '../dashboard/consent.tsx';
import { deadRequest, isDeadRequest, pausedAccount } from '../dashboard/dead_request.tsx';
import { errorPage } from '../dashboard/errors.tsx';
import { refusedOutOfBand } from '../dashboard/oob.tsx';
import type { PageAnswer } from '../dashboard/page.ts';
import { outcomeOfPage } from '../dashboard/render.tsx';
import { currentSession } from '../dashboard/session_cookie.ts';
import type { Deps } from '../deps.ts';
import { Failure } from '../errors/fail.ts';
import { parseParameters } from '../http/form.ts';
import type { Handler } from '../http/handler.ts';
import { recordFailure } from '../pages/answer.ts';
import { findDestination, readQuestion } from './authorization.ts';

/** The page that asks the user. It grants nothing itself: that is what its form is for. Whatever happens is a page. */
export const authorizeApplication: Handler<'authorizeApplication'> = async ({ deps, koa }, reply) => {
  const page = await pageFor(deps, koa).catch((thrown: unknown) => failedPage(deps, koa, thrown));
  const { status, headers, body } = outcomeOfPage(koa, page, undefined);
  if ('redirect' in page) return reply(303, { headers: { Location: String(headers['Location']) } });
  for (const name in headers) koa.res.setHeader(name, headers[name] ?? '');
  return reply(status as 200 | 400 | 403 | 500 | 503, { type: 'text/html', body: String(body) });
};

function failedPage(deps: Deps, koa: Context, thrown: unknown): PageAnswer {
  const requestId = String(koa.state['requestId']);
  return errorPage(recordFailure(deps, requestId, thrown), requestId);
}

/**
 * In this order: whom the answer goes to, who is asked, what is asked. Nobody is redirected who has not signed in first,
 * not even with an error: else a link to this server could lead to any application's site (RFC 9700 §4.11.2).
 */
async function pageFor(deps: Deps, koa: Context): Promise<PageAnswer> {
  const parameters = parseParameters(koa.querystring);
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
