import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { isAlive, isMapped, openAccounts } from './accounts.ts';

/** In nobody's range, and not in that of builds. */
const OTHER = 2_090_000_000;

/** Something that runs as this user. */
async function start(uid: number) {
  const child = spawn('sleep', ['1000'], { uid, gid: uid, stdio: 'ignore' });
  await once(child, 'spawn');
  return child;
}

it('a container may have fewer user ids than there are', () => {
  const map = '         0       1000          1\n         1     100000      65536\n';
  expect([0, 1, 65_536, 65_537, 2_100_000_000].map((uid) => isMapped(map, uid))).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
  expect(isMapped('         0          0 4294967295\n', 2_100_000_000)).toBe(true);
});

describe.skipIf(process.getuid?.() !== 0)('user ids (skipped unless root)', () => {
  it('belong to one runner at a time', async () => {
    const one = await openAccounts(undefined, 1);
    const two = await openAccounts(undefined, 1);
    expect(two.take()?.uid).toBeGreaterThan(Number(one.take()?.uid));
    for (const accounts of [one, two]) accounts.close();
  });

  it('are none that systemd, Debian or SSSD give away', async () => {
    const accounts = await openAccounts(undefined, 1);
    const uid = Number(accounts.take()?.uid);
    expect(uid).toBeGreaterThan(2_000_200_000);
    expect(uid).toBeLessThan(2_147_352_576);
    accounts.close();
  });

  it('that have a name are refused', async () => {
    await expect(openAccounts(65_534, 1)).rejects.toThrow('belongs to nobody');
    await expect(openAccounts(65_533, 2)).rejects.toThrow('--first-uid');
    // Nothing of those that were fit is kept.
    const again = await openAccounts(65_533, 1);
    expect(again.take()?.uid).toBe(65_533);
    again.close();
  });

  it('of another range, where something runs, are left alone', async () => {
    const child = await start(OTHER);
    const accounts = await openAccounts(OTHER, 1);
    expect(accounts.take()?.uid).toBe(OTHER + 1);
    accounts.close();
    expect(await isAlive(Number(child.pid))).toBe(true);
    child.kill('SIGKILL');
  });

  it('of our own range are rid of what was left there', async () => {
    const before = await openAccounts(undefined, 1);
    const child = await start(Number(before.take()?.uid));
    before.close();
    const ended = once(child, 'exit');
    const after = await openAccounts(undefined, 1);
    expect(await ended).toEqual([null, 'SIGKILL']);
    after.close();
  });
});
