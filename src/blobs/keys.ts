/** No dot and no empty segment can match, so a key can never leave the root of a store. */
const KEY = /^(?:packs|manifests)\/[a-z0-9][a-z0-9_-]{0,127}\/[0-9a-f]{64}$|^archives\/[0-9]{1,20}$/;
const HASH = /^[0-9a-f]{64}$/;

/** Throws a RangeError on anything that is not a key of ours. */
export function assertKey(key: string): void {
  if (!KEY.test(key)) throw new RangeError(`not a blob key: ${JSON.stringify(key)}`);
}

/** True where the key itself promises what the bytes are. */
export function isContentAddressed(key: string, sha256: string | undefined): boolean {
  return sha256 !== undefined && HASH.test(sha256) && key.endsWith(`/${sha256}`);
}

/** Relative path of a key: named by hash → one more level by its first byte, so that no folder grows too long. */
export function keyToPath(key: string): string {
  assertKey(key);
  const cut = key.lastIndexOf('/');
  const name = key.slice(cut + 1);
  return HASH.test(name) ? `${key.slice(0, cut)}/${name.slice(0, 2)}/${name}` : key;
}

/** Inverse of keyToPath; undefined for a file that is not a blob. */
export function pathToKey(path: string): string | undefined {
  const key = path.replace(/\/[0-9a-f]{2}\/([0-9a-f]{64})$/, '/$1');
  return KEY.test(key) && keyToPath(key) === path ? key : undefined;
}

export function packKey(orgId: string, sha256: string): string {
  return `packs/${orgId}/${sha256}`;
}

export function manifestKey(orgId: string, sha256: string): string {
  return `manifests/${orgId}/${sha256}`;
}

export function archiveKey(versionId: string): string {
  return `archives/${versionId}`;
}
