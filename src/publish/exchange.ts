import { Agent, type IncomingMessage, type RequestOptions, request } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { text } from 'node:stream/consumers';

export interface Sent {
  method: string;
  headers: Record<string, string>;
  /** Sent one after the other; empty: no body. */
  body: readonly Uint8Array[];
  signal?: AbortSignal | undefined;
  /** Milliseconds until it is given up. */
  timeout: number;
}

export interface Answered {
  status: number;
  retryAfter: string | null;
  text: string;
}

const PLAIN = new Agent({ keepAlive: true });
const TLS = new TlsAgent({ keepAlive: true });

/**
 * One request over kept-alive connections. `fetch` would copy each pack twice, which costs more than hashing it.
 * Follows no redirect. Rejects when the connection fails, no answer comes in time, or with the reason of
 * the signal.
 */
export async function exchange(url: string, { timeout, signal, ...sent }: Sent): Promise<Answered> {
  // Held by its timer: Node 20 lets go of an AbortSignal.timeout that only AbortSignal.any listens to.
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new Error('no answer in time')), timeout);
  const given = signal ? AbortSignal.any([signal, late.signal]) : late.signal;
  return send(url, { ...sent, signal: given }).finally(() => clearTimeout(timer));
}

async function send(url: string, { method, headers, body, signal }: Omit<Sent, 'timeout'>): Promise<Answered> {
  const target = new URL(url);
  const [ask, agent] = target.protocol === 'https:' ? [tlsRequest, TLS] : [request, PLAIN];
  const size = body.reduce((sum, bytes) => sum + bytes.length, 0);
  const length = body.length === 0 ? {} : { 'content-length': String(size) };
  const answer = await answerOf(
    ask,
    target,
    { method, agent, ...(signal && { signal }), headers: { ...headers, ...length } },
    body,
  );
  const retryAfter = answer.headers['retry-after'] ?? null;
  return { status: answer.statusCode ?? 0, retryAfter, text: await text(answer) };
}

function answerOf(
  ask: typeof request,
  target: URL,
  options: RequestOptions,
  body: Sent['body'],
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    // After the answer has begun, an error of the request no longer matters: a server may refuse before it read all.
    const sending = ask(target, options, resolve).on('error', reject);
    for (const bytes of body) sending.write(bytes);
    sending.end();
  });
}
