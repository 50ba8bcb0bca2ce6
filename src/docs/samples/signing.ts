/** How the sender of a webhook proves itself: HMAC-SHA256 of the body under the shared secret, in a header. */
export interface Signature {
  readonly header: string;
  readonly encoding: 'hex' | 'base64';
  /** What is before the signature in the header. */
  readonly prefix: string;
  /** Stripe's: `t=` and the time in seconds begin the header, and the time and a dot are signed before the body. */
  readonly timed?: true;
}

export interface Signing {
  readonly signature?: Signature;
  /** Headers that say what the body is. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Optional parameters of the query that hold the secret. */
  readonly query?: readonly string[];
}

const stripe: Signing = {
  signature: { header: 'Stripe-Signature', encoding: 'hex', prefix: ',v1=', timed: true },
};

/** By operationId, what the document says in words only: OpenAPI has no way to describe signatures. */
const signings: Readonly<Record<string, Signing>> = {
  receiveStripeWebhook: stripe,
  receiveOrganisationStripeWebhook: stripe,
  receiveShopifyWebhook: {
    signature: { header: 'X-Shopify-Hmac-Sha256', encoding: 'base64', prefix: '' },
    headers: { 'X-Shopify-Topic': 'orders/paid' },
  },
  receiveWoocommerceWebhook: {
    signature: { header: 'X-WC-Webhook-Signature', encoding: 'base64', prefix: '' },
    headers: { 'X-WC-Webhook-Topic': 'order.updated' },
  },
  receiveFastspringWebhook: { signature: { header: 'X-FS-Signature', encoding: 'base64', prefix: '' } },
  receiveVibracartproWebhook: { query: ['secret'] },
  receiveGithubPush: {
    signature: { header: 'X-Hub-Signature-256', encoding: 'hex', prefix: 'sha256=' },
    headers: { 'X-GitHub-Event': 'push', 'X-GitHub-Delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958' },
  },
};

export function signingOf(operationId: string): Signing {
  const signing = signings[operationId];
  if (!signing) throw new Error(`${operationId} is signed: src/docs/samples/signing.ts must say how`);
  return signing;
}
