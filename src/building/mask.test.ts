import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMask, maskText } from './mask.ts';

function masked(secrets: string[], pieces: string[]): string {
  const mask = createMask(secrets);
  return Buffer.concat([...pieces.map((piece) => mask.push(Buffer.from(piece))), mask.end()]).toString();
}

describe('a mask', () => {
  it.each([
    ['one piece', ['s3cret'], ['say s3cret twice: s3cret.'], 'say *** twice: ***.'],
    ['cut anywhere', ['s3cret'], ['say s', '3', 'cre', 't!'], 'say ***!'],
    ['a beginning that is none', ['s3cret'], ['s3c', 'ond'], 's3cond'],
    ['a beginning at the end', ['s3cret'], ['s3cre'], 's3cre'],
    ['one that another begins with', ['abc', 'abcdef'], ['abc', 'def abc'], '*** ***'],
    ['two that overlap', ['abcd', 'cdef'], ['xab', 'cd', 'efx'], 'x***x'],
    ['two in a row', ['abc'], ['abca', 'bc'], '******'],
    ['lines of one', ['first line\nsecond line\n'], ['second line; first', ' line'], '***; ***'],
    ['one that is printed without its last line end', ['token\n'], ['[token]'], '[***]'],
    ['none', [''], ['nothing'], 'nothing'],
    ['one of several bytes a letter', ['Schlüssel'], ['der Schlüssel'], 'der ***'],
  ])('covers %s', (_what, secrets, pieces, shown) => {
    expect(masked(secrets, pieces)).toBe(shown);
  });

  it('shows the same however the bytes are cut', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 40 });
    const secret = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(secret, { maxLength: 3 }), fc.array(text, { maxLength: 6 }), (secrets, pieces) => {
        const shown = masked(secrets, pieces);
        expect(shown).toBe(maskText(pieces.join(''), secrets));
        for (const one of secrets) expect(shown.replaceAll('***', '\0')).not.toContain(one);
      }),
    );
  });

  it('shows what cannot be a secret any more at once, and holds no more than a secret', () => {
    const mask = createMask(['aaaa']);
    expect(mask.push(Buffer.from('hello aa')).toString()).toBe('hello ');
    let shown = 0;
    for (let n = 0; n < 1000; n++) shown += mask.push(Buffer.alloc(1000, 'a')).length;
    expect(shown).toBe(3);
    expect(mask.push(Buffer.from('!')).toString()).toBe('!');
  });
});
