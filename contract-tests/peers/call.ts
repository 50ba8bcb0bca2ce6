import { readFile } from 'node:fs/promises';
import * as http from 'node:http';
import * as https from 'node:https';
import type { Site } from './site.ts';

export interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  text: string;
}

/** One request to the server, trusting only the run's own authority. */
export async function call(
  { url, caFile }: Pick<Site, 'url' | 'caFile'>,
  method: string,
  path: string,
  { key, json }: { key?: string; json?: unknown } = {},
): Promise<Answer> {
  const ca = caFile === undefined ? undefined : await readFile(caFile);
  const headers = {
    ...(key !== undefined && { authorization: `Bearer ${key}` }),
    ...(json !== undefined && { 'content-type': 'application/json' }),
  };
  return new Promise((resolve, reject) => {
    const receive = (response: http.IncomingMessage) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
      response.on('error', reject);
    };
    const options = { method, headers, agent: false } as const;
    const target = new URL(path, url);
    const sending = ca ? https.request(target, { ...options, ca }, receive) : http.request(target, options, receive);
    sending.on('error', reject);
    sending.end(json === undefined ? undefined : JSON.stringify(json));
  });
}
