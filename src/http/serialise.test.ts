import { describe, expect, it } from 'vitest';
import { serialise } from './serialise.ts';

describe('the serialiser', () => {
  it('writes every digit of a 64-bit integer on the Platform API', () => {
    const id = 9223372036854775807n;
    expect(serialise({ response: { id, id_str: String(id) } }, 'platform')).toBe(
      '{"response":{"id":9223372036854775807,"id_str":"9223372036854775807"}}',
    );
  });

  it('refuses to send one on the Delivery API, whose ids are strings', () => {
    expect(() => serialise({ id: 1n }, 'delivery')).toThrow(TypeError);
  });

  it('leaves out what is undefined, on both', () => {
    const body = { a: undefined, b: [1.5, null, 'é\u2028"'], c: { d: true } };
    expect(JSON.parse(serialise(body, 'platform'))).toEqual({ b: [1.5, null, 'é\u2028"'], c: { d: true } });
    expect(serialise(body, 'platform')).toBe(serialise(body, 'delivery'));
  });
});
