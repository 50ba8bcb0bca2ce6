/** Keys of PostgreSQL advisory locks. Two parts of the program that share a key exclude each other. */
export const LOCKS = {
  /**
   * Shared: whoever needs stored packs to stay (a manifest call, a backup). Exclusive: whoever deletes packs, and only
   * by pg_try_advisory_xact_lock, since everyone who wants it shared would queue behind one that waits for a backup.
   */
  packs: 0x636f6e74,
  /** Exclusive, per session: bringing the schema up to date. */
  migrations: 0x6d696772,
  /** Shared, per session: a process that uses the embedded server. Exclusive: the last one, which stops it. */
  embedded: 0x656d6264,
} as const;
