import type { Mutant } from './mutants.ts';
import type { Net } from './nets.ts';

const received: Net = { vitest: ['src/webhooks/webhooks.test.ts'] };
const stripe: Net = { vitest: ['src/webhooks/stripe.test.ts'] };
const stripeOrders: Net = { vitest: ['src/webhooks/stripe_orders.test.ts'] };
const shopify: Net = { vitest: ['src/webhooks/shopify.test.ts'] };
const woocommerce: Net = { vitest: ['src/webhooks/woocommerce.test.ts'] };
const fastspring: Net = { vitest: ['src/webhooks/fastspring.test.ts'] };

const verified: Mutant[] = [
  {
    name: 'webhook: any signature of the right length will do',
    file: 'src/webhooks/signatures.ts',
    find: `sent.length === expected.length && timingSafeEqual(sent, expected)`,
    replace: `sent.length === expected.length`,
    net: received,
  },
  {
    name: 'webhook: a signature is good for ever',
    file: 'src/webhooks/signatures.ts',
    find: `const TOLERANCE = 300;`,
    replace: `const TOLERANCE = 300_000_000;`,
    net: received,
  },
  {
    name: 'webhook: the secret that is being replaced is not tried',
    file: 'src/webhooks/receive.ts',
    find: `of known) {`,
    replace: `of known.slice(0, 1)) {`,
    net: received,
  },
  {
    name: 'webhook: one of several organisations whose secret verifies gets it',
    file: 'src/webhooks/receive.ts',
    find: `if (owner === undefined || others.length > 0)`,
    replace: `if (owner === undefined)`,
    net: received,
  },
  {
    name: 'webhook: the organisation in the metadata is not looked at',
    file: 'src/webhooks/receive.ts',
    find: `vendor === 'stripe' ? organisationsIn(post.raw.toString('latin1')) : []`,
    replace: `vendor === 'stripe' ? organisationsIn('') : []`,
    net: received,
  },
  {
    name: 'webhook: the ping of WooCommerce must be signed',
    file: 'src/webhooks/handlers.ts',
    find: `if (!isPing(post.raw)) await`,
    replace: `await`,
    net: woocommerce,
  },
];

const read: Mutant[] = [
  {
    name: 'webhook: WooCommerce’s delivery id alone tells deliveries apart',
    file: 'src/webhooks/woocommerce.ts',
    find: `[nameAt(headers, 'x-wc-webhook-delivery-id') ?? [], bodyHash.slice(0, 16)].flat().join(' ')`,
    replace: `nameAt(headers, 'x-wc-webhook-delivery-id') ?? bodyHash`,
    net: woocommerce,
  },
  {
    name: 'webhook: an order that was cancelled unpaid is a refund',
    file: 'src/webhooks/woocommerce.ts',
    find: `if (state !== 'cancelled') return state === 'refunded';`,
    replace: `if (state !== 'nothing') return state === 'refunded' || state === 'cancelled';`,
    net: woocommerce,
  },
  {
    name: 'webhook: only the first event of a post is read',
    file: 'src/webhooks/fastspring.ts',
    find: `events.find((each) => nameAt(each, 'id') === eventId)`,
    replace: `events.find((each) => eventId !== '' && nameAt(each, 'id') !== null)`,
    net: fastspring,
  },
  {
    name: 'webhook: all currencies have two decimals at Stripe',
    file: 'src/webhooks/money.ts',
    find: `{ ISK: 2, UGX: 2, MGA: 0 }`,
    replace: `{}`,
    net: stripe,
  },
  {
    name: 'webhook: a payment intent’s invoice is looked for by its whole id',
    file: 'src/webhooks/stripe.ts',
    find: `id?.slice(0, 25) ?? null`,
    replace: `id`,
    net: stripeOrders,
  },
  {
    name: 'webhook: a line of an invoice costs what it did before the discount',
    file: 'src/webhooks/stripe_lines.ts',
    find: `...off.map((each) => -each)`,
    replace: `...off.map(() => 0n)`,
    net: stripe,
  },
  {
    name: 'webhook: lines of one Shopify product are one line',
    file: 'src/webhooks/shopify.ts',
    find: `key: keyOf(position, nameAt(item, 'id')),`,
    replace: `key: keyOf(position, nameAt(item, 'product_id')),`,
    net: shopify,
  },
];

const applied: Mutant[] = [
  {
    name: 'webhook: no pieces are a sale',
    file: 'src/webhooks/plan.ts',
    find: `lines.filter(({ quantity }) => quantity > 0)`,
    replace: `lines.filter(({ quantity }) => quantity >= 0)`,
    net: shopify,
  },
  {
    name: 'webhook: a refund that is reported first is forgotten',
    file: 'src/webhooks/plan.ts',
    find: `over: refunds.includes('*') || holding.every(({ key }) => refunds.includes(key)),`,
    replace: `over: false,`,
    net: stripe,
  },
  {
    name: 'webhook: joining two orders undoes the refund of one',
    file: 'src/webhooks/orders.ts',
    find: `  await keepRefunded(tx, deps, { shop, orderId: kept });`,
    replace: `  void keepRefunded;`,
    net: stripeOrders,
  },
  {
    name: 'webhook: money back for a part of what a line cost takes the product away',
    file: 'src/webhooks/refunds.ts',
    find: `given.includes(null) ||`,
    replace: `given.length > 0 ||`,
    net: fastspring,
  },
  {
    name: 'webhook: lines that nobody mapped are lost',
    file: 'src/webhooks/sales.ts',
    find: `for (const line of waiting) await keepLine(tx, order, line);`,
    replace: `void [waiting, keepLine];`,
    net: shopify,
  },
  {
    name: 'webhook: what is left of a line is not looked at',
    file: 'src/webhooks/apply.ts',
    find: `if (change.returned?.length)`,
    replace: `if (change.returned?.length === -1)`,
    net: shopify,
  },
];

/** Faults in whom reports of sales are believed, in how they are read, and in what they come to. */
export const webhooks: Mutant[] = [...verified, ...read, ...applied];
