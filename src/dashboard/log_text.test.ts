import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readable, showable } from './log_text.ts';

const shown = (text: string) => readable(Buffer.from(text));

describe('readable', () => {
  it('leaves colours, titles and other commands out', () => {
    expect(shown('\x1b[1;31mred\x1b[0m \x1b[38:5:9mfaint\x1b[K')).toBe('red faint');
    expect(shown('\x1b]0;title\x07a\x1b]8;;https://a.example\x1b\\b\x1b(Bc\x1b7d')).toBe('abcd');
    expect(shown('a\x00\x08\x7fb\tc')).toBe('ab\tc');
  });

  it('ends a line where a terminal would go back to its start', () => {
    expect(shown('10 %\r20 %\r\ndone\r\r\nend')).toBe('10 %\n20 %\ndone\nend');
  });

  it('shows bytes that are no text as such', () => {
    expect(readable(Buffer.from([0x61, 0xff, 0x62]))).toBe('a\ufffdb');
  });
});

describe('showable', () => {
  it.each([
    ['whole text', 'abc', 3],
    ['half an escape', 'ab\x1b[1;3', 2],
    ['a bare escape', 'ab\x1b', 2],
    ['half a title', 'ab\x1b]0;ti', 2],
    ['a title that might end', 'ab\x1b]0;ti\x1b', 2],
    ['the end of a line, perhaps', 'ab\r\r', 2],
    ['no escape after all', `ab\x1b[${'1'.repeat(300)}`, 304],
  ])('%s', (_what, text, expected) => expect(showable(Buffer.from(text))).toBe(expected));

  it.each(['é', '€', '😀'])('waits for the rest of %s', (character) => {
    const bytes = Buffer.from(`a${character}`);
    for (let end = 2; end < bytes.length; end++) expect(showable(bytes.subarray(0, end))).toBe(1);
    expect(showable(bytes)).toBe(bytes.length);
  });

  it('parts of a log come to the same text as the whole', () => {
    const pieces = fc.constantFrom('a', '\n', '\r\n', '\r', 'é', '😀', '\x1b[31m', '\x1b[0m', '\x1b(B');
    fc.assert(
      fc.property(fc.array(pieces), fc.array(fc.nat(12)), (words, cuts) => {
        const whole = Buffer.from(words.join(''));
        let [at, carried, text] = [0, Buffer.alloc(0), ''];
        for (const cut of cuts) {
          const bytes = Buffer.concat([carried, whole.subarray(at, at + cut)]);
          at += cut;
          const end = showable(bytes);
          text += readable(bytes.subarray(0, end));
          carried = bytes.subarray(end);
        }
        text += readable(Buffer.concat([carried, whole.subarray(at)]));
        expect(text).toBe(readable(whole));
      }),
      { numRuns: 1000 },
    );
  });
});
