import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createVault } from './vault.ts';

const key = Buffer.alloc(32, 1);
const vault = createVault(key);
const plain = Buffer.from('the signing key');

describe('the vault', () => {
  it('gives back what was sealed, also in another process with the same key', () => {
    expect(createVault(Buffer.from(key)).open(vault.seal(plain, 'a'), 'a')).toEqual(plain);
    expect(vault.open(vault.seal(Buffer.alloc(0), 'a'), 'a')).toEqual(Buffer.alloc(0));
  });

  it('shows nothing of it, and never seals it twice alike', () => {
    const [one, two] = [vault.seal(plain, 'a'), vault.seal(plain, 'a')];
    expect(one.includes(plain)).toBe(false);
    expect(one.equals(two)).toBe(false);
  });

  it('opens it for no other purpose and under no other key', () => {
    const sealed = vault.seal(plain, 'a');
    expect(() => vault.open(sealed, 'b')).toThrow();
    expect(() => createVault(Buffer.alloc(32, 2)).open(sealed, 'a')).toThrow();
  });

  it('notices a change of any byte, and a cut', () => {
    const sealed = vault.seal(plain, 'a');
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => vault.open(changed, 'a')).toThrow();
      expect(() => vault.open(sealed.subarray(0, at), 'a')).toThrow();
    }
  });

  it.each([0, 16, 31, 33])('takes no key of %i bytes', (length) => {
    expect(() => createVault(randomBytes(length))).toThrow('32 bytes');
  });
});
