import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { DB } from '../../generated/database.ts';
import { inTransaction } from '../db/transaction.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { secretPurpose } from '../integrations/rules.ts';
import { listSealedSecrets, storeDelivery } from './queries.ts';
import { readers } from './read.ts';
import { type Post, verifiers } from './signatures.ts';
import { organisationsIn } from './stripe.ts';
import type { Vendor } from './vendors.ts';

type ReceiveDeps = Pick<Deps, 'ids' | 'vault' | 'clock'>;

export const bodyPurpose = (organisationId: string, vendor: Vendor): string => `webhook ${organisationId} ${vendor}`;

/** No organisation has it: a post to one that is unknown takes as long as a wrong signature. */
const NOBODYS = 'whsec_nobody';

/**
 * Keeps what a vendor reports, to be applied by the worker. Fails with `unauthorized` unless a secret of exactly one
 * organisation verifies it: the one that is named, where one is; and with `invalid_json`.
 */
export async function receive(
  db: Kysely<DB>,
  deps: ReceiveDeps,
  vendor: Vendor,
  post: Post,
  named?: string,
): Promise<void> {
  const organisationId = await verify(db, deps, vendor, post, named);
  const hash = createHash('sha256').update(post.raw).digest();
  const reports = readers[vendor].reportsOf(parse(post.raw), post.headers, hash.toString('hex'));
  const sealedBody = deps.vault.seal(post.raw, bodyPurpose(organisationId, vendor));
  const store = (tx: Kysely<DB>, report: (typeof reports)[number]) =>
    storeDelivery(tx, organisationId, vendor, { ...report, id: deps.ids.next(), bodySha256: hash, sealedBody });
  const [only] = reports;
  // One statement needs no transaction around it.
  if (only && reports.length === 1) return store(db, only);
  await inTransaction(db, async (tx) => {
    for (const report of reports) await store(tx, report);
  });
}

/** The organisation whose secret verifies the post. */
async function verify(
  db: Kysely<DB>,
  { vault, clock }: ReceiveDeps,
  vendor: Vendor,
  post: Post,
  named: string | undefined,
): Promise<string> {
  const claimed = vendor === 'stripe' ? organisationsIn(post.raw.toString('latin1')) : [];
  const candidates = [...new Set([...claimed, ...(named === undefined ? [] : [named])])];
  const known =
    candidates.length > 1 ? [] : await listSealedSecrets(db, vendor, candidates.length === 0 ? null : candidates);
  const now = clock();
  if (known.length === 0) verifiers[vendor](post, NOBODYS, now);
  const owners = new Set<string>();
  for (const { organisation_id, sealed } of known) {
    if (owners.has(organisation_id)) continue;
    const secret = vault.open(sealed, secretPurpose(organisation_id, vendor)).toString();
    if (verifiers[vendor](post, secret, now)) owners.add(organisation_id);
  }
  const [owner, ...others] = owners;
  if (owner === undefined || others.length > 0) throw fail('unauthorized');
  return owner;
}

function parse(raw: Buffer): unknown {
  try {
    return JSON.parse(raw.toString());
  } catch (cause) {
    throw fail('invalid_json', { cause });
  }
}
