import { type Failure, fail } from '../errors/fail.ts';
import type { SkipReason } from '../mail/mail.ts';
import type { Vault } from '../secrets/vault.ts';

interface Release {
  readonly status: string;
  readonly activated_at: Date | null;
}

/** Why a version cannot be announced in its state: customers must be able to download it, so it was activated once. */
export function refusal({ status, activated_at }: Release): Failure | undefined {
  if (status === 'processing') return fail('resource_temporary_unavailable', { field: 'versionId' });
  return status === 'ready' && activated_at !== null ? undefined : fail('conflict', { field: 'versionId' });
}

interface Standing {
  readonly ready: boolean;
  readonly paid: boolean;
  readonly unsubscribed: boolean;
}

/** Why somebody is not told of a version after all. */
export function skipReason({ ready, paid, unsubscribed }: Standing): SkipReason | undefined {
  if (!ready) return 'withdrawn';
  if (!paid) return 'refunded';
  return unsubscribed ? 'unsubscribed' : undefined;
}

/** Somebody who gets news of an organisation's products. */
export interface Reader {
  readonly organisationId: string;
  /** Normalised. */
  readonly email: string;
}

const PURPOSE = 'unsubscribe';

/** The end of a link that works for ever, tells nobody the address, and which only this server can write. */
export function unsubscribeToken(vault: Vault, { organisationId, email }: Reader): string {
  return vault.seal(Buffer.from(JSON.stringify([organisationId, email])), PURPOSE).toString('base64url');
}

/** Undefined for what is none of ours. */
export function openUnsubscribeToken(vault: Vault, token: string): Reader | undefined {
  try {
    const [organisationId, email] = JSON.parse(vault.open(Buffer.from(token, 'base64url'), PURPOSE).toString()) as [
      string,
      string,
    ];
    return { organisationId, email };
  } catch {
    return undefined;
  }
}
