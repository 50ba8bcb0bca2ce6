import type { IncomingMessage } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { operations } from '../../generated/operations.ts';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { secretPurpose } from '../integrations/rules.ts';
import { holding, skim } from '../http/held.ts';
import { mayBeSigned, type Post, verifiers } from './signatures.ts';
import { ALL_SECRETS, type SealedSecret, SECRETS_OF } from './statements.ts';
import { organisationsIn } from './stripe.ts';
import type { Vendor } from './vendors.ts';
import { isPing } from './woocommerce.ts';

type VerifyDeps = Pick<Deps, 'hot' | 'vault' | 'clock'>;

/** A post that is not read yet. */
export interface Incoming {
  readonly request: IncomingMessage;
  readonly vendor: Vendor;
  /** The organisation in the URL; undefined where there is none. */
  readonly named?: string;
  /** Of the URL, for the vendor that signs nothing. */
  readonly secret?: string | undefined;
}

export interface Verified {
  readonly post: Post;
  readonly organisationId: string;
}

const LARGEST = operations.receiveStripeWebhook.maxBody;

/** Where no organisation is named, the secrets of all are tried, each on the whole body. */
const LARGEST_OF_NOBODY = 256 * 1024;

/** No organisation has it: a post to one that is unknown takes as long as a wrong signature. */
const NOBODYS = 'whsec_nobody';

/**
 * Reads the post. Fails with `unauthorized` unless a secret of exactly one organisation verifies it: the one that is named,
 * where one is. Undefined for a post that reports nothing, and is not signed.
 */
export async function verify(deps: VerifyDeps, incoming: Incoming): Promise<Verified | undefined> {
  const { request, vendor, named, secret } = incoming;
  const { headers } = request;
  if (!mayBeSigned(vendor, headers, deps.clock())) throw fail('unauthorized');
  const pings = (raw: Buffer) => vendor === 'woocommerce' && isPing(raw);
  const known = named === undefined ? undefined : await sealedSecrets(deps, vendor, [named]);
  if (known?.length === 0) {
    const raw = await skim(request, LARGEST);
    if (pings(raw)) return undefined;
    await ownersOf(deps, vendor, { raw, headers, secret }, []);
    throw fail('unauthorized');
  }
  return holding(request, LARGEST, async (raw) => {
    if (pings(raw)) return undefined;
    const post = { raw, headers, secret };
    const candidates = await candidatesFor(deps, incoming, raw, known);
    const [organisationId, ...others] = await ownersOf(deps, vendor, post, candidates);
    if (organisationId === undefined || others.length > 0) throw fail('unauthorized');
    return { post, organisationId };
  });
}

/** The secrets that may have signed it: of the organisation that URL and metadata name, none where they disagree. */
async function candidatesFor(
  deps: VerifyDeps,
  { vendor, named }: Incoming,
  raw: Buffer,
  known: readonly SealedSecret[] | undefined,
): Promise<readonly SealedSecret[]> {
  const claimed = vendor === 'stripe' ? organisationsIn(raw.toString('latin1')) : [];
  if (known) return claimed.every((id) => id === named) ? known : [];
  if (claimed.length > 1) return [];
  if (claimed.length === 0 && raw.length > LARGEST_OF_NOBODY) throw fail('payload_too_large');
  return sealedSecrets(deps, vendor, claimed);
}

/** Of the candidates; of everybody where there are none. */
function sealedSecrets({ hot }: VerifyDeps, vendor: Vendor, candidates: readonly string[]): Promise<SealedSecret[]> {
  return candidates.length === 0 ? hot.query(ALL_SECRETS, [vendor]) : hot.query(SECRETS_OF, [vendor, candidates]);
}

/** The organisations that one of the secrets verifies it for. Others have their turn between two secrets. */
async function ownersOf(
  { vault, clock }: VerifyDeps,
  vendor: Vendor,
  post: Post,
  secrets: readonly SealedSecret[],
): Promise<string[]> {
  const now = clock();
  if (secrets.length === 0) verifiers[vendor](post, NOBODYS, now);
  const owners = new Set<string>();
  for (const [i, { organisation_id, sealed }] of secrets.entries()) {
    if (owners.has(organisation_id)) continue;
    if (i > 0) await turn();
    const secret = vault.open(sealed, secretPurpose(organisation_id, vendor)).toString();
    if (verifiers[vendor](post, secret, now)) owners.add(organisation_id);
  }
  return [...owners];
}
