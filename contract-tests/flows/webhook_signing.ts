import { spawnSync } from 'node:child_process';
import Stripe from 'stripe';

const { webhooks } = new Stripe('sk_never_called');

const HEADERS: Readonly<Record<string, string | undefined>> = {
  shopify: 'X-Shopify-Hmac-Sha256',
  woocommerce: 'X-WC-Webhook-Signature',
  fastspring: 'X-FS-Signature',
};

/** What a vendor sends beside the bytes: Stripe's by its own package, the others' by openssl, and none by our own code. */
export function signatureOf(vendor: string, body: string, secret: string): Record<string, string> {
  if (vendor === 'stripe') return { 'Stripe-Signature': webhooks.generateTestHeaderString({ payload: body, secret }) };
  const header = HEADERS[vendor];
  return header === undefined ? {} : { [header]: openssl(body, secret) };
}

function openssl(text: string, secret: string): string {
  const { stdout, status } = spawnSync('openssl', ['dgst', '-sha256', '-hmac', secret, '-binary'], { input: text });
  if (status !== 0) throw new Error('openssl is needed');
  return stdout.toString('base64');
}
