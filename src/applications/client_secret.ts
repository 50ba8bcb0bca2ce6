import { randomBytes } from 'node:crypto';

/** A new client secret: `cts_` and 32 random bytes in base64url. Shown once; only its hash is stored. */
export function newClientSecret(): string {
  return `cts_${randomBytes(32).toString('base64url')}`;
}
