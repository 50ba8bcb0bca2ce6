import type { Context } from 'koa';
import type { VNode } from 'preact';
import type { Deps } from '../deps.ts';
import type { Pour } from '../http/handler.ts';
import type { Role } from '../http/operation.ts';
import type { PageUser } from '../sessions/queries.ts';

export type { PageUser };

/** Who may open a page: everybody, signed in or not, or who is signed in with at least that role. */
export type Access = 'public' | Role;

/** A request for a page after everything that its route decides: signed in, of the role, a form of our own. */
export interface PageRequest<User = PageUser> {
  readonly deps: Deps;
  readonly koa: Context;
  /** Of the path's pattern. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Empty on GET. Its values have no NUL and no half characters. */
  readonly form: URLSearchParams;
  /** For the forms of the page. */
  readonly csrf: string;
  readonly user: User;
}

interface Content {
  readonly title: string;
  readonly content: VNode;
  /** Default 200; a form that is shown again for its errors is 422. */
  readonly status?: number;
  /** Path of the entry of the navigation that the page belongs to. */
  readonly current?: string;
  /** The page has a `Secret` to copy. */
  readonly script?: boolean;
  /** It shows the log of a build, and follows it. */
  readonly follows?: boolean;
  /** It shows charts. */
  readonly images?: boolean;
  /** Where its forms may lead besides this server (CSP `form-action`). */
  readonly formAction?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  /** One narrow card without navigation: for who is not signed in, or in the middle of something else. */
  readonly solo?: boolean;
}

interface Redirect {
  /** A path of ours or a whole address; sent as 303. `?done=<key>` has the next page say what was done. */
  readonly redirect: string;
}

/** A picture on a page. */
interface Image {
  readonly svg: string;
}

/** What a page's script, or its reader, gets as it is made. */
interface Stream {
  readonly stream: Pour;
  readonly type: 'text/event-stream' | 'text/plain; charset=utf-8';
}

export type PageAnswer = Content | Redirect | Image | Stream;

type Run<User> = (req: PageRequest<User>) => Promise<PageAnswer> | PageAnswer;

export interface PageRoute {
  readonly method: 'get' | 'post';
  /** With `{name}` for a segment that varies. */
  readonly path: string;
  readonly access: Access;
  /** Takes posts from anywhere, whatever is in them: what its address says is proof enough. */
  readonly open?: true;
  run(req: PageRequest<PageUser | undefined>): Promise<PageAnswer> | PageAnswer;
}

/** A page to look at. It changes nothing. */
export function get(path: string, access: 'public', run: Run<PageUser | undefined>): PageRoute;
export function get(path: string, access: Role, run: Run<PageUser>): PageRoute;
export function get(path: string, access: Access, run: Run<never>): PageRoute {
  return { method: 'get', path, access, run: run as PageRoute['run'] };
}

/** What a form does. It answers with a redirect, or the form again with what is wrong. */
export function post(path: string, access: 'public', run: Run<PageUser | undefined>): PageRoute;
export function post(path: string, access: Role, run: Run<PageUser>): PageRoute;
export function post(path: string, access: Access, run: Run<never>): PageRoute {
  return { method: 'post', path, access, run: run as PageRoute['run'] };
}
