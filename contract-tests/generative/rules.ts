import { CHOICES, GRAMMARS } from '../schemathesis/needs.ts';

interface Rule {
  /** Why no schema of OpenAPI 3.0 can say it. */
  readonly reason: string;
  /** The first word of a field's name. */
  readonly fields: readonly string[];
  /** Any operation, where none is named. */
  readonly operations?: readonly string[];
}

/** What may be refused although its schema allows it. Grammars and choices are those of Schemathesis. */
export const RULES: readonly Rule[] = [
  { reason: 'opaque: those that are valid are those that the server gave', fields: ['cursor'] },
  {
    reason: '`from` is not after `to`, `to` not before today, and `period` stands for both',
    fields: ['from', 'to', 'period'],
  },
  {
    reason: 'in the future, within a day, depends on the clock',
    fields: ['expiresAt'],
    operations: ['generateDownloadUrl'],
  },
  { reason: 'in the past, depends on the clock', fields: ['purchasedAt'], operations: ['createPurchase'] },
  {
    reason: 'an amount and its currency need each other',
    fields: ['amount', 'currency'],
    operations: ['createPurchase'],
  },
  {
    reason: 'given or made here, as the vendor in the path has it',
    fields: ['secret'],
    operations: ['updateIntegration'],
  },
  { reason: 'more than spaces', fields: ['name', 'command'] },
  {
    reason: 'agrees with its hash, and with itself',
    fields: ['productHash', 'product_hash', 'manifest'],
    operations: ['createManifest', 'createArtifact'],
  },
  ...Object.entries(GRAMMARS).map(([operation, fields]) => ({
    reason: 'follows a grammar that takes a parser',
    fields: Object.keys(fields),
    operations: [operation],
  })),
  ...Object.entries(CHOICES).map(([operation, pairs]) => ({
    reason: 'exactly one of the two',
    fields: pairs.flat(),
    operations: [operation],
  })),
];

/** Whether a field whose schema is kept may be refused all the same. */
export function hasRule(operationId: string, field: string): boolean {
  return RULES.some(({ fields, operations }) => fields.includes(field) && operations?.includes(operationId) !== false);
}

/** Headers that are ignored where they make no sense (RFC 9110 §13.1, §14.2); their length is there for who stores them. */
export const IGNORED: readonly string[] = ['If-None-Match', 'If-Range', 'Range'];

/** They stay as the recipes have them: an answer that waits for something to happen cannot be judged. */
export const LASTING: readonly string[] = ['follow', 'wait_seconds'];
