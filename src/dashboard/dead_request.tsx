import type { ErrorCode } from '../errors/catalogue.ts';
import type { Failure } from '../errors/fail.ts';
import type { PageAnswer } from './page.ts';

interface Explanation {
  readonly status: 400 | 403;
  readonly title: string;
  readonly text: string;
}

const BROKEN = 'This link does not work';

/** Why an authorization request is not answered with a redirect: nobody knows whom it would lead to. */
const EXPLANATIONS: Partial<Record<ErrorCode, Explanation>> = {
  invalid_client: {
    status: 400,
    title: BROKEN,
    text: 'It names an application that does not exist, or exists no longer. For its developer: see client_id.',
  },
  invalid_request: {
    status: 400,
    title: BROKEN,
    text: 'It asks us to send you to an address that the application has not registered. For its developer: see redirect_uri.',
  },
  resource_temporary_unavailable: {
    status: 403,
    title: 'This application is paused',
    text: 'The account of whoever made it is out of service for now. Nothing was granted.',
  },
};

export function isDeadRequest({ code }: Failure): boolean {
  return code in EXPLANATIONS;
}

/** A page instead of a redirect (RFC 6749 §4.1.2.1). */
export function deadRequest({ code }: Failure): PageAnswer {
  return explained(EXPLANATIONS[code] ?? { status: 400, title: BROKEN, text: 'It is not complete.' });
}

/** Whoever is suspended grants nothing. */
export const pausedAccount: PageAnswer = explained({
  status: 403,
  title: 'This account is suspended',
  text: 'Nothing can be granted for it. Please write to our support.',
});

function explained({ status, title, text }: Explanation): PageAnswer {
  return {
    title,
    status,
    solo: true,
    content: (
      <>
        <h1>{title}</h1>
        <p>{text}</p>
      </>
    ),
  };
}
