import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import pLimit from 'p-limit';
import { fail } from '../errors/fail.ts';
import { COMMON_PASSWORDS } from './common_passwords.ts';
import { type Cost, COST } from './password_cost.ts';

const derive = promisify(
  scrypt as (
    password: string,
    salt: Buffer,
    length: number,
    options: object,
    done: (error: Error | null, key: Buffer) => void,
  ) => void,
);

const KEY_BYTES = 32;

/**
 * Each one keeps a core and 64 MiB busy for a third of a second, on a thread of the pool that files are read on too.
 * Two at once leave half of the pool, and the event loop its turn (`npm run bench -- sign_in`).
 */
const AT_ONCE = 2;
/** Whoever came later would wait for half a minute. */
const MOST_WAITING = 100;
const limit = pLimit(AT_ONCE);

function stretch(password: string, salt: Buffer, { N, r, p }: Cost): Promise<Buffer> {
  if (limit.pendingCount >= MOST_WAITING) throw fail('unavailable', { headers: { 'Retry-After': '10' } });
  const options = { N, r, p, maxmem: 256 * N * r + 256 * r * p };
  return limit(() => derive(password.normalize('NFC'), salt, KEY_BYTES, options));
}

/** `scrypt$N$r$p$salt$key`, both in base64url; computed off the event loop. Rejects with `unavailable` under a flood. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await stretch(password, salt, COST);
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), key.toString('base64url')].join('$');
}

/** What is compared with where there is nobody: the same work, so that the time tells nothing. It fits no password. */
const NOBODY = { ...COST, salt: randomBytes(16), key: randomBytes(KEY_BYTES) };

/** Whether it is the stored one; null (no such user, or one without a password) takes as long and is false. */
export async function verifyPassword(stored: string | null, password: string): Promise<boolean> {
  const { salt, key, ...cost } = stored === null ? NOBODY : parse(stored);
  const given = await stretch(password, salt, cost);
  // The rest of the work, where the stored one was cheaper.
  if (cost.p < COST.p) await stretch(password, salt, { ...cost, p: COST.p - cost.p });
  return timingSafeEqual(given, key) && stored !== null;
}

/** Whether it was stored at another cost than today's, and should be hashed again when the password is at hand. */
export function isOutdated(stored: string): boolean {
  const { N, r, p } = parse(stored);
  return N !== COST.N || r !== COST.r || p !== COST.p;
}

function parse(stored: string) {
  const [scheme, N, r, p, salt = '', key = ''] = stored.split('$');
  const bytes = Buffer.from(key, 'base64url');
  if (scheme !== 'scrypt' || bytes.length !== KEY_BYTES) throw new Error('a stored password is not in our format');
  return { N: Number(N), r: Number(r), p: Number(p), salt: Buffer.from(salt, 'base64url'), key: bytes };
}

const SHORTEST = 12;
const LONGEST = 200;

/**
 * What a new password must be (NIST SP 800-63B §5.1.1.2): long, no matter of what, and none of those that are tried
 * first. Fails with `is_blank` or `invalid_format` at `field`.
 */
export function checkNewPassword(
  password: string,
  { email, field = 'password' }: { email: string; field?: string },
): void {
  if (password === '') throw fail('is_blank', { field });
  const { length } = [...password.normalize('NFC')];
  const lower = password.toLowerCase();
  const guessed = COMMON_PASSWORDS.has(lower) || lower === email || new Set(lower).size < 3;
  if (length < SHORTEST || length > LONGEST || guessed) throw fail('invalid_format', { field });
}
