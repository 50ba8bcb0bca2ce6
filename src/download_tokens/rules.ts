import { type Failure, fail } from '../errors/fail.ts';

const DAY = 24 * 60 * 60 * 1000;

/** When a token minted at `now` ends: in 24 hours, or sooner where asked; never later (S0: "the 24-hour token"). */
export function expiryOf(now: Date, asked: string | undefined): Date {
  const latest = now.getTime() + DAY;
  if (asked === undefined) return new Date(latest);
  const at = Date.parse(asked);
  // A minute's grace, for a caller that adds 24 hours on its own clock.
  if (!(at > now.getTime() && at <= latest + 60_000)) throw fail('invalid_format', { field: 'expiresAt' });
  return new Date(Math.min(at, latest));
}

export type TokenStatus = 'active' | 'expired' | 'revoked' | 'used_up';

interface TokenState {
  readonly expires_at: Date;
  readonly revoked_at: Date | null;
  readonly max_downloads: number | null;
  readonly download_count: number;
}

export function tokenStatus(token: TokenState, now: Date): TokenStatus {
  if (token.revoked_at !== null) return 'revoked';
  if (token.expires_at <= now) return 'expired';
  return isUsedUp(token) ? 'used_up' : 'active';
}

export function isUsedUp({
  max_downloads,
  download_count,
}: Pick<TokenState, 'max_downloads' | 'download_count'>): boolean {
  return max_downloads !== null && download_count >= max_downloads;
}

/** Why nothing more is served under a token, whatever is open; being used up still lets an open download resume. */
export function refusalOf(
  token: TokenState & { version_status: string; suspended: boolean },
  now: Date,
): Failure | undefined {
  if (token.suspended) return fail('resource_temporary_unavailable', { field: 'token', status: 403 });
  if (token.revoked_at !== null || token.version_status !== 'ready') return fail('revoked', { field: 'token' });
  if (token.expires_at <= now) return fail('expired', { field: 'token' });
  return undefined;
}
