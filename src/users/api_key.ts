import { randomBytes } from 'node:crypto';

/** A new personal API key: `ct_` and 32 random bytes in base64url. Shown once; only its hash is stored. */
export function newApiKey(): string {
  return `ct_${randomBytes(32).toString('base64url')}`;
}
