import { setTimeout as delay } from 'node:timers/promises';
import { type Answered, exchange } from './exchange.ts';
import { explain } from './explain.ts';
import { PublishError } from './publish_error.ts';
import { isTemporary, retryDelay, TRIES, type Wait } from './retry.ts';

export interface ApiOptions {
  /** Of the server, with or without a path. */
  url: string;
  apiKey: string;
  signal?: AbortSignal | undefined;
  wait?: Wait | undefined;
}

export interface ApiRequest {
  /** What is being done, as in "uploading a pack": for messages. */
  doing: string;
  json?: unknown;
  /** Sent one after the other. */
  bytes?: readonly Uint8Array[];
  headers?: Record<string, string>;
  /** Statuses beside 2xx that are an answer, not an error. */
  accept?: readonly number[];
}

export interface ApiAnswer {
  status: number;
  /** undefined where the body is empty or not JSON. */
  json: unknown;
}

export interface Api {
  /** Repeats on cut connections and temporary answers; rejects with a PublishError. */
  request(method: string, path: string, request: ApiRequest): Promise<ApiAnswer>;
  wait: Wait;
}

/** A stalled connection is given up after this and tried again. */
const REQUEST_TIMEOUT_MS = 10 * 60_000;

export function createApi({ url, apiKey, signal, wait = pause }: ApiOptions): Api {
  const base = url.replace(/\/+$/, '');

  function once(method: string, path: string, { json, bytes, headers }: ApiRequest): Promise<Answered> {
    const type = bytes ? 'application/octet-stream' : json === undefined ? undefined : 'application/json';
    return exchange(base + path, {
      method,
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${apiKey}`,
        ...(type && { 'content-type': type }),
        ...headers,
      },
      body: bytes ?? (json === undefined ? [] : [Buffer.from(JSON.stringify(json))]),
      signal,
      timeout: REQUEST_TIMEOUT_MS,
    });
  }

  async function request(method: string, path: string, options: ApiRequest): Promise<ApiAnswer> {
    for (let attempt = 1; ; attempt++) {
      let retryAfter: string | null = null;
      try {
        const { status, text, ...answered } = await once(method, path, options);
        const answer = { status, json: parse(text) };
        if ((status >= 200 && status < 300) || options.accept?.includes(status)) return answer;
        retryAfter = answered.retryAfter;
        if (!isTemporary(status, retryAfter) || attempt >= TRIES) throw explain(options.doing, answer);
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof PublishError) throw error;
        if (attempt >= TRIES) throw unreachable(base, options.doing, error);
      }
      await wait(retryDelay(attempt, retryAfter, Date.now()), signal);
    }
  }

  return { request, wait };
}

async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await delay(ms, undefined, signal ? { signal } : {});
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unreachable(base: string, doing: string, error: unknown): PublishError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const why = cause instanceof Error ? ('code' in cause && cause.code ? String(cause.code) : cause.message) : '';
  return new PublishError(
    `${base} cannot be reached (${why}) while ${doing}. What was uploaded stays there: run the command again to go on.`,
    { cause: error },
  );
}
