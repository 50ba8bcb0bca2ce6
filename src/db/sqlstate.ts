export type DatabaseCode = 'unavailable' | 'already_exists' | 'conflict' | 'unauthorized';

const SYSTEM = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EACCES',
]);
/** Foreign keys that lead to users. */
const BY_USER = /_(created_by|user_id)_fkey$/;
/** What pg and pg-pool say without any code. */
const SAID =
  /^(Connection terminated|timeout exceeded when trying to connect|Client (has encountered|was closed)|Query read timeout|Cannot use a pool after)/;

/**
 * The one table from what the database or the way to it says to our codes (PostgreSQL, appendix A); undefined: a
 * mistake of ours. System errors count only when they come from a socket, so a missing file is not "unavailable".
 */
export function codeOf(error: unknown): DatabaseCode | undefined {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  if (!(error instanceof Error)) return undefined;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === '23505') return 'already_exists';
  // What a user was making while somebody removed them.
  if (code === '23503' && 'constraint' in error && BY_USER.test(String(error.constraint))) return 'unauthorized';
  if (code === '40001' || code === '40P01') return 'conflict';
  // 08: connection, 53: disk full, out of memory, too many connections, 57P: shutting down, 58030: disk I/O error,
  // 3D000: no such database, as while a backup is being restored
  if (/^(08|53)\w{3}$|^57P\w{2}$/.test(code) || ['57014', '58030', '3D000'].includes(code)) return 'unavailable';
  if (SYSTEM.has(code) && 'syscall' in error && /^(connect|read|write|getaddrinfo)$/.test(String(error.syscall))) {
    return 'unavailable';
  }
  return SAID.test(error.message) ? 'unavailable' : undefined;
}

/**
 * Whether the database lives and took the statement back, which may have been too large for it: 53200 is out of memory,
 * that of locks too, 57014 is its time limit.
 */
export function isUndone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === '53200' || error.code === '57014');
}
