import fc, { type Arbitrary } from 'fast-check';
import type { Documented, Node } from '../../src/testing/document.ts';
import type { Plan } from '../recipes/plan.ts';
import { breaksOf, formBreaksOf, textBreaksOf } from './breaks.ts';
import { bodyOf } from './right.ts';
import { IGNORED } from './rules.ts';

/** A request that succeeded, with one thing wrong. */
export interface WrongPlan {
  readonly what: string;
  readonly plan: Arbitrary<Plan>;
}

/** Everything that can be wrong with a request of the operation; `right` would succeed. */
export function wrongPlans(operation: Documented, right: Plan): WrongPlan[] {
  return [...wrongParameters(operation, right), ...wrongBodies(operation, right)];
}

const PLACES: Readonly<Record<string, 'params' | 'query' | 'headers'>> = {
  path: 'params',
  query: 'query',
  header: 'headers',
};

function wrongParameters(operation: Documented, right: Plan): WrongPlan[] {
  const wrong = operation.parameters
    .filter(({ name }) => !IGNORED.includes(String(name)))
    .flatMap((parameter) => wrongParameter(parameter, right));
  if (operation.operation['x-query'] !== undefined) return wrong;
  return [
    ...wrong,
    { what: 'query nope: unknown', plan: fc.constant({ ...right, query: { ...right.query, nope: '1' } }) },
  ];
}

function wrongParameter({ name: spelt, in: where, required, schema }: Node, right: Plan): WrongPlan[] {
  const [name, place] = [String(spelt), String(where)];
  const part = PLACES[place];
  if (part === undefined) throw new Error(`nothing is known of parameters in a ${place}`);
  const wrong = textBreaksOf(schema)
    // A path without the part is another path.
    .filter(({ what }) => !(place === 'path' && what === 'minLength'))
    .map(({ what, wrong: values }) => ({
      what: `${place} ${name}: ${what}`,
      plan: (place === 'header' ? values.filter(canBeSent) : values).map((value) => ({
        ...right,
        [part]: { ...right[part], [name]: value },
      })),
    }));
  if (required !== true || place === 'path') return wrong;
  const { [name]: _left, ...others } = right[part] ?? {};
  return [...wrong, { what: `${place} ${name}: required`, plan: fc.constant({ ...right, [part]: others }) }];
}

/** What HTTP can carry, unchanged (RFC 9110 §5.5). */
const canBeSent = (text: string): boolean => /^[\x20-\x7e\x80-\xff]*$/.test(text) && text.trim() === text;

function wrongBodies(operation: Documented, right: Plan): WrongPlan[] {
  const body = bodyOf(operation);
  if (body === undefined) return [];
  const { json, form, body: _bytes, ...rest } = right;
  const typed = { ...right, body: right.body ?? '{}', headers: { ...right.headers, 'Content-Type': 'text/plain' } };
  const wrong = [{ what: 'body: media type', plan: fc.constant<Plan>(typed) }];
  if (body.schema.format === 'binary') return wrong;
  if (form) {
    const forms = formBreaksOf(body.schema, fc.constant(form));
    return [
      ...wrong,
      ...forms.map(({ what, wrong: made }) => ({
        what: `form ${what}`,
        plan: made.map((one) => ({ ...rest, form: one as Record<string, string> })),
      })),
    ];
  }
  const values = breaksOf(body.schema, fc.constant(json ?? {}));
  return [
    ...wrong,
    ...values.map(({ what, wrong: made }) => ({
      what: `body ${what}`,
      plan: made.map((one) => ({ ...rest, body: JSON.stringify(one) })),
    })),
    { what: 'body: not JSON', plan: fc.constant({ ...rest, body: '{' }) },
    ...(body.required ? [{ what: 'body: required', plan: fc.constant<Plan>(rest) }] : []),
  ];
}
