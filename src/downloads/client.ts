import type { Context } from 'koa';
import type { Deps } from '../deps.ts';
import { clientAddress } from '../http/transport.ts';
import type { Client } from './queries.ts';

/** Who downloads, as far as a server can tell: a session belongs to a token, an address and a user agent. */
export function clientOf({ config }: Deps, koa: Context): Client {
  const userAgent = koa.req.headers['user-agent'] ?? '';
  return { address: clientAddress(koa.req, config.trustProxy), userAgent: userAgent.slice(0, 512) };
}
