import type { Mutant } from './mutants.ts';
import type { Net } from './nets.ts';

const payload: Net = { vitest: ['src/webhooks/payload.test.ts'] };
const sale: Net = { vitest: ['src/webhooks/sale.test.ts'] };
const hostile: Net = { vitest: ['src/webhooks/hostile.test.ts'] };
const vibracartpro: Net = { vitest: ['src/webhooks/vibracartpro.test.ts'] };
const integrations: Net = { vitest: ['src/dashboard/integrations.test.ts'] };
const mail: Net = { vitest: ['src/mail/delivery.test.ts'] };

/** What a vendor may say, and how much of it is believed. */
export const webhookReaders: Mutant[] = [
  {
    name: 'webhook: a body may be nested without end',
    file: 'src/webhooks/receive.ts',
    find: `    requireShallow(text);`,
    replace: ``,
    net: hostile,
  },
  {
    name: 'webhook: a bracket in a text counts as one',
    file: 'src/webhooks/depth.ts',
    find: `if (code === QUOTE) i = endOfText(json, i);`,
    replace: `if (code === QUOTE) void endOfText;`,
    net: payload,
  },
  {
    name: 'webhook: an escaped quote ends a text',
    file: 'src/webhooks/depth.ts',
    find: `(at - before) % 2 === 1`,
    replace: `(at - before) % 2 === 2`,
    net: payload,
  },
  {
    name: 'webhook: a report that says a thing twice is never applied',
    file: 'src/webhooks/payload.ts',
    find: `{ parseNumber: (number) => number, onDuplicateKey: ({ newValue }) => newValue }`,
    replace: `(number) => number`,
    net: hostile,
  },
  {
    name: 'webhook: long names are cut',
    file: 'src/webhooks/payload.ts',
    find: `text === null || text.length <= LONGEST`,
    replace: `text === null || text.length > 0`,
    net: payload,
  },
  {
    name: 'webhook: an address that mail cannot be sent to is a customer’s',
    file: 'src/webhooks/sale.ts',
    find: `hasEmailFormat(email) ? email : null`,
    replace: `hasEmailFormat(email) || email.includes('@') ? email : null`,
    net: hostile,
  },
  {
    name: 'webhook: an address is cut like a title',
    file: 'src/webhooks/payload.ts',
    find: `  const text = found.replaceAll('\\0', '').toWellFormed().trim();`,
    replace: `  const text = found.replaceAll('\\0', '').toWellFormed().trim().slice(0, 200);`,
    net: hostile,
  },
  {
    name: 'webhook: a sale before 1970 is one of then',
    file: 'src/webhooks/sale.ts',
    find: `time.getTime() >= 0`,
    replace: `!Number.isNaN(time.getTime())`,
    net: hostile,
  },
  {
    name: 'webhook: a sum that cannot be counted is an amount',
    file: 'src/webhooks/money.ts',
    find: `Number.isSafeInteger(amount) ? amount : null`,
    replace: `amount`,
    net: sale,
  },
  {
    name: 'webhook: any number of pieces is one',
    file: 'src/webhooks/money.ts',
    find: `Math.abs(quantity) > MOST_PIECES`,
    replace: `quantity === Infinity`,
    net: sale,
  },
  {
    name: 'webhook: an event of Stripe without an id is lost',
    file: 'src/webhooks/stripe.ts',
    find: `  return [{ eventId: nameAt(event, 'id') ?? bodyHash,`,
    replace: `  return nameAt(event, 'id') === null ? [] : [{ eventId: nameAt(event, 'id') ?? bodyHash,`,
    net: hostile,
  },
  {
    name: 'webhook: an event of FastSpring without an id is the first one',
    file: 'src/webhooks/receive.ts',
    find: `bodies[i] ?? raw`,
    replace: `bodies[0] ?? raw`,
    net: hostile,
  },
  {
    name: 'webhook: an item of Vibracart Pro without an id has no name',
    file: 'src/webhooks/vibracartpro.ts',
    find: `names(nameAt(item, 'itemid') ?? named)`,
    replace: `names(nameAt(item, 'itemid'))`,
    net: vibracartpro,
  },
  {
    name: 'webhook: a line without a name is the whole payment',
    file: 'src/webhooks/payload.ts',
    find: '?? `#${position + 1}`',
    replace: `?? (position < 0 ? '#' : '')`,
    net: vibracartpro,
  },
  {
    name: 'webhook: the page leaves out an event to select at Stripe',
    file: 'src/dashboard/integration_page.tsx',
    find: `\${EVENTS.join(', ')}`,
    replace: `\${EVENTS.slice(1).join(', ')}`,
    net: integrations,
  },
  {
    name: 'mail: the log names the reader of a mail that is given up',
    file: 'src/mail/delivery.ts',
    find: `...codesOf(error) }`,
    replace: `err: error, ...codesOf(error) }`,
    net: mail,
  },
];
