import { createHash } from 'node:crypto';

export interface StatementNames {
  /** The name under which this SQL text is prepared; undefined: prepare it without one. */
  nameOf(text: string): string | undefined;
  /** Prepares the text anew on every connection from now on. */
  renew(text: string): void;
}

/**
 * Names by hash of the text. Each connection keeps every statement it has prepared for as long as it lives, so only
 * the first `limit` texts get one: a query whose text varies without end must not fill the server's memory.
 */
export function createStatementNames(limit = 500): StatementNames {
  const names = new Map<string, string>();
  let renewals = 0;
  const hash = (text: string) => createHash('sha256').update(text).digest('base64url').slice(0, 20);
  return {
    nameOf(text) {
      const known = names.get(text);
      if (known !== undefined || names.size >= limit) return known;
      const name = hash(text);
      names.set(text, name);
      return name;
    },
    renew(text) {
      renewals += 1;
      if (names.has(text)) names.set(text, `${hash(text)}.${renewals}`);
    },
  };
}

/**
 * Whether the statement did not run because its preparation is out of date: another process has migrated the table
 * (0A000 cached plan must not change result type) or the connection lost it (26000, for example behind pgbouncer).
 */
export function isStale(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return error.code === '26000' || (error.code === '0A000' && error.message.startsWith('cached plan'));
}
