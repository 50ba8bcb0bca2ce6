import { createHash } from 'node:crypto';
import type { Hot } from '../db/hot.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { secretPurpose } from '../integrations/rules.ts';
import { requireShallow } from './depth.ts';
import { readers } from './read.ts';
import { type Post, verifiers } from './signatures.ts';
import { ALL_SECRETS, type SealedSecret, SECRETS_OF } from './statements.ts';
import { storeOf } from './store.ts';
import { organisationsIn } from './stripe.ts';
import type { Vendor } from './vendors.ts';

type ReceiveDeps = Pick<Deps, 'hot' | 'ids' | 'vault' | 'clock'>;

export const bodyPurpose = (organisationId: string, vendor: Vendor): string => `webhook ${organisationId} ${vendor}`;

/** No organisation has it: a post to one that is unknown takes as long as a wrong signature. */
const NOBODYS = 'whsec_nobody';

/**
 * Keeps what a vendor reports, to be applied by the worker. Fails with `unauthorized` unless a secret of exactly one
 * organisation verifies it: the one that is named, where one is; and with `invalid_json`.
 */
export async function receive(deps: ReceiveDeps, vendor: Vendor, post: Post, named?: string): Promise<void> {
  const organisationId = await verify(deps, vendor, post, named);
  const bodySha256 = createHash('sha256').update(post.raw).digest();
  const reports = readers[vendor].reportsOf(parse(post.raw), post.headers, bodySha256.toString('hex'));
  const sealedBody = deps.vault.seal(post.raw, bodyPurpose(organisationId, vendor));
  const common = { organisationId, vendor, bodySha256, sealedBody };
  await storeOf(deps.hot)(reports.map((report) => ({ ...common, ...report, id: deps.ids.next() })));
}

/** The organisation whose secret verifies the post. */
async function verify(
  { hot, vault, clock }: ReceiveDeps,
  vendor: Vendor,
  post: Post,
  named: string | undefined,
): Promise<string> {
  const claimed = vendor === 'stripe' ? organisationsIn(post.raw.toString('latin1')) : [];
  const candidates = [...new Set([...claimed, ...(named === undefined ? [] : [named])])];
  const known = candidates.length > 1 ? [] : await sealedSecrets(hot, vendor, candidates);
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

/** Of the candidates; of everybody where there are none. */
function sealedSecrets(hot: Hot, vendor: Vendor, candidates: readonly string[]): Promise<SealedSecret[]> {
  return candidates.length === 0 ? hot.query(ALL_SECRETS, [vendor]) : hot.query(SECRETS_OF, [vendor, candidates]);
}

function parse(raw: Buffer): unknown {
  try {
    const text = raw.toString();
    requireShallow(text);
    return JSON.parse(text);
  } catch (cause) {
    throw fail('invalid_json', { cause });
  }
}
