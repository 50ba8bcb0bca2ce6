import type { Context } from 'koa';
import type { VNode } from 'preact';
import type { Deps } from '../deps.ts';
import type { Customer } from './customer.ts';

/** A request for a page of the portal, after the checks that its route asks for. */
export interface PortalRequest<Who = Customer> {
  readonly deps: Deps;
  readonly koa: Context;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Empty on GET. Its values have no NUL and no half characters. */
  readonly form: URLSearchParams;
  /** For the forms of the page. */
  readonly csrf: string;
  readonly customer: Who;
}

interface Content {
  readonly title: string;
  readonly content: VNode;
  /** Default 200; a form that is shown again for its errors is 422. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A wide page with a bar on top; else one card. For who is signed in. */
  readonly wide?: boolean;
}

export type PortalAnswer = Content | { /** A path of ours, sent as 303. */ readonly redirect: string };

type Run<Who> = (req: PortalRequest<Who>) => Promise<PortalAnswer> | PortalAnswer;

export interface PortalRoute {
  readonly method: 'get' | 'post';
  /** With `{name}` for a segment that varies. */
  readonly path: string;
  /** Whether only a customer who is signed in gets there. */
  readonly closed: boolean;
  run(req: PortalRequest<Customer | undefined>): Promise<PortalAnswer> | PortalAnswer;
}

/** A page for everybody, signed in or not. */
export function open(method: PortalRoute['method'], path: string, run: Run<Customer | undefined>): PortalRoute {
  return { method, path, closed: false, run };
}

/** A page for customers who are signed in. */
export function closed(method: PortalRoute['method'], path: string, run: Run<Customer>): PortalRoute {
  return { method, path, closed: true, run: run as PortalRoute['run'] };
}
