import { randomBytes } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { Failure } from '../errors/fail.ts';
import type { OperationId } from '../http/handler.ts';
import { once } from '../http/idempotency.ts';
import type { Outcome } from '../http/outcome.ts';
import type { PageRequest } from './page.ts';

/** Name of the hidden field that tells one opening of a form from another: when it was opened, and 16 random bytes. */
export const FORM_KEY = 'form_key';

const KEY = /^(\d{13})\.[\w-]{22}$/;
/** Less than the 24 hours for which a form that was sent is remembered. */
const LIFE = 20 * 60 * 60 * 1000;
/** Clocks of two servers may differ by this much. */
const SKEW = 60_000;

export function newFormKey(now: Date): string {
  return `${now.getTime()}.${randomBytes(16).toString('base64url')}`;
}

/**
 * `first`: what this form made. `again`: it was sent before (a reload, a second click). `stale`: nothing was done, since
 * it was opened long ago or was sent before with other words; it should be shown anew.
 */
export type Sent<T> = { readonly first: T } | 'again' | 'stale';

/**
 * Runs what a form asks for once, however often it is sent, for forms whose answer shows a secret: a reload must neither
 * make a second one nor show the first one again. `operation` is the API's name for the same.
 */
export async function submitOnce<T>(
  { deps, user, form }: PageRequest,
  operation: OperationId,
  run: (tx: Transaction<DB>) => Promise<T>,
): Promise<Sent<T>> {
  const key = form.get(FORM_KEY) ?? '';
  if (!isFresh(key, deps.clock())) return 'stale';
  let last: { readonly outcome: Outcome; readonly made: T } | undefined;
  const request = { operation: { id: operation }, principal: user, key: `form ${key}`, content: contentOf(form) };
  try {
    const outcome = await once(deps, request, async (tx) => {
      last = { made: await run(tx), outcome: { ...NOTHING } };
      return last.outcome;
    });
    // A stored outcome is another object: only the one of this run comes back as itself.
    return last?.outcome === outcome ? { first: last.made } : 'again';
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.code === 'request_in_progress') return 'again';
    if (error.code === 'idempotency_key_reused') return 'stale';
    throw error;
  }
}

/** All that is remembered of the answer: that there was one. */
const NOTHING: Outcome = { status: 303, type: undefined, headers: {}, body: undefined };

function isFresh(key: string, now: Date): boolean {
  const age = now.getTime() - Number(KEY.exec(key)?.[1]);
  return age > -SKEW && age < LIFE;
}

/** The form's fields but for `csrf`, which changes with the session. */
function contentOf(form: URLSearchParams): string {
  const fields = new URLSearchParams(form);
  fields.delete('csrf');
  return fields.toString();
}
