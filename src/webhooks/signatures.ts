import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import Stripe from 'stripe';
import { fail } from '../errors/fail.ts';
import type { Vendor } from './vendors.ts';

/** A post as it came. */
export interface Post {
  readonly raw: Buffer;
  readonly headers: IncomingHttpHeaders;
  /** Of the URL, for the vendor that signs nothing. */
  readonly secret?: string | undefined;
}

/** Whether the post was signed with the secret. Fails with `invalid_json` where it was, and is no JSON. */
type Verify = (post: Post, secret: string, now: Date) => boolean;

/** Seconds; Stripe's own default. */
const TOLERANCE = 300;

/**
 * Whether there is a signature that may be right: to be asked before the body is read, and any secret is tried. Only
 * Stripe's tells its time.
 */
export function mayBeSigned(vendor: Vendor, headers: IncomingHttpHeaders, now: Date): boolean {
  if (vendor !== 'stripe') return true;
  const parts = String(headers['stripe-signature'] ?? '').split(',');
  const at = parts.map((part) => /^t=(\d{1,12})$/.exec(part)?.[1]).find((time) => time !== undefined);
  const signed = parts.some((part) => /^v1=[0-9a-f]{64}$/.test(part));
  return signed && at !== undefined && Math.floor(now.getTime() / 1000) - Number(at) <= TOLERANCE;
}

const { webhooks } = new Stripe('sk_never_called');

/** docs.stripe.com/webhooks/signature */
const stripe: Verify = ({ raw, headers }, secret, now) => {
  try {
    webhooks.constructEvent(raw, headers['stripe-signature'] ?? '', secret, TOLERANCE, undefined, now.getTime());
    return true;
  } catch (error) {
    if (error instanceof Stripe.errors.StripeSignatureVerificationError) return false;
    throw fail('invalid_json', { cause: error });
  }
};

/** Base64 of the HMAC-SHA256 of the body, in a header: what Shopify, WooCommerce and FastSpring do alike. */
const hmacIn =
  (header: string): Verify =>
  ({ raw, headers }, secret) => {
    const sent = Buffer.from(String(headers[header] ?? ''), 'base64');
    const expected = createHmac('sha256', secret).update(raw).digest();
    return sent.length === expected.length && timingSafeEqual(sent, expected);
  };

const hashOf = (text: string) => createHash('sha256').update(text).digest();

/** Vibracart Pro calls a URL that nobody else knows. */
const inUrl: Verify = (post, secret) => timingSafeEqual(hashOf(post.secret ?? ''), hashOf(secret));

export const verifiers: Readonly<Record<Vendor, Verify>> = {
  stripe,
  shopify: hmacIn('x-shopify-hmac-sha256'),
  woocommerce: hmacIn('x-wc-webhook-signature'),
  fastspring: hmacIn('x-fs-signature'),
  vibracartpro: inUrl,
};
