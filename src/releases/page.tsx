import { get, type PageAnswer, type PageRequest, type PageRoute, type PageUser, post } from '../dashboard/page.ts';
import { Submit, Words } from '../pages/components.tsx';
import { subscribeAgain, unsubscribe } from './actions.ts';
import { findOrganisationName, hasUnsubscribed } from './queries.ts';
import { openUnsubscribeToken, type Reader } from './rules.ts';

const PATH = '/unsubscribe';
const UNDO = `${PATH}/undo`;

/**
 * The link proves who asks, so that no cookie is needed. The POST to it is what mail programs send as well (RFC 8058),
 * with a body that we need not look at; taking it back is another address, which none of them knows.
 */
export const unsubscribing: readonly PageRoute[] = [
  get(PATH, 'public', ask),
  { ...post(PATH, 'public', take), open: true },
  { ...post(UNDO, 'public', takeBack), open: true },
];

type Visit = PageRequest<PageUser | undefined>;

/** Whoever looks at a link, such as a mail scanner, unsubscribes nobody. */
async function ask({ deps, query }: Visit): Promise<PageAnswer> {
  const link = await linkOf(deps, query);
  if (!link) return dead;
  if (await hasUnsubscribed(deps.db, link.reader)) return unsubscribed(link);
  const content = (
    <>
      <h1>No more news?</h1>
      <p>
        <Words>{link.organisation}</Words> will not write to <Words>{link.reader.email}</Words> about new versions any
        more. You still get what you buy.
      </p>
      <Button {...link} to={PATH} words="Unsubscribe" />
    </>
  );
  return { title: 'No more news', solo: true, content };
}

async function take({ deps, query }: Visit): Promise<PageAnswer> {
  const link = await linkOf(deps, query);
  if (!link) return dead;
  await unsubscribe(deps, link.reader);
  return unsubscribed(link);
}

function unsubscribed(link: Link): PageAnswer {
  const content = (
    <>
      <h1>Unsubscribed</h1>
      <p>
        <Words>{link.organisation}</Words> will not write to <Words>{link.reader.email}</Words> about new versions any
        more.
      </p>
      <Button {...link} to={UNDO} words="Subscribe again" quiet />
    </>
  );
  return { title: 'Unsubscribed', solo: true, content };
}

async function takeBack({ deps, query }: Visit): Promise<PageAnswer> {
  const link = await linkOf(deps, query);
  if (!link) return dead;
  await subscribeAgain(deps, link.reader);
  const content = (
    <>
      <h1>You get news again</h1>
      <p>
        <Words>{link.organisation}</Words> will write to <Words>{link.reader.email}</Words> about new versions.
      </p>
    </>
  );
  return { title: 'You get news again', solo: true, content };
}

/** Customers have nothing to do with the dashboard, to which its own page for unknown addresses leads. */
const dead: PageAnswer = {
  title: 'This link does not work',
  status: 404,
  solo: true,
  content: (
    <>
      <h1>This link does not work</h1>
      <p>It may have been cut when it was copied. Open it again from the mail, in full.</p>
    </>
  ),
};

interface ButtonParts extends Link {
  readonly to: string;
  readonly words: string;
  readonly quiet?: boolean;
}

function Button({ token, to, words, quiet = false }: ButtonParts) {
  return (
    <form method="post" action={`${to}?${new URLSearchParams({ token })}`}>
      <div class="choices">
        <Submit {...(quiet && { kind: 'quiet' })}>{words}</Submit>
      </div>
    </form>
  );
}

interface Link {
  readonly token: string;
  readonly reader: Reader;
  readonly organisation: string;
}

async function linkOf({ db, vault }: Visit['deps'], query: URLSearchParams): Promise<Link | undefined> {
  const token = query.get('token') ?? '';
  const reader = openUnsubscribeToken(vault, token);
  const organisation = reader && (await findOrganisationName(db, reader.organisationId));
  return reader && organisation !== undefined ? { token, reader, organisation } : undefined;
}
