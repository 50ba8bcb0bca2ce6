import type { NewAccount } from '../organisations/actions.ts';
import { createTestApplication, type TestApplication } from './applications.ts';
import type { Answer } from './client.ts';
import { basicOf, postForm } from './oauth2.ts';
import type { PageClient } from './pages.ts';
import { startTestServer, type TestServer } from './server.ts';
import { signedIn } from './signed_in.ts';

export const PATH = '/oauth2/authorize';
/** Where the page's form goes. */
export const ANSWER = '/dashboard/authorize';
export const CALLBACK = 'https://client.example/callback';
export const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
export const STATE = 'a b&c=d/é';

export type Query = Record<string, string>;

export function without(query: Query, name: string): Query {
  const { [name]: _left, ...rest } = query;
  return rest;
}

export const text = (query: Query | string) =>
  typeof query === 'string' ? query : new URLSearchParams(query).toString();

export const url = (query: Query | string) => `${PATH}?${text(query)}`;

export const singly = (headers: object) => headers as Readonly<Record<string, string | undefined>>;

/** What an application reads at its redirect URI. */
export function answerIn(location: string | undefined, part: 'search' | 'hash' = 'search'): Query {
  const address = new URL(location ?? '');
  return Object.fromEntries(new URLSearchParams(address[part].slice(1)));
}

/** How many rows there are of what granting makes. */
async function countRows({ deps: { db } }: TestServer): Promise<number[]> {
  const tables = ['authorizations', 'authorization_codes', 'access_tokens', 'events'] as const;
  const counts = tables.map((table) =>
    db
      .selectFrom(table)
      .select((row) => row.fn.countAll<string>().as('n'))
      .execute(),
  );
  return (await Promise.all(counts)).map(([row]) => Number(row?.n));
}

interface Asked extends Omit<Answer, 'headers'> {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly html: string;
}

/** A browser in which a user is signed in, and applications that ask for access. */
export interface Authorizing {
  readonly server: TestServer;
  readonly user: NewAccount;
  readonly maker: NewAccount;
  readonly browser: PageClient;
  readonly application: TestApplication;
  /** A public one. */
  readonly open: TestApplication;
  /** One that may use the implicit flow. */
  readonly implicit: TestApplication;
  queryFor(query?: Query, application?: TestApplication): Query;
  /** Loads the page through the client that checks each exchange against the document. */
  ask(query: Query | string, as?: PageClient): Promise<Asked>;
  /** Presses a button of the page. */
  press(decision: string, query: Query, as?: PageClient): ReturnType<PageClient['submit']>;
  exchange(code: string | undefined, form?: Query, by?: TestApplication): Promise<Answer>;
  rows(): Promise<number[]>;
}

export async function openAuthorizing(): Promise<Authorizing> {
  const server = await startTestServer();
  const user = await server.createAccount('member');
  const maker = await server.createAccount('admin');
  const browser = await signedIn(server, user);
  const application = await createTestApplication(server.deps, maker, { name: 'Drum <b>shop</b>' });
  const open = await createTestApplication(server.deps, maker, { public: true });
  const implicit = await createTestApplication(server.deps, maker, { implicit: true });
  return {
    ...{ server, user, maker, browser, application, open, implicit },
    queryFor: (query = {}, { clientId } = application) => ({
      response_type: 'code',
      client_id: clientId,
      redirect_uri: CALLBACK,
      state: STATE,
      ...query,
    }),
    async ask(query, as = browser) {
      const cookie = [...as.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const answer = await server.client.get(url(query), { headers: { cookie, accept: 'text/html' } });
      return { ...answer, headers: singly(answer.headers), html: answer.body.toString() };
    },
    press: (decision, query, as = browser) => as.submit(ANSWER, { ...query, decision }, { from: url(query) }),
    exchange: (code, form = {}, by = application) =>
      postForm(
        server.client,
        '/oauth2/access_token',
        { grant_type: 'authorization_code', code: code ?? '', redirect_uri: CALLBACK, ...form },
        by.clientSecret === undefined ? {} : { authorization: basicOf(by) },
      ),
    rows: () => countRows(server),
  };
}
