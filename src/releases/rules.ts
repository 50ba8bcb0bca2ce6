import { type Failure, fail } from '../errors/fail.ts';
import type { Vault } from '../secrets/vault.ts';

/** Why a version cannot be announced in its state: customers must be able to download it. */
export function refusal(status: string): Failure | undefined {
  if (status === 'processing') return fail('resource_temporary_unavailable', { field: 'versionId' });
  return status === 'ready' ? undefined : fail('conflict', { field: 'versionId' });
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
