import { type Failure, fail } from '../errors/fail.ts';

export type VersionStatus = 'processing' | 'ready' | 'failed' | 'yanked';

/** Why a version cannot be activated or yanked in its state; `undefined` when it can. */
export function refusal(status: VersionStatus, wanted: 'activate' | 'yank'): Failure | undefined {
  if (status === 'processing') return fail('resource_temporary_unavailable', { field: 'versionId' });
  if (status === 'failed') return fail('conflict', { field: 'versionId' });
  if (status === 'yanked' && wanted === 'activate') return fail('conflict', { field: 'versionId' });
  return undefined;
}

/**
 * What a manifest for a version number that exists comes to: the same content is the version that is there, a failed
 * version takes new content, anything else is `already_exists`, since a number never changes its meaning.
 */
export function onExisting(status: VersionStatus, sameContent: boolean): 'same' | 'replace' | 'already_exists' {
  if (status === 'failed') return 'replace';
  return sameContent && status !== 'yanked' ? 'same' : 'already_exists';
}
