import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import proxyAddr from 'proxy-addr';
import type { Config } from '../config.ts';

type Trust = Config['trustProxy'];

/** Whether the request came over TLS: to this server itself, or to a trusted proxy that says so. */
export function isSecure(request: IncomingMessage, trust: Trust): boolean {
  if ((request.socket as TLSSocket).encrypted) return true;
  const proto = request.headers['x-forwarded-proto'];
  if (typeof proto !== 'string') return false;
  if (!trust(request.socket.remoteAddress ?? '', 0)) return false;
  return proto.split(',')[0]?.trim() === 'https';
}

/** The client's address, seen through trusted proxies only. */
export function clientAddress(request: IncomingMessage, trust: Trust): string {
  return proxyAddr(request, trust) ?? '';
}
