import { get, type PageAnswer, type PageRequest, type PageRoute, type PageUser, post } from '../dashboard/page.ts';
import { fail } from '../errors/fail.ts';
import { Submit, Words } from '../pages/components.tsx';
import { unsubscribe } from './actions.ts';
import { findOrganisationName } from './queries.ts';
import { openUnsubscribeToken, type Reader } from './rules.ts';

const PATH = '/unsubscribe';

/** The POST is what mail programs send as well (RFC 8058): without cookies, and with a body that we need not look at. */
export const unsubscribing: readonly PageRoute[] = [
  get(PATH, 'public', ask),
  { ...post(PATH, 'public', take), open: true },
];

type Visit = PageRequest<PageUser | undefined>;

/** Whoever looks at a link, such as a mail scanner, unsubscribes nobody. */
async function ask({ deps, query }: Visit): Promise<PageAnswer> {
  const { reader, organisation } = await readerOf(deps, query);
  const action = `${PATH}?${new URLSearchParams({ token: query.get('token') ?? '' })}`;
  return {
    title: 'No more news',
    solo: true,
    content: (
      <>
        <h1>No more news?</h1>
        <p>
          <Words>{organisation}</Words> will not write to <Words>{reader.email}</Words> about new versions any more. You
          still get what you buy.
        </p>
        <form method="post" action={action}>
          <div class="choices">
            <Submit>Unsubscribe</Submit>
          </div>
        </form>
      </>
    ),
  };
}

async function take({ deps, query }: Visit): Promise<PageAnswer> {
  const { reader, organisation } = await readerOf(deps, query);
  await unsubscribe(deps, reader);
  return {
    title: 'Unsubscribed',
    solo: true,
    content: (
      <>
        <h1>Unsubscribed</h1>
        <p>
          <Words>{organisation}</Words> will not write to <Words>{reader.email}</Words> about new versions any more.
        </p>
      </>
    ),
  };
}

async function readerOf(
  { db, vault }: Visit['deps'],
  query: URLSearchParams,
): Promise<{ reader: Reader; organisation: string }> {
  const reader = openUnsubscribeToken(vault, query.get('token') ?? '');
  const organisation = reader && (await findOrganisationName(db, reader.organisationId));
  if (!reader || organisation === undefined) throw fail('not_found');
  return { reader, organisation };
}
