import { describe, expect, it } from 'vitest';
import { serialise } from './serialise.ts';

describe('the serialiser', () => {
  it('writes every digit of a 64-bit integer', () => {
    const id = 9223372036854775807n;
    expect(serialise({ response: { id, id_str: String(id) } })).toBe(
      '{"response":{"id":9223372036854775807,"id_str":"9223372036854775807"}}',
    );
  });

  it('leaves out what is undefined, with and without such an integer', () => {
    const body = { a: undefined, b: [1.5, null, 'é\u2028"'], c: { d: true } };
    const text = serialise(body);
    expect(JSON.parse(text)).toEqual({ b: [1.5, null, 'é\u2028"'], c: { d: true } });
    expect(serialise({ ...body, id: 1n })).toBe(`${text.slice(0, -1)},"id":1}`);
  });

  it('does not hide another failure', () => {
    const body = {
      get broken(): never {
        throw new RangeError('broken');
      },
    };
    expect(() => serialise(body)).toThrow(RangeError);
  });
});
