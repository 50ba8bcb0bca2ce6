import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { expect } from 'vitest';
import type { TestServer } from './serve_on.ts';

/** An answer that is read while it goes on. */
export interface TestStream {
  readonly response: IncomingMessage;
  /** What has come. */
  text(): string;
  /** What has come, without empty lines, which are signs of life. */
  lines(): string[];
  /** Resolves when so many lines are there. */
  until(count: number): Promise<string[]>;
  /** Resolves when it has ended; `cut` when not as it should. */
  ended(): Promise<'whole' | 'cut'>;
  hangUp(): void;
}

export async function openStream(
  { url }: Pick<TestServer, 'url'>,
  path: string,
  as: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<TestStream> {
  const sent = request(`${url}${path}`, { headers: { authorization: `Bearer ${as}`, ...headers }, agent: false }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<'whole' | 'cut'>((resolve) => {
    response.once('error', () => resolve('cut'));
    response.once('close', () => resolve(response.complete ? 'whole' : 'cut'));
  });
  const text = () => Buffer.concat(chunks).toString();
  const lines = () => text().split('\n').slice(0, -1).filter(Boolean);
  return {
    response,
    text,
    lines,
    async until(count) {
      await expect.poll(() => lines().length, { timeout: 10_000, interval: 5 }).toBeGreaterThanOrEqual(count);
      return lines();
    },
    ended: () => ended,
    hangUp: () => void sent.destroy(),
  };
}
