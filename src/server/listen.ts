import { readFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Config } from '../config.ts';

const SECOND = 1000;

export interface Listening {
  /** The port that was taken; differs from the configured one where that was 0. */
  readonly port: number;
  /** Takes no new request, lets those under way finish within `seconds`, then cuts them. */
  stop(seconds: number): Promise<void>;
}

/** Serves plain HTTP, or TLS where a certificate is configured. */
export async function listen(
  handler: RequestListener,
  config: Pick<Config, 'host' | 'port' | 'tls'>,
): Promise<Listening> {
  // A pack of 16 MiB over a slow line takes minutes; headers must come at once.
  const options = { requestTimeout: 600 * SECOND, headersTimeout: 60 * SECOND, keepAliveTimeout: 75 * SECOND };
  const server = config.tls
    ? createTlsServer(
        { ...options, cert: await readFile(config.tls.certFile), key: await readFile(config.tls.keyFile) },
        handler,
      )
    : createServer(options, handler);
  // A client that stops reading or sending for so long is gone; its download can be resumed.
  server.setTimeout(120 * SECOND);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.port, config.host, resolve);
  });
  return { port: (server.address() as AddressInfo).port, stop: (seconds) => stop(server, seconds) };
}

function stop(server: Server, seconds: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), seconds * SECOND);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
