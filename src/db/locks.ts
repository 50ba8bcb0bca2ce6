/** Keys of PostgreSQL advisory locks. Two parts of the program that share a key exclude each other. */
export const LOCKS = {
  /**
   * Shared: whoever needs stored packs and manifests to stay (an upload, a manifest call: for a transaction; a backup:
   * per session). Exclusive, per session: the sweeper, for one batch at a time, and only by `withExclusive`, which
   * never waits: everyone who wants it shared would queue behind one that waits for a backup.
   */
  packs: 0x636f6e74,
  /** Exclusive, per session: bringing the schema up to date. */
  migrations: 0x6d696772,
  /** Shared, per session: a process that uses the embedded server. Exclusive: the last one, which stops it. */
  embedded: 0x656d6264,
} as const;
