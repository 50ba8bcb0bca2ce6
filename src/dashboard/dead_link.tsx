import type { ErrorCode } from '../errors/catalogue.ts';
import { type Failure, fail } from '../errors/fail.ts';
import { presentFailure } from '../errors/present.ts';
import type { PageAnswer } from './page.ts';

const WHY: Partial<Record<ErrorCode, string>> = {
  not_found: 'The address is not complete, or the link is not yours.',
  expired: 'The link has expired.',
  used_up: 'The link was used before, or something newer took its place.',
  already_taken: 'The address belongs to another account by now.',
};

/** What a mailed link leads to that cannot be used (any more), and where another one comes from. */
export function deadLink({ code }: Failure, { href, label }: { href: string; label: string }): PageAnswer {
  return {
    title: 'This link does not work',
    status: presentFailure(fail(code), 'platform').status,
    solo: true,
    content: (
      <>
        <h1>This link does not work</h1>
        <p>{WHY[code]}</p>
        <p>
          <a href={href}>{label}</a>
        </p>
      </>
    ),
  };
}
