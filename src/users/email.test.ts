import { describe, expect, it } from 'vitest';
import { mayBeEmailAddress, normaliseEmail } from './email.ts';

describe('an address', () => {
  it.each([
    [' Buyer@Example.COM\n', 'buyer@example.com'],
    ['\u212aate@example.com', 'kate@example.com'],
    ['ida@B\u00fccher.example', 'ida@xn--bcher-kva.example'],
    ['ida@bu\u0308cher.example', 'ida@xn--bcher-kva.example'],
    ['J\u00dcRGEN@example.com', 'j\u00fcrgen@example.com'],
    ['ju\u0308rgen@example.com', 'j\u00fcrgen@example.com'],
    ['\u00fc@a b.example', '\u00fc@a b.example'],
    ['\u00fcber', '\u00fcber'],
    ['', ''],
  ])('%j is one with %j', (typed, normal) => {
    expect(normaliseEmail(typed)).toBe(normal);
    expect(normaliseEmail(normal)).toBe(normal);
  });

  it.each([
    ['a@b', true],
    ['j\u00fcrgen@example.com', true],
    ['a@b@c', false],
    ['a b@c', false],
    ['a@b\r\n', false],
    ['@b', false],
    ['a@', false],
    [`${'a'.repeat(250)}@b.example`, false],
  ])('%j may be one: %s', (address, may) => {
    expect(mayBeEmailAddress(address)).toBe(may);
  });
});
