/**
 * A backup is one tar: `BACKUP.json`, the tables in the order in which they can be loaded, each as numbered parts
 * `tables/<name>/<n>` of PostgreSQL's text COPY format, the blobs under their own keys, and `MANIFEST.json`, whose
 * presence proves that nothing is missing at the end.
 */
export interface Opening {
  format: 1;
  createdAt: string;
  /** Names of the migrations that made the schema. */
  migrations: string[];
}

export interface Totals {
  tables: Record<string, { rows: number; sha256: string }>;
  blobs: { count: number; bytes: number };
  /** SHA-256 of the blobs whose key does not name it. */
  sha256: Record<string, string>;
}

/** The archive is damaged, cut off, or made for another schema; or the database is not empty. Nothing was restored. */
export class CannotRestore extends Error {
  override name = 'CannotRestore';
}

export const OPENING = 'BACKUP.json';
export const TOTALS = 'MANIFEST.json';
export const PART_SIZE = 4 * 1024 * 1024;

export function partName(table: string, number: number): string {
  return `tables/${table}/${String(number).padStart(6, '0')}`;
}

/** The table that an entry is part of. */
export function tableOf(entry: string): string | undefined {
  return /^tables\/([a-z_.]+)\/\d{6,}$/.exec(entry)?.[1];
}

const BLOB = /^(?:(?:packs|manifests)\/[a-z0-9][a-z0-9-]*\/([0-9a-f]{64})|archives\/\d{1,19})$/;

/** What an entry that is a blob must hash to, as far as its key says; undefined: not a blob. */
export function blobOf(entry: string): { sha256: string | undefined } | undefined {
  const match = BLOB.exec(entry);
  return match === null ? undefined : { sha256: match[1] };
}
