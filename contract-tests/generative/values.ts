import fc, { type Arbitrary } from 'fast-check';
import { type Node, resolve } from '../../src/testing/document.ts';
import { textOf } from './texts.ts';

/** What the values know of; a document that says more must not be read as if it did not. */
const KNOWN = new Set([
  ...['type', 'format', 'enum', 'title', 'description', 'example', 'default'],
  ...['minLength', 'maxLength', 'pattern', 'minimum', 'maximum', 'minItems', 'maxItems', 'items'],
  ...['properties', 'required', 'additionalProperties', 'maxProperties'],
]);
const MANY = 3;

/** Valid values of a schema of the bundle. */
export function valuesOf(reference: unknown): Arbitrary<unknown> {
  const schema = read(reference);
  if (schema.type === 'string') return textOf(schema);
  if (schema.type === 'boolean') return fc.boolean();
  if (schema.type === 'integer') return integers(schema);
  if (schema.type === 'array') return arrays(schema);
  if (schema.type === 'object') return objects(schema);
  throw new Error(`nobody makes up values of the type ${String(schema.type)}`);
}

export function read(reference: unknown): Node {
  const schema = resolve(reference);
  const strange = Object.keys(schema).filter((keyword) => !KNOWN.has(keyword) && !keyword.startsWith('x-'));
  if (strange.length > 0) throw new Error(`the generative tests do not know ${strange.join(', ')}`);
  return schema;
}

function integers({ enum: choice, minimum, maximum }: Node): Arbitrary<number> {
  if (Array.isArray(choice)) return fc.constantFrom(...(choice as number[]));
  return fc.integer({ min: Number(minimum), max: Number(maximum) });
}

function arrays({ items, minItems = 0, maxItems }: Node): Arbitrary<unknown[]> {
  const [minLength, most] = [Number(minItems), Number(maxItems)];
  return fc.array(valuesOf(items), { minLength, maxLength: Math.min(most, Math.max(minLength, MANY)) });
}

function objects(schema: Node): Arbitrary<Record<string, unknown>> {
  const { additionalProperties } = schema;
  if (typeof additionalProperties === 'object') {
    const values = valuesOf(additionalProperties);
    return fc.dictionary(fc.stringMatching(/^[A-Z][A-Z_]{0,8}$/), values, { maxKeys: MANY });
  }
  const fields = propertiesOf(schema).map(([name, one]) => [name, valuesOf(one)] as const);
  return fc.record(Object.fromEntries(fields), { noNullPrototype: true, requiredKeys: requiredOf(schema) });
}

export function propertiesOf({ properties }: Node): [string, unknown][] {
  return Object.entries((properties ?? {}) as Node);
}

export function requiredOf({ required }: Node): string[] {
  return (required ?? []) as string[];
}
