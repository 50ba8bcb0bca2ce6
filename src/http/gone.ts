import type { ServerResponse } from 'node:http';

/** Aborts when nobody reads the answer any more: the client hung up, or has it. */
export function whenGone(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  if (response.destroyed) gone.abort();
  else response.once('close', () => gone.abort());
  return gone.signal;
}
