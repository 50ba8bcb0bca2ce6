import fc, { type Arbitrary } from 'fast-check';
import type { Node } from '../../src/testing/document.ts';

/** Longer ones are for the limits, which are broken on purpose. */
const LONG = 60;

const FORMATS: Readonly<Record<string, Arbitrary<string>>> = {
  // As senders write them (RFC 5321 §4.1.2); what else RFC 5322 allows is taken or refused as the server likes.
  email: fc.stringMatching(/^[a-z0-9][a-z0-9_+]{0,20}@[a-z0-9]{1,20}\.example$/),
  date: fc.date({ min: new Date('1970-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }).map(dayOf),
  'date-time': fc
    .date({ min: new Date('1970-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString()),
};

const WRONG_FORMATS: Readonly<Record<string, readonly string[]>> = {
  email: ['nobody', '@example.com', 'a b@example.com', 'a@b@c'],
  date: ['yesterday', '2026-02-30', '2026-1-1', '20260101'],
  'date-time': ['yesterday', '2026-02-30T00:00:00Z', '2026-04-01', '2026-04-01T25:00:00Z'],
};

/**
 * Valid text. Halves of surrogate pairs are no text (RFC 8259 §8.2); U+0000 is refused in all of them, which schemas do
 * not say for each. Both are tested in src/http.
 */
export function textOf(schema: Node): Arbitrary<string> {
  const { pattern, format, minLength = 0, maxLength = LONG } = schema;
  if (Array.isArray(schema.enum)) return fc.constantFrom(...(schema.enum as string[]));
  if (format !== undefined) return known(FORMATS, String(format));
  const [min, max] = [Number(minLength), Number(maxLength)];
  if (pattern === undefined)
    return fc.string({ unit: 'binary', minLength: min, maxLength: Math.max(min, Math.min(max, LONG)) }).filter(isText);
  const fits = (text: string) => isText(text) && lengthOf(text) >= min && lengthOf(text) <= max;
  return fc.stringMatching(new RegExp(String(pattern))).filter(fits);
}

/** One constraint broken at a time, by its name. */
export function wrongTexts(schema: Node): readonly (readonly [string, Arbitrary<string>])[] {
  const { pattern, format, minLength, maxLength } = schema;
  if (Array.isArray(schema.enum)) return [['enum', fc.constantFrom('nope', String(schema.enum[0]).toUpperCase())]];
  const wrong: (readonly [string, Arbitrary<string>])[] = [];
  if (maxLength !== undefined) wrong.push(['maxLength', fc.constant('1'.repeat(Number(maxLength) + 1))]);
  if (Number(minLength ?? 0) > 0) wrong.push(['minLength', fc.constant('1'.repeat(Number(minLength) - 1))]);
  if (pattern !== undefined) wrong.push(['pattern', offPattern(schema)]);
  if (format !== undefined) wrong.push(['format', fc.constantFrom(...known(WRONG_FORMATS, String(format)))]);
  return wrong;
}

const STRANGE = ['\0', '\n', ' ', '!', '/', '@', 'A', 'a', 'é', '\u2603', '\u{1f600}'];

/** A valid text with one character that does not belong, where it matters; spaces alone where only those do. */
function offPattern(schema: Node): Arbitrary<string> {
  const pattern = new RegExp(String(schema.pattern));
  const swapped = fc.tuple(textOf(schema), fc.nat(), fc.constantFrom(...STRANGE)).map(([text, place, strange]) => {
    const characters = [...text];
    characters[place % Math.max(1, characters.length)] = strange;
    return characters.join('');
  });
  const none = !STRANGE.some((strange) => !pattern.test(`a${strange}`));
  return none ? fc.constant('  ') : swapped.filter((text) => text !== '' && !pattern.test(text));
}

function known<T>(table: Readonly<Record<string, T>>, format: string): T {
  const found = table[format];
  if (found === undefined) throw new Error(`nobody makes up texts of the format ${format}`);
  return found;
}

const isText = (text: string): boolean => !/\p{Surrogate}|\0/u.test(text);

/** JSON Schema counts code points. */
const lengthOf = (text: string): number => [...text].length;

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
