import { createHash } from 'node:crypto';
import type { Deps } from '../deps.ts';

/** Binds the sealed bytes to what they are. */
const PURPOSE = 'device';

/**
 * What a browser keeps after a sign-in: proof that this account signed in from it before. It signs nobody in; it only
 * lets the owner try while others guess (OWASP, "Device cookies").
 */
export function sealDevice({ vault }: Pick<Deps, 'vault'>, email: string): string {
  return vault.seal(digest(email), PURPOSE).toString('base64url');
}

/** A name for the browser that signed in to this account before; undefined when it did not, or the value is not ours. */
export function openDevice({ vault }: Pick<Deps, 'vault'>, email: string, value: string): string | undefined {
  const sealed = Buffer.from(value.slice(0, 1024), 'base64url');
  try {
    if (!vault.open(sealed, PURPOSE).equals(digest(email))) return undefined;
  } catch {
    return undefined;
  }
  return digest(sealed).toString('hex');
}

function digest(bytes: string | Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
