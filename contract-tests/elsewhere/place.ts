import { request as http } from 'node:http';
import { request as https } from 'node:https';
import { buffer } from 'node:stream/consumers';
import type { Exchange } from '../../src/testing/check.ts';
import type { Documented } from '../../src/testing/document.ts';
import { parseLossless } from '../../src/testing/lossless.ts';
import type { Plan } from '../recipes/plan.ts';
import { write } from '../recipes/write.ts';

const PATIENCE_MS = 60_000;

/** The server under test, and the user in whose name it is asked. */
export interface Place {
  readonly url: string;
  readonly key: string;
}

/** Sends a plan; redirects are answers, and not followed. */
export async function ask({ url, key }: Place, operation: Documented, plan: Plan): Promise<Exchange> {
  const { method, path, headers, body } = write(operation, plan, url, key);
  const send = url.startsWith('https:') ? https : http;
  const length = body.length === 0 ? {} : { 'Content-Length': String(body.length) };
  const all = { 'User-Agent': 'continuity-contract', ...headers, ...length };
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const request = send(url + path, { method, headers: all, signal }, (response) => {
      buffer(response).then((received) => {
        const requestBody = jsonIn({ body });
        resolve({
          method,
          path,
          requestBody,
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: received,
        });
      }, reject);
    });
    request.once('error', reject);
    request.end(body);
  });
}

/** The JSON of an answer; undefined where it is none, which the judge says where it matters. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- read with care: nobody has vouched for it
export function jsonIn({ body }: Pick<Exchange, 'body'>): any {
  try {
    return parseLossless(body.toString());
  } catch {
    return undefined;
  }
}
