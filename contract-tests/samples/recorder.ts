import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An exchange as it went over the wire. */
export interface Exchange {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly status: number;
  readonly answer: Buffer;
}

export interface Recorder {
  /** A URL of the server for one sample: what comes this way is recorded under the name. */
  urlFor(name: string): string;
  exchanges(name: string): readonly Exchange[];
  stop(): Promise<void>;
}

/** Stands between the samples and the server, and notes what is said. */
export async function startRecorder(target: string): Promise<Recorder> {
  const recorded = new Map<string, Exchange[]>();
  const server = createServer(async (incoming, outgoing) => {
    const [, name = '', path = '/'] = /^\/([^/]+)(.*)$/.exec(incoming.url ?? '') ?? [];
    const { method = '', headers } = incoming;
    const body = Buffer.concat(await incoming.toArray());
    const { host: _host, 'transfer-encoding': _coding, expect: _expect, ...passed } = headers;
    const length = body.length > 0 ? { 'content-length': body.length } : {};
    const asked = request(target + path, { method, headers: { ...passed, ...length } }, async (answered) => {
      const { statusCode: status = 0 } = answered;
      const answer = Buffer.concat(await answered.toArray());
      recorded.set(name, [...(recorded.get(name) ?? []), { method, path, headers, body, status, answer }]);
      outgoing.writeHead(status, answered.headers).end(answer);
    });
    asked.on('error', () => outgoing.destroy()).end(body);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    urlFor: (name) => `http://127.0.0.1:${port}/${name}`,
    exchanges: (name) => recorded.get(name) ?? [],
    stop: () =>
      new Promise((stopped) => {
        server.close(() => stopped());
        server.closeAllConnections();
      }),
  };
}
