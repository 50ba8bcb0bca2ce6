import type { ErrorCode } from '../errors/catalogue.ts';
import type { Failure } from '../errors/fail.ts';
import { presentFailure } from '../errors/present.ts';
import { Form, Submit, Words } from '../pages/components.tsx';
import { formatDelay } from '../pages/delay.ts';
import type { PageAnswer, PageUser } from './page.ts';

interface Explanation {
  readonly title: string;
  readonly text: string;
}

const BROKEN: Explanation = {
  title: 'Something went wrong',
  text: 'This is our fault. Please try again. If it happens again, tell our support the request number below.',
};

const EXPLANATIONS: Partial<Record<ErrorCode, Explanation>> = {
  not_found: { title: 'There is no such page', text: 'It may have been removed, or the address may be incomplete.' },
  method_not_allowed: { title: 'This page cannot do that', text: 'Go back and try again from the page before.' },
  insufficient_role: {
    title: 'Your role does not allow this',
    text: 'Ask an owner of your organisation to do it, or to give you another role.',
  },
  payment_required: {
    title: 'There is an open invoice',
    text: 'The trial has ended, or an invoice is overdue. What you have stays, but nothing can be changed until it is paid.',
  },
  conflict: {
    title: 'This has changed in the meantime',
    text: 'Somebody else was faster, or you were in another window. Open the page again to see how it is.',
  },
  payload_too_large: { title: 'That was too much', text: 'The form holds more text than we take. Shorten it.' },
  unsupported_media_type: { title: 'The form could not be read', text: 'Go back and send it again.' },
  invalid_format: { title: 'The form could not be read', text: 'It has characters in it that we cannot store.' },
  unavailable: { title: 'Out of service for a moment', text: 'Nothing was changed. Try again in a few seconds.' },
};

/** What a failure is to a person; never its own text. */
export function errorPage(failure: Failure, requestId: string): PageAnswer {
  const { status, headers } = presentFailure(failure, 'platform');
  const { title, text } = explain(failure, headers['Retry-After']);
  return {
    title,
    status,
    headers,
    content: (
      <>
        <h1>{title}</h1>
        <p>{text}</p>
        {status >= 500 && (
          <p class="soft note">
            Request number: <code>{requestId}</code>
          </p>
        )}
        {status < 500 && <Home />}
      </>
    ),
  };
}

function explain({ code }: Failure, retryAfter: string | undefined): Explanation {
  if (code !== 'slow_down') return EXPLANATIONS[code] ?? BROKEN;
  return { title: 'Too many attempts', text: `Try again in ${formatDelay(Number(retryAfter ?? 60))}.` };
}

function Home() {
  return (
    <p>
      <a href="/dashboard">Go to the overview</a>
    </p>
  );
}

/** Answers a form that is none of ours, or of a session that has ended since. */
export const staleForm: PageAnswer = {
  title: 'This form is out of date',
  status: 403,
  content: (
    <>
      <h1>This form is out of date</h1>
      <p>You have signed in or out since it was opened, or it came from another site. Nothing was changed.</p>
      <p>Open the page again and fill it in once more.</p>
      <Home />
    </>
  ),
};

/** All that a suspended account can see. */
export function suspendedPage({ organisationName }: PageUser, csrf: string): PageAnswer {
  return {
    title: 'Account suspended',
    status: 401,
    // No scheme that a browser would ask a password for (RFC 9110 §11.6.1).
    headers: { 'WWW-Authenticate': 'Cookie realm="Continuity"' },
    solo: true,
    content: (
      <>
        <h1>This account is suspended</h1>
        <p>
          <Words>{organisationName}</Words> is out of service for now. What you have published is kept. Please write to
          our support.
        </p>
        <div class="choices">
          <Form action="/dashboard/sign-out" csrf={csrf}>
            <Submit kind="quiet">Sign out</Submit>
          </Form>
        </div>
      </>
    ),
  };
}
