import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Failure } from '../errors/fail.ts';
import { sweep } from '../tasks/sweep.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { addressBlock } from './address_block.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const rows = () => server.deps.db.selectFrom('throttles').selectAll().execute();
const pass = (taken: Promise<void>) =>
  taken.then(
    () => 'passed',
    (error: unknown) => (error instanceof Failure ? error.code : error),
  );
const takes = (key: string, times: number) =>
  Promise.all(Array.from({ length: times }, () => pass(server.deps.throttles.signInPair.take(key))));
const passed = (answers: unknown[]) => answers.filter((answer) => answer === 'passed').length;

describe('a throttle', () => {
  it('lets a few through, however many come at once, and says when to come back', async () => {
    const answers = await takes('many', 50);
    expect(passed(answers)).toBe(5);
    expect(new Set(answers)).toEqual(new Set(['passed', 'slow_down']));
    const refused = await server.deps.throttles.signInPair.take('many').catch((error: unknown) => error as Failure);
    const seconds = Number(refused?.headers['Retry-After']);
    expect(seconds).toBeGreaterThan(890);
    expect(seconds).toBeLessThanOrEqual(900);
  });

  it('counts each key, and each kind of try, for itself', async () => {
    expect(passed(await takes('one', 6))).toBe(5);
    expect(passed(await takes('other', 1))).toBe(1);
    expect(await pass(server.deps.throttles.signInAccount.take('one'))).toBe('passed');
  });

  it('takes back what was no guess', async () => {
    const { signInPair } = server.deps.throttles;
    await takes('given', 5);
    await signInPair.give('given');
    expect(passed(await takes('given', 2))).toBe(1);
    await signInPair.clear('given');
    expect(passed(await takes('given', 6))).toBe(5);
  });

  it('forgets when its time is over, and the sweeper takes what is left', async () => {
    await takes('aged', 6);
    await server.deps.db.updateTable('throttles').set({ expire: '1' }).execute();
    expect(passed(await takes('aged', 1))).toBe(1);
    await sweep(server.deps);
    expect(await rows()).toHaveLength(1);
  });

  it('keeps no address in the clear', async () => {
    await takes('tom@example.com', 1);
    expect(JSON.stringify(await rows())).not.toContain('tom');
    for (const { key } of await rows()) expect(key).toMatch(/^signInPair:[\w-]{43}$/);
  });
});

describe('an address', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['1:2:3:4:5:6:192.0.2.7', '1:2:3:4::/64'],
    ['', ''],
  ])('%s counts as %s', (address, block) => {
    expect(addressBlock(address)).toBe(block);
  });
});
