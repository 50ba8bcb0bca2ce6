import fc from 'fast-check';
import { expect, it } from 'vitest';
import { elementsOf } from './slices.ts';

const key = fc.constantFrom('a', 'events', '"', '\\', '}');
const value = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom('],', '{"events":[1]}', '\\"', ''));
const list = fc.array(fc.oneof(value, fc.dictionary(key, fc.array(value))));

it('finds what a parser finds, whatever stands around it', () => {
  fc.assert(
    fc.property(
      fc.dictionary(key, value),
      list,
      fc.dictionary(key, value),
      fc.nat(2),
      (before, events, after, space) => {
        const text = JSON.stringify({ ...before, events: undefined, A: events, ...after }, null, space);
        const json = text.replace('"A"', '"event\\u0073"');
        const { events: expected } = JSON.parse(json) as { events: unknown };
        if (Array.isArray(expected)) expect(elementsOf(json, 'events').map((one) => JSON.parse(one) as unknown)).toEqual(expected); // prettier-ignore
      },
    ),
    { numRuns: 500, seed: 7 },
  );
});

it('changes no digit and no blank', () => {
  const json = '{"events":[1],"x":{"events":[2]},"events":[ 1.10 , {"a": 12345678901234567890}],"y":[3]}';
  expect(elementsOf(json, 'events')).toEqual([' 1.10 ', ' {"a": 12345678901234567890}']);
  expect(elementsOf('{"events":[]}', 'events')).toEqual([]);
});
