import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { DB } from '../generated/database.ts';
import type { ArchiveCache } from './archives/cache.ts';
import type { BlobStore } from './blobs/store.ts';
import type { Config } from './config.ts';
import type { Charts } from './dashboard/charts/pool.ts';
import type { Hot } from './db/hot.ts';
import type { Notices } from './db/listen.ts';
import type { Firehoses } from './firehose/firehoses.ts';
import type { Ids } from './ids/ids.ts';
import type { Mailer } from './mail/mail.ts';
import type { ManifestPool } from './manifests/pool.ts';
import type { Metrics } from './metrics.ts';
import type { Copies } from './reports/copies.ts';
import type { Signer } from './secrets/signing.ts';
import type { Vault } from './secrets/vault.ts';
import type { Throttles } from './throttles/throttles.ts';

/** What the program is wired with; made once in `bin/`, by hand in tests. Nothing reaches for a global. */
export interface Deps {
  readonly config: Config;
  readonly db: Kysely<DB>;
  readonly hot: Hot;
  readonly notices: Notices;
  readonly firehoses: Firehoses;
  readonly blobs: BlobStore;
  readonly archives: ArchiveCache;
  readonly manifests: ManifestPool;
  readonly charts: Charts;
  readonly ids: Ids;
  readonly vault: Vault;
  readonly mailer: Mailer;
  readonly throttles: Throttles;
  readonly copies: Copies;
  readonly signer: Signer;
  readonly clock: () => Date;
  readonly log: Logger;
  readonly metrics: Metrics;
}
