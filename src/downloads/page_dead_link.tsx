import type { ErrorCode } from '../errors/catalogue.ts';
import { renderDocument } from '../pages/document.tsx';

interface Explanation {
  readonly status: 403 | 404 | 410;
  readonly title: string;
  /** What happened, then what to do. */
  readonly sentences: readonly [string, string];
  /** Whether what was bought can be had again at `/my`. */
  readonly again?: boolean;
}

const FRESH = 'Ask the seller for a fresh link.';

const EXPLANATIONS: Partial<Record<ErrorCode, Explanation>> = {
  not_found: {
    status: 404,
    title: 'This link is not known',
    sentences: [
      'Nothing belongs to it. It may have been cut when it was copied.',
      'Open it again from the message you got, in full. If that does not help, ask the seller for a fresh link.',
    ],
  },
  expired: {
    status: 410,
    title: 'This link has expired',
    sentences: [
      'Links work for a limited time, and this one has reached its end.',
      'Get a fresh one with the e-mail address that you bought with. If that does not help, ask the seller.',
    ],
    again: true,
  },
  revoked: {
    status: 410,
    title: 'This link was withdrawn',
    sentences: ['The seller has ended it, or replaced the version that it led to.', FRESH],
  },
  used_up: {
    status: 410,
    title: 'This link is used up',
    sentences: ['It was good for a limited number of downloads, and they are all taken.', FRESH],
  },
  resource_temporary_unavailable: {
    status: 403,
    title: 'This download is paused',
    sentences: [
      'The publisher’s account is out of service for now. Nothing is wrong with your link.',
      'Try again later. If it stays like this, write to the seller.',
    ],
  },
};

/** Why a link leads nowhere (any more), as a page with its status; `undefined` for what is no matter of the link. */
export function deadLinkPage(code: ErrorCode): { status: Explanation['status']; body: string } | undefined {
  const explanation = EXPLANATIONS[code];
  if (!explanation) return undefined;
  const { status, title, sentences, again } = explanation;
  const children = (
    <>
      <h1>{title}</h1>
      {sentences.map((sentence) => (
        <p>{sentence}</p>
      ))}
      {again && (
        <div class="choices">
          <a class="button" href="/my">
            Get a fresh link
          </a>
        </div>
      )}
    </>
  );
  return { status, body: renderDocument({ title, children }) };
}
