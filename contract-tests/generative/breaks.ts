import fc, { type Arbitrary } from 'fast-check';
import type { Node } from '../../src/testing/document.ts';
import { wrongTexts } from './texts.ts';
import { propertiesOf, read, requiredOf, valuesOf } from './values.ts';

/** A value with one constraint of its schema broken. */
export interface Break {
  /** Which, and where: `manifest.files.0.size.minimum`. */
  readonly what: string;
  readonly wrong: Arbitrary<unknown>;
}

/** More would be refused for their size in bytes, before anybody counts them. */
const COUNTABLE = 20_000;

/** Every constraint of a schema, broken one at a time. `right`: what the rest is taken from. */
export function breaksOf(reference: unknown, right?: Arbitrary<unknown>): Break[] {
  const schema = read(reference);
  const types = { what: 'type', wrong: fc.constantFrom<unknown>(...ofOtherType(schema)) };
  return [types, ...constraintsOf(schema, right ?? valuesOf(schema))];
}

/** The same for what travels as text: every text is text, numbers can be none. */
export function textBreaksOf(reference: unknown): { what: string; wrong: Arbitrary<string> }[] {
  const schema = read(reference);
  if (schema.type === 'boolean') return [{ what: 'type', wrong: fc.constantFrom('maybe', '2') }];
  if (schema.type === 'integer')
    return [
      { what: 'type', wrong: fc.constantFrom('many', '1.5', '--1') },
      ...wrongNumbers(schema).map(({ what, wrong }) => ({ what, wrong: wrong.map(String) })),
    ];
  return wrongTexts(schema).map(([what, wrong]) => ({ what, wrong }));
}

/** Objects of texts: a form. */
export function formBreaksOf(reference: unknown, right: Arbitrary<Node>): Break[] {
  const schema = read(reference);
  const fields = propertiesOf(schema).flatMap(([name, one]) => within(name, textBreaksOf(one), right));
  return [...fields, ...missing(schema, right)];
}

const TYPES: readonly (readonly [string, unknown])[] = [
  ['string', 'text'],
  ['string', '1'],
  ['integer', 7],
  ['number', 1.5],
  ['boolean', true],
  ['array', []],
  ['object', {}],
  ['null', null],
];

function ofOtherType({ type }: Node): unknown[] {
  return TYPES.filter(([one]) => one !== type).map(([, value]) => value);
}

function constraintsOf(schema: Node, right: Arbitrary<unknown>): Break[] {
  if (schema.type === 'string') return wrongTexts(schema).map(([what, wrong]) => ({ what, wrong }));
  if (schema.type === 'integer') return wrongNumbers(schema);
  if (schema.type === 'array') return wrongArrays(schema);
  return schema.type === 'object' ? wrongObjects(schema, right as Arbitrary<Node>) : [];
}

function wrongNumbers({ enum: choice, minimum, maximum }: Node): Break[] {
  if (Array.isArray(choice)) return [{ what: 'enum', wrong: fc.constant(Number(choice[0]) + 1) }];
  return [
    { what: 'minimum', wrong: fc.constant(Number(minimum) - 1) },
    { what: 'maximum', wrong: fc.constant(Number(maximum) + 1) },
  ];
}

function wrongArrays({ items, minItems = 0, maxItems }: Node): Break[] {
  const inside = breaksOf(items).map(({ what, wrong }) => ({ what: `0.${what}`, wrong: wrong.map((one) => [one]) }));
  const count = Number(maxItems) + 1;
  return [
    ...inside,
    ...(Number(minItems) > 0 ? [{ what: 'minItems', wrong: fc.constant([]) }] : []),
    ...(count <= COUNTABLE
      ? [{ what: 'maxItems', wrong: valuesOf(items).map((one) => new Array(count).fill(one)) }]
      : []),
  ];
}

function wrongObjects(schema: Node, right: Arbitrary<Node>): Break[] {
  const { additionalProperties, maxProperties } = schema;
  const fields = propertiesOf(schema).flatMap(([name, one]) => within(name, breaksOf(one), right));
  const others = typeof additionalProperties === 'object' ? within('KEY', breaksOf(additionalProperties), right) : [];
  const closed = additionalProperties === false ? [{ what: 'unknown field', wrong: fc.constant<unknown>(1) }] : [];
  const count = Number(maxProperties) + 1;
  const many = fc.constant(Object.fromEntries(Array.from({ length: count || 0 }, (_, at) => [`KEY_${at}`, 'x'])));
  return [
    ...fields,
    ...others,
    ...missing(schema, right),
    ...within('nope', closed, right),
    ...(maxProperties === undefined ? [] : [{ what: 'maxProperties', wrong: many }]),
  ];
}

function within(name: string, breaks: readonly Break[], right: Arbitrary<Node>): Break[] {
  return breaks.map(({ what, wrong }) => ({
    what: `${name}.${what}`,
    wrong: fc.tuple(right, wrong).map(([whole, value]) => ({ ...whole, [name]: value })),
  }));
}

function missing(schema: Node, right: Arbitrary<Node>): Break[] {
  return requiredOf(schema).map((name) => ({
    what: `${name}.required`,
    wrong: right.map(({ [name]: _left, ...rest }) => rest),
  }));
}
