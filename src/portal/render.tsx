import type { Context } from 'koa';
import type { Outcome } from '../http/outcome.ts';
import { Form, Notice, Submit, Words } from '../pages/components.tsx';
import { renderDocument } from '../pages/document.tsx';
import { setPageHeaders } from '../pages/headers.ts';
import type { CustomerSession } from './cookies.ts';
import type { PortalAnswer } from './page.ts';

/** What was done, said on the page that a form leads to: `?done=<key>`. */
const DONE: Readonly<Record<string, string>> = {
  signed_out: 'You are signed out.',
  signed_out_everywhere: 'You are signed out on every device.',
};

/** A page's answer as it is sent: the whole document with its headers, or a redirect. */
export function outcomeOfPage(koa: Context, answer: PortalAnswer, session: CustomerSession | undefined): Outcome {
  setPageHeaders(koa.res);
  // Addresses of mailed links must not travel on; forms are known by their token, whatever Origin says.
  koa.res.setHeader('Referrer-Policy', 'no-referrer');
  // 303: whatever was posted, what follows is a GET (RFC 9110 §15.4.4).
  if ('redirect' in answer) return { status: 303, type: undefined, headers: { Location: answer.redirect }, body: '' };
  const { title, content, status = 200, headers = {}, wide } = answer;
  const done = status === 200 ? doneMessage(new URLSearchParams(koa.querystring).get('done')) : undefined;
  const body = renderDocument({
    title,
    slim: true,
    header: wide && session && <Bar {...session} />,
    children: (
      <>
        {done !== undefined && <Notice kind="good">{done}</Notice>}
        {content}
      </>
    ),
  });
  return { status, type: 'text/html; charset=utf-8', headers, body };
}

function doneMessage(key: string | null): string | undefined {
  return key !== null && Object.hasOwn(DONE, key) ? DONE[key] : undefined;
}

function Bar({ customer, csrf }: CustomerSession) {
  return (
    <header class="bar customer">
      <div>
        <p class="brand">Your downloads</p>
        <div class="account">
          <Words>{customer.email}</Words>
          <Form action="/my/sign-out" csrf={csrf}>
            <Submit kind="quiet" small>
              Sign out
            </Submit>
          </Form>
        </div>
      </div>
    </header>
  );
}
