import { createHash } from 'node:crypto';
import type { Deps } from '../deps.ts';
import { fail } from '../errors/fail.ts';
import { requireShallow } from './depth.ts';
import { postsOf } from './fastspring.ts';
import { readers } from './read.ts';
import type { NewDelivery } from './statements.ts';
import { storeOf } from './store.ts';
import type { Vendor } from './vendors.ts';
import { type Incoming, type Verified, verify } from './verify.ts';

type ReceiveDeps = Pick<Deps, 'hot' | 'ids' | 'vault' | 'clock'>;

export const bodyPurpose = (organisationId: string, vendor: Vendor): string => `webhook ${organisationId} ${vendor}`;

/** FastSpring names no number; a post of 10 MiB could have millions. */
const MOST_REPORTS = 1000;

/**
 * Keeps what a vendor reports, to be applied by the worker. Fails as `verify` does, with `invalid_json`, and with
 * `invalid_format` where it reports too much at once.
 */
export async function receive(deps: ReceiveDeps, incoming: Incoming): Promise<void> {
  const verified = await verify(deps, incoming);
  if (verified) await storeOf(deps.hot)(deliveriesIn(deps, incoming.vendor, verified));
}

/** Each with what reports it, and no more of the post. */
function deliveriesIn({ ids, vault }: ReceiveDeps, vendor: Vendor, { post, organisationId }: Verified): NewDelivery[] {
  const { raw, headers } = post;
  const bodySha256 = createHash('sha256').update(raw).digest();
  const text = raw.toString();
  const reports = readers[vendor].reportsOf(parse(text), headers, bodySha256.toString('hex'));
  if (reports.length > MOST_REPORTS) throw fail('invalid_format');
  const bodies = reports.length > 1 ? postsOf(text).map((body) => Buffer.from(body)) : [raw];
  const sealed = (body: Buffer) => vault.seal(body, bodyPurpose(organisationId, vendor));
  const common = { organisationId, vendor, bodySha256 };
  return reports.map((report, i) => ({
    ...common,
    ...report,
    id: ids.next(),
    sealedBody: sealed(bodies[i] ?? raw),
  }));
}

/** Takes what `parseExact` takes, at a seventh of the time. */
function parse(text: string): unknown {
  try {
    requireShallow(text);
    return JSON.parse(text);
  } catch (cause) {
    throw fail('invalid_json', { cause });
  }
}
