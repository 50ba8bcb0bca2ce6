import type { ErrorCode } from '../errors/catalogue.ts';
import type { Failure } from '../errors/fail.ts';
import { presentFailure } from '../errors/present.ts';
import type { PortalAnswer } from './page.ts';

interface Explanation {
  readonly title: string;
  readonly text: string;
}

const BROKEN: Explanation = {
  title: 'Something went wrong',
  text: 'This is our fault. Please try again in a moment.',
};

const UNREADABLE: Explanation = { title: 'We could not read that', text: 'Go back and send it once more.' };

const EXPLANATIONS: Partial<Record<ErrorCode, Explanation>> = {
  not_found: {
    title: 'There is no such page',
    text: 'The address may be incomplete, or what it led to is no longer among your purchases.',
  },
  resource_temporary_unavailable: {
    title: 'This download is paused',
    text: 'The seller’s account is out of service for now. Your purchase is safe: try again later, or write to the seller.',
  },
  method_not_allowed: UNREADABLE,
  payload_too_large: UNREADABLE,
  unsupported_media_type: UNREADABLE,
  invalid_format: UNREADABLE,
  unavailable: { title: 'Out of service for a moment', text: 'Try again in a few seconds.' },
};

/** What a failure is to a customer; never its own text. */
export function errorPage(failure: Failure, requestId: string): PortalAnswer {
  const { status, headers } = presentFailure(failure, 'platform');
  const { title, text } = EXPLANATIONS[failure.code] ?? BROKEN;
  return {
    title,
    status: failure.code === 'invalid_format' ? 400 : status,
    headers,
    content: (
      <>
        <h1>{title}</h1>
        <p>{text}</p>
        {status >= 500 && (
          <p class="soft note">
            If it stays like this, tell the seller this number: <code>{requestId}</code>
          </p>
        )}
        <Home />
      </>
    ),
  };
}

function Home() {
  return (
    <p>
      <a href="/my">Go to your downloads</a>
    </p>
  );
}

/** Answers a form that is none of ours, or of a session that has ended since. */
export const staleForm: PortalAnswer = {
  title: 'This page is out of date',
  status: 403,
  content: (
    <>
      <h1>This page is out of date</h1>
      <p>You have signed in or out since you opened it, or it was open for very long. Nothing was changed.</p>
      <Home />
    </>
  ),
};

const WHY: Partial<Record<ErrorCode, string>> = {
  not_found: 'It may have been cut when it was copied. Open it again from the mail, in full.',
  expired: 'It has expired: it works for ten minutes.',
  used_up: 'It was used before: it works once.',
};

/** What a mailed link leads to that cannot be used (any more). */
export function deadLink(failure: Failure): PortalAnswer {
  return {
    title: 'This link does not work',
    status: presentFailure(failure, 'delivery').status,
    content: (
      <>
        <h1>This link does not work</h1>
        <p>{WHY[failure.code]}</p>
        <div class="choices">
          <a class="button" href="/my">
            Get another one
          </a>
        </div>
      </>
    ),
  };
}
