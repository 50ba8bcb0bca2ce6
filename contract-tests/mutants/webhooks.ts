import type { Mutant } from './mutants.ts';
import type { Net } from './nets.ts';

const received: Net = { vitest: ['src/webhooks/webhooks.test.ts'] };
const stripe: Net = { vitest: ['src/webhooks/stripe.test.ts'] };
const stripeOrders: Net = { vitest: ['src/webhooks/stripe_orders.test.ts'] };
const shopify: Net = { vitest: ['src/webhooks/shopify.test.ts'] };
const woocommerce: Net = { vitest: ['src/webhooks/woocommerce.test.ts'] };
const fastspring: Net = { vitest: ['src/webhooks/fastspring.test.ts'] };
const remapping: Net = { vitest: ['src/webhooks/remapping.test.ts'] };
const bundles: Net = { vitest: ['src/webhooks/bundles.test.ts'] };
const merging: Net = { vitest: ['src/webhooks/merging.test.ts'] };

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
    file: 'src/webhooks/verify.ts',
    find: `of secrets.entries()`,
    replace: `of secrets.slice(0, 1).entries()`,
    net: received,
  },
  {
    name: 'webhook: one of several organisations whose secret verifies gets it',
    file: 'src/webhooks/verify.ts',
    find: `if (organisationId === undefined || others.length > 0)`,
    replace: `if (organisationId === undefined)`,
    net: received,
  },
  {
    name: 'webhook: the organisation in the metadata is not looked at',
    file: 'src/webhooks/verify.ts',
    find: `vendor === 'stripe' ? organisationsIn(raw.toString('latin1')) : []`,
    replace: `vendor === 'stripe' ? organisationsIn('') : []`,
    net: received,
  },
  {
    name: 'webhook: the ping of WooCommerce must be signed',
    file: 'src/webhooks/verify.ts',
    find: `vendor === 'woocommerce' && isPing(raw)`,
    replace: `raw.length < 0 && isPing(raw)`,
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
    file: 'src/webhooks/lines.ts',
    find: `lines.filter(({ quantity }) => quantity > 0)`,
    replace: `lines.filter(({ quantity }) => quantity >= 0)`,
    net: shopify,
  },
  {
    name: 'webhook: a refund that is reported first is forgotten',
    file: 'src/webhooks/plan.ts',
    find: `over: holding.every((line) => isReturned(line, refunds)),`,
    replace: `over: false,`,
    net: stripe,
  },
  {
    name: 'webhook: joining two orders undoes the refund of one',
    file: 'src/webhooks/orders.ts',
    find: `  await endReturned(tx, deps, order);`,
    replace: `  void endReturned;`,
    net: stripeOrders,
  },
  {
    name: 'webhook: money back for a part of what a line cost takes the product away',
    file: 'src/webhooks/returned.ts',
    find: `(each.amount === null || each.amount >= (amount ?? 0))`,
    replace: `(each.amount === null || each.amount >= 0)`,
    net: fastspring,
  },
  {
    name: 'webhook: lines that nobody mapped are lost',
    file: 'src/webhooks/sales.ts',
    find: `await keepLines(tx, plans);`,
    replace: `void keepLines;`,
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

const kept: Mutant[] = [
  {
    name: 'line: what was sold is sold again as what its item is mapped to now',
    file: 'src/webhooks/lines.ts',
    find: `if (was?.state === 'settled') continue;`,
    replace: ``,
    net: remapping,
  },
  {
    name: 'line: what had waited for its mapping is sold again as what replaces it',
    file: 'src/webhooks/lines.ts',
    find: `    line.product_ids.every((product) => mapped.includes(product)) &&
`,
    replace: ``,
    net: remapping,
  },
  {
    name: 'line: a bundle that is mapped after its sale is its first product',
    file: 'src/webhooks/lines.ts',
    find: `line.late_for === externalId &&`,
    replace: `line.late_for === '' &&`,
    net: bundles,
  },
  {
    name: 'line: what was sold while it was mapped grows with its bundle',
    file: 'src/webhooks/lines.ts',
    find: `lateFor: isLate(line) ? lateFor(line, meaning) : null`,
    replace: `lateFor: lateFor(line, meaning)`,
    net: bundles,
  },
  {
    name: 'line: what came back grows with its bundle',
    file: 'src/webhooks/lines.ts',
    find: `line.product_ids.some((product) => paid.has(product))`,
    replace: `paid.size >= 0`,
    net: bundles,
  },
  {
    name: 'line: one that came back takes away what another one holds, too',
    file: 'src/webhooks/refunds.ts',
    find: `holding.every(({ line_key, amount })`,
    replace: `holding.some(({ line_key, amount })`,
    net: bundles,
  },
  {
    name: 'line: one that came back before the sale takes away what another one holds, too',
    file: 'src/webhooks/plan.ts',
    find: `over: holding.every((line)`,
    replace: `over: holding.some((line)`,
    net: bundles,
  },
  {
    name: 'line: the address that another report named is forgotten',
    file: 'src/webhooks/plan.ts',
    find: `purchase?.customer_email, ...lines.map(({ customer_email }) => customer_email)]`,
    replace: `purchase?.customer_email]`,
    net: merging,
  },
  {
    name: 'merge: a purchase that was refunded by hand is paid again',
    file: 'src/webhooks/orders.ts',
    find: `twice.filter(({ refunded }) => refunded)`,
    replace: `twice.filter(({ refunded }) => !refunded)`,
    net: merging,
  },
  {
    name: 'merge: what waits in either of two orders goes on waiting',
    file: 'src/webhooks/apply.ts',
    find: `return { ended: await sell(tx, deps, reports), others };`,
    replace: `return { ended: await sell(tx, deps, reports.filter(isSale)), others };`,
    net: merging,
  },
];

/** Faults in whom reports of sales are believed, in how they are read, and in what they come to. */
export const webhooks: Mutant[] = [...verified, ...read, ...applied, ...kept];
