/** Resolves after `ms`; rejects when the signal aborts. */
export type Wait = (ms: number, signal?: AbortSignal) => Promise<void>;

const FIRST_MS = 250;
const LONGEST_MS = 30_000;
const LONGEST_RETRY_AFTER_MS = 120_000;

/** Tries of one request in all, over about a minute. */
export const TRIES = 9;

/** Milliseconds before try `attempt` + 1 (the first try is 1); Retry-After (seconds or a date) lengthens it. */
export function retryDelay(attempt: number, retryAfter: string | null, now: number): number {
  const backoff = Math.min(FIRST_MS * 2 ** (attempt - 1), LONGEST_MS);
  if (retryAfter === null || retryAfter.trim() === '') return backoff;
  const asked = /^\d+$/.test(retryAfter.trim()) ? Number(retryAfter) * 1_000 : Date.parse(retryAfter) - now;
  return Number.isNaN(asked) ? backoff : Math.min(Math.max(asked, 0), LONGEST_RETRY_AFTER_MS);
}

/** Answers that say "not now"; 409 `request_in_progress` comes with Retry-After and is told apart by it. */
export function isTemporary(status: number, retryAfter: string | null): boolean {
  return status >= 500 || status === 408 || status === 425 || status === 429 || (status === 409 && retryAfter !== null);
}
