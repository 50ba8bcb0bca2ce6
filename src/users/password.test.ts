import { scryptSync } from 'node:crypto';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { Failure } from '../errors/fail.ts';
import { checkNewPassword, hashPassword, isOutdated, verifyPassword } from './password.ts';

/** Of every hash that was computed. */
const costs = vi.hoisted(() => {
  // Other files have loaded what hashes already, without what stands below.
  vi.resetModules();
  return [] as { N: number; r: number; p: number }[];
});
// Here the cost is the server's, not that of tests.
vi.mock('../testing/password_cost.ts', () => import('../users/password_cost.ts'));
vi.mock('node:crypto', async (load) => {
  const real = await load<typeof import('node:crypto')>();
  const scrypt = (...call: Parameters<typeof real.scrypt>) => {
    costs.push(call[3] as (typeof costs)[number]);
    real.scrypt(...call);
  };
  return { ...real, scrypt };
});

// Nor shall other files get what was loaded for this one.
afterAll(() => void vi.resetModules());

const earlier = (password: string) => {
  const salt = Buffer.alloc(16, 3);
  const key = scryptSync(password, salt, 32, { N: 2 ** 16, r: 8, p: 1, maxmem: 128 * 1024 * 1024 });
  return ['scrypt', 2 ** 16, 8, 1, salt.toString('base64url'), key.toString('base64url')].join('$');
};

describe('a password', () => {
  it('is stored so that only it fits, with a cost of twice 64 MiB a guess', async () => {
    const stored = await hashPassword('correct horse');
    expect(stored).toMatch(/^scrypt\$65536\$8\$2\$[\w-]{22}\$[\w-]{43}$/);
    expect(await verifyPassword(stored, 'correct horse')).toBe(true);
    expect(await verifyPassword(stored, 'correct horsf')).toBe(false);
    expect(isOutdated(stored)).toBe(false);
  });

  it('is salted, and the same however its letters are composed', async () => {
    const [one, two] = await Promise.all([hashPassword('Tro\u0308mmel'), hashPassword('Tr\u00f6mmel')]);
    expect(one).not.toBe(two);
    expect(await verifyPassword(one, 'Tr\u00f6mmel')).toBe(true);
  });

  it('stored at an earlier cost still fits, and is known to be outdated', async () => {
    const stored = earlier('correct horse');
    expect(await verifyPassword(stored, 'correct horse')).toBe(true);
    expect(await verifyPassword(stored, 'correct horsf')).toBe(false);
    expect(isOutdated(stored)).toBe(true);
  });

  it('of nobody fits nothing, and takes as much work', async () => {
    const stored = await hashPassword('correct horse');
    const work = async (of: string | null) => {
      costs.length = 0;
      expect(await verifyPassword(of, 'wrong')).toBe(false);
      return costs.reduce((sum, { N, r, p }) => sum + N * r * p, 0);
    };
    const full = 2 ** 16 * 8 * 2;
    expect([await work(stored), await work(earlier('a')), await work(null)]).toEqual([full, full, full]);
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

  it('waits in a queue that ends', async () => {
    const stored = 'scrypt$16$1$1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
    const answers = await Promise.allSettled(Array.from({ length: 300 }, () => verifyPassword(stored, 'a')));
    const refused = answers.filter((answer) => answer.status === 'rejected').map(({ reason }) => reason as Failure);
    expect(refused.length).toBeGreaterThan(150);
    expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(['unavailable']));
    expect(await verifyPassword(stored, 'a')).toBe(false);
  });
});

describe('a new password', () => {
  const check = (password: string) => {
    try {
      checkNewPassword(password, { email: 'tom.sawyer@example.com', field: 'new_password' });
      return 'good';
    } catch (error) {
      return error instanceof Failure ? error.fields : error;
    }
  };
  it.each([
    'stopped clock, tall grass',
    'twelve chars',
    'ä'.repeat(6) + 'bcdefg',
    '🎹🎺🎻🥁🎷🎸🪕🪗🪘🎙🎚🎛',
    'x y'.repeat(66),
  ])('may be of anything: %s', (password) => expect(check(password)).toBe('good'));
  it.each([
    ['', 'is_blank'],
    ['eleven char', 'invalid_format'],
    [`${'x y'.repeat(66)}xyz`, 'invalid_format'],
    ['Password1234', 'invalid_format'],
    ['Tom.Sawyer@example.com', 'invalid_format'],
    ['aaaaaaaaaaaaaaaa', 'invalid_format'],
    ['abababababababab', 'invalid_format'],
    // Six letters with their accents apart: twelve characters only as long as they are counted unread.
    ['o\u0308a\u0308u\u0308e\u0301i\u0301c\u0327', 'invalid_format'],
  ])('is refused: %s', (password, code) => expect(check(password)).toEqual({ new_password: [code] }));
});
