import type { Context } from 'koa';
import type { Outcome } from '../http/outcome.ts';
import { Notice } from '../pages/components.tsx';
import { renderDocument } from '../pages/document.tsx';
import { setPageHeaders } from '../pages/headers.ts';
import { doneMessage } from '../pages/messages.ts';
import type { PageAnswer } from './page.ts';
import type { CurrentSession } from './session_cookie.ts';

/** A page's answer as it is sent: the whole document with its headers, or a redirect. */
export function outcomeOfPage(koa: Context, answer: PageAnswer, session: CurrentSession | undefined): Outcome {
  if ('redirect' in answer) {
    setPageHeaders(koa.res);
    // 303: whatever was posted, what follows is a GET (RFC 9110 §15.4.4).
    return { status: 303, type: undefined, headers: { Location: answer.redirect }, body: '' };
  }
  if ('svg' in answer) {
    setPageHeaders(koa.res);
    return { status: 200, type: 'image/svg+xml', headers: {}, body: answer.svg };
  }
  if ('stream' in answer) {
    setPageHeaders(koa.res);
    // What stands between must not wait for more before it passes a line on.
    return { status: 200, type: answer.type, headers: { 'X-Accel-Buffering': 'no' }, body: answer.stream };
  }
  const { title, content, status = 200, headers = {}, solo, script, follows, current } = answer;
  setPageHeaders(koa.res, answer);
  const done = status === 200 ? doneMessage(new URLSearchParams(koa.querystring).get('done')) : undefined;
  const body = renderDocument({
    title: `${title} – Continuity`,
    ...(solo ? {} : session),
    slim: solo,
    script,
    follows,
    current,
    children: (
      <>
        {(solo || !session) && <p class="brand">Continuity</p>}
        {done !== undefined && <Notice kind="good">{done}</Notice>}
        {content}
      </>
    ),
  });
  return { status, type: 'text/html; charset=utf-8', headers, body };
}
