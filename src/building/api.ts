import { setTimeout as pause } from 'node:timers/promises';
import { exchange } from '../publish/exchange.ts';
import { isTemporary, retryDelay } from '../publish/retry.ts';

export interface ApiOptions {
  readonly url: string;
  readonly token: string;
  /** Called at the first failure of a request, and when it succeeds after all. */
  readonly onTrouble: (what: string) => void;
}

export interface Asked {
  readonly json?: unknown;
  readonly bytes?: readonly Uint8Array[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
}

export interface Answer {
  readonly status: number;
  /** undefined where the body is none. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the server's answers fit its document
  readonly json: any;
}

export interface Api {
  /**
   * Repeats on cut connections and temporary answers until the signal aborts, then rejects with its reason. Every call of
   * a runner may be repeated.
   */
  request(method: string, path: string, asked: Asked): Promise<Answer>;
}

const TIMEOUT_MS = 30_000;

export function createApi({ url, token, onTrouble }: ApiOptions): Api {
  const base = url.replace(/\/+$/, '');

  function once(method: string, path: string, { json, bytes, headers, signal, timeoutMs = TIMEOUT_MS }: Asked) {
    const type = bytes ? 'application/octet-stream' : json === undefined ? undefined : 'application/json';
    return exchange(base + path, {
      method,
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${token}`,
        ...(type && { 'content-type': type }),
        ...headers,
      },
      body: bytes ?? (json === undefined ? [] : [Buffer.from(JSON.stringify(json))]),
      signal,
      timeout: timeoutMs,
    });
  }

  return {
    async request(method, path, asked) {
      for (let attempt = 1; ; attempt++) {
        asked.signal.throwIfAborted();
        let retryAfter: string | null = null;
        let trouble: string;
        try {
          const answer = await once(method, path, asked);
          if (!isTemporary(answer.status, answer.retryAfter)) {
            if (attempt > 1) onTrouble(`${base} answers again`);
            return { status: answer.status, json: parse(answer.text) };
          }
          retryAfter = answer.retryAfter;
          trouble = `${base} answered ${answer.status}`;
        } catch (error) {
          asked.signal.throwIfAborted();
          trouble = `${base} cannot be reached (${reason(error)})`;
        }
        if (attempt === 1) onTrouble(`${trouble}: trying again`);
        await pause(retryDelay(attempt, retryAfter, Date.now()), undefined, { signal: asked.signal }).catch(
          () => undefined,
        );
      }
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
