import { scryptSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hashPassword } from './password.ts';

function matches(password: string, stored: string): boolean {
  const [, N, r, p, salt = '', key = ''] = stored.split('$');
  const options = { N: Number(N), r: Number(r), p: Number(p), maxmem: 256 * 1024 * 1024 };
  return scryptSync(password, Buffer.from(salt, 'base64url'), 32, options).equals(Buffer.from(key, 'base64url'));
}

describe('a password', () => {
  it('is stored so that only it fits, with a cost of 64 MiB a guess', async () => {
    const stored = await hashPassword('correct horse');
    expect(stored).toMatch(/^scrypt\$65536\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
    expect(matches('correct horse', stored)).toBe(true);
    expect(matches('correct horsf', stored)).toBe(false);
  });

  it('is salted, and the same however its letters are composed', async () => {
    const [one, two] = await Promise.all([hashPassword('Tro\u0308mmel'), hashPassword('Tr\u00f6mmel')]);
    expect(one).not.toBe(two);
    expect(matches('Tr\u00f6mmel', one)).toBe(true);
  });

  it('is hashed off the event loop', async () => {
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 1);
    await hashPassword('a');
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
  });
});
